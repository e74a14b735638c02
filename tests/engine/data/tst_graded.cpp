// SPDX-License-Identifier: MIT
// Graded text: the same on every machine, every byte classed, every exercise solved correctly.
#include "engine/base/hash.h"
#include "engine/data/graded.h"
#include "tests/engine/folder_fixture.h"

#include <QRegularExpression>
#include <QtTest>
#include <algorithm>
#include <set>
#include <sstream>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::data;
using trace::Difficulty;

namespace {

ClassedText generate(std::uint64_t seed, std::uint32_t mask, std::size_t bytes) {
    ClassedText text;
    GradedGenerator(seed, mask).appendTo(text, bytes);
    return text;
}

std::vector<std::string> linesOf(const ClassedText& text) {
    std::vector<std::string> lines;
    std::istringstream in(text.text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// Stretches of one class, in order.
std::vector<std::string> stretches(const ClassedText& text, Difficulty difficulty) {
    std::vector<std::string> found;
    for (const ClassRange& range : text.classes) {
        if (range.number == static_cast<std::uint8_t>(difficulty)) {
            found.push_back(text.text.substr(range.begin, range.end - range.begin));
        }
    }
    return found;
}

QRegularExpressionMatch match(const std::string& line, const char* pattern) {
    return QRegularExpression(QRegularExpression::anchoredPattern(pattern))
        .match(QString::fromStdString(line));
}

} // namespace

class TestGraded : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void storedHash();
    void everyByteHasOneClass();
    void callsDoNotMatter();
    void onlyTheClassesAskedFor();
    void phrasesRepeat();
    void copiesAndReversals();
    void sums();
    void nests();
    void agreements();
    void noise();
    void badMasks();
};

void TestGraded::storedHash() {
    // Of one million bytes: another figure here means that every stored corpus changes.
    const ClassedText text = generate(1, kAllClasses, 1'000'000);
    Fnv fnv;
    fnv.add(text.text);
    for (const ClassRange& range : text.classes) {
        fnv.add(std::uint64_t{range.begin});
        fnv.add(std::uint64_t{range.number});
    }
    QCOMPARE(fnv.value(), std::uint64_t{18031128904825273640U});
    QVERIFY(generate(2, kAllClasses, 1000).text != generate(1, kAllClasses, 1000).text);
    QCOMPARE(SplitMix(1234567).next(), std::uint64_t{6457827717110365317U});
}

void TestGraded::everyByteHasOneClass() {
    const ClassedText text = generate(4, kAllClasses, 100'000);
    std::uint32_t at = 0;
    std::set<int> classes;
    for (const ClassRange& range : text.classes) {
        QCOMPARE(range.begin, at);
        QVERIFY(range.end > range.begin);
        at = range.end;
        classes.insert(range.number);
    }
    QCOMPARE(std::size_t{at}, text.text.size());
    QCOMPARE(classes.size(), trace::kDifficulties);
    QVERIFY(
        std::ranges::all_of(text.text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    QVERIFY(text.text.ends_with('\n'));
    QVERIFY(text.text.size() >= 100'000 && text.text.size() < 100'200);
}

void TestGraded::callsDoNotMatter() {
    const ClassedText whole = generate(9, kAllClasses, 20'000);
    GradedGenerator generator(9, kAllClasses);
    ClassedText pieces;
    while (pieces.text.size() < whole.text.size()) {
        generator.appendTo(pieces, 1);
    }
    QCOMPARE(pieces, whole);
}

void TestGraded::onlyTheClassesAskedFor() {
    for (int number = 0; number < 6; ++number) {
        const auto difficulty = static_cast<Difficulty>(number);
        const ClassedText text = generate(5, classBit(difficulty), 2000);
        for (const ClassRange& range : text.classes) {
            QVERIFY(range.number == number || range.number == static_cast<int>(Difficulty::Frame));
        }
        QVERIFY(!stretches(text, difficulty).empty());
    }
}

void TestGraded::phrasesRepeat() {
    const auto lines = linesOf(generate(6, classBit(Difficulty::Memorised), 50'000));
    const std::set<std::string> different(lines.begin(), lines.end());
    QCOMPARE(different.size(), std::size_t{40});
    std::set<std::string> firstWords;
    for (const std::string& line : different) {
        firstWords.insert(line.substr(0, line.find(' ')));
    }
    QCOMPARE(firstWords.size(), std::size_t{40});
}

void TestGraded::copiesAndReversals() {
    const ClassedText text = generate(7, classBit(Difficulty::Copy), 20'000);
    const auto answers = stretches(text, Difficulty::Copy);
    const auto lines = linesOf(text);
    QCOMPARE(answers.size(), lines.size());
    int reversals = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto found =
            match(lines[i], "(copy|back|She said)(?::)? (.+?)(?: = |, and he said )([a-z ]+)\\.?");
        QVERIFY2(found.hasMatch(), lines[i].c_str());
        QStringList source = found.captured(2).split(' ');
        if (found.captured(1) == "back") {
            std::ranges::reverse(source);
            ++reversals;
        }
        QVERIFY(source.size() >= 2 && source.size() <= 6);
        QCOMPARE(found.captured(3), source.join(' '));
        QCOMPARE(QString::fromStdString(answers[i]), source.join(' '));
    }
    QVERIFY(reversals > 50);
}

void TestGraded::sums() {
    const ClassedText text = generate(8, classBit(Difficulty::Sum), 20'000);
    const auto answers = stretches(text, Difficulty::Sum);
    const auto lines = linesOf(text);
    QCOMPARE(answers.size(), lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto found = match(lines[i], "sum: ([1-9]\\d{0,2})\\+([1-9]\\d{0,2})=(\\d+)");
        QVERIFY2(found.hasMatch(), lines[i].c_str());
        QCOMPARE(found.captured(3).toInt(), found.captured(1).toInt() + found.captured(2).toInt());
        QCOMPARE(QString::fromStdString(answers[i]), found.captured(3));
    }
}

void TestGraded::nests() {
    const ClassedText text = generate(9, classBit(Difficulty::Nested), 20'000);
    const auto answers = stretches(text, Difficulty::Nested);
    const auto lines = linesOf(text);
    QCOMPARE(answers.size(), lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        QVERIFY(lines[i].starts_with("nest: ") && lines[i].ends_with(answers[i]));
        std::string stack;
        for (const char c : lines[i].substr(6)) {
            const std::size_t open = std::string("([{<").find(c);
            const std::size_t close = std::string(")]}>").find(c);
            if (open != std::string::npos) {
                stack += ")]}>"[open];
            } else {
                QVERIFY(close != std::string::npos && !stack.empty() && stack.back() == c);
                stack.pop_back();
            }
        }
        QVERIFY(stack.empty());
        QCOMPARE(answers[i].size() * 2, lines[i].size() - 6);
    }
}

void TestGraded::agreements() {
    const ClassedText text = generate(10, classBit(Difficulty::Agreement), 50'000);
    const auto answers = stretches(text, Difficulty::Agreement);
    const auto lines = linesOf(text);
    QCOMPARE(answers.size(), lines.size());
    int distracted = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto found =
            match(lines[i], "(Today|Yesterday) the "
                            "(?:(?:old|young|tall|quiet|red|small|proud|tired|clever|green|cold|"
                            "kind) )?(\\w+) (.*) (is|are|was|were) \\w+\\.");
        QVERIFY2(found.hasMatch(), lines[i].c_str());
        const bool plural = found.captured(2).endsWith('s');
        const bool past = found.captured(1) == "Yesterday";
        QCOMPARE(found.captured(4),
                 QString(past ? (plural ? "were" : "was") : (plural ? "are" : "is")));
        QCOMPARE(QString::fromStdString(answers[i]), found.captured(4));
        distracted +=
            match(found.captured(3).toStdString(), ".*\\b(?:the )(?:\\w+ )?\\w+[^s](?: \\w+)?")
                        .hasMatch() &&
                    plural
                ? 1
                : 0;
    }
    QVERIFY(distracted > 100);
}

void TestGraded::noise() {
    const ClassedText text = generate(11, classBit(Difficulty::Noise), 20'000);
    const auto answers = stretches(text, Difficulty::Noise);
    std::array<int, 26> letters{};
    int count = 0;
    for (const std::string& answer : answers) {
        for (const char c : answer) {
            if (c != ' ') {
                ++letters[static_cast<std::size_t>(c - 'a')];
                ++count;
            }
        }
    }
    // 26 counts of about count / 26: none is off by more than six standard deviations.
    const double mean = count / 26.0;
    for (const int letter : letters) {
        QVERIFY(std::abs(letter - mean) < 6 * std::sqrt(mean));
    }
}

void TestGraded::badMasks() {
    for (const std::uint32_t mask : {0U, classBit(Difficulty::Frame), 0x80U, 0xffU}) {
        QVERIFY(errorOf(ErrorCode::Usage, [mask] {
                    (void)GradedGenerator(1, mask);
                }).starts_with("graded text: "));
    }
}

QTEST_APPLESS_MAIN(TestGraded)
#include "tst_graded.moc"
