// SPDX-License-Identifier: MIT
// Corpora: what is trained on, what is kept for validation, and how evenly the sources are mixed.
#include "engine/data/corpus.h"
#include "engine/tokenizers/vocabulary.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>
#include <algorithm>
#include <set>
#include <sstream>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::data;
using namespace depthscope::tokenizers;

namespace {

std::string textOf(const Tokens& tokens) {
    return makeByteTokenizer()->decode(tokens.ids);
}

std::string numberedLines(int first, int last) {
    std::string text;
    for (int i = first; i < last; ++i) {
        text += "Line number " + std::to_string(i) + " of a file\n";
    }
    return text;
}

/// The text without blank lines.
std::string packed(const std::string& text) {
    std::string result;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        result += line.empty() ? "" : line + "\n";
    }
    return result;
}

} // namespace

class TestCorpus : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void gradedOnly();
    void filesOnly();
    void mixedEvenly();
    void partOfAFile();
    void otherLineEnds_data();
    void otherLineEnds();
    void utf16IsRefused();
    void deterministic();
    void charactersPerToken();
    void refused();
};

void TestCorpus::gradedOnly() {
    const Corpus corpus =
        buildCorpus({.gradedBytes = 200'000, .seed = 4, .files = {}}, *makeByteTokenizer());
    const auto near = [](std::size_t size, double wanted) {
        return static_cast<double>(size) > wanted && static_cast<double>(size) < wanted * 1.1;
    };
    QVERIFY(near(corpus.train.ids.size(), 200'000));
    QVERIFY(near(corpus.validation.ids.size(), 20'000));
    QCOMPARE(corpus.train.classes.size(), corpus.train.ids.size());
    QVERIFY(std::ranges::none_of(std::span(corpus.train.classes).first(1000),
                                 [](std::uint8_t c) { return c == trace::kNoClass; }));
    // No noise line of the validation was trained on.
    const std::string trained = textOf(corpus.train);
    std::istringstream in(textOf(corpus.validation));
    for (std::string line; std::getline(in, line);) {
        QVERIFY(!line.starts_with("noise:") || trained.find(line) == std::string::npos);
    }
}

void TestCorpus::filesOnly() {
    const Folder folder;
    const std::string text = numberedLines(0, 2000);
    const Corpus corpus =
        buildCorpus({.files = {folder.write("a.txt", text)}}, *makeByteTokenizer());
    QVERIFY(corpus.train.classes.empty() && corpus.validation.classes.empty());
    const std::string train = packed(textOf(corpus.train));
    const std::string validation = packed(textOf(corpus.validation));
    QVERIFY(train + validation == text);
    const double part = static_cast<double>(validation.size()) / static_cast<double>(text.size());
    QVERIFY(part > 0.095 && part < 0.105);
}

void TestCorpus::mixedEvenly() {
    const Folder folder;
    const CorpusSpec spec{.gradedBytes = 50'000,
                          .files = {folder.write("a.txt", numberedLines(0, 8000)),
                                    folder.write("b.txt", numberedLines(50'000, 52'000))}};
    const Corpus corpus = buildCorpus(spec, *makeByteTokenizer());
    const std::string text = textOf(corpus.train);
    // Every quarter has its share of each source.
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
        const std::size_t begin = text.size() / 4 * quarter;
        const auto classed =
            std::ranges::count_if(std::span(corpus.train.classes).subspan(begin, text.size() / 4),
                                  [](std::uint8_t c) { return c != trace::kNoClass; });
        QVERIFY(std::abs(static_cast<double>(classed) - 12'500) < 2500);
        QVERIFY(text.substr(begin, text.size() / 4).find("number 5") != std::string::npos);
    }
    QCOMPARE(corpus.train.classes.size(), corpus.train.ids.size());
}

void TestCorpus::partOfAFile() {
    const Folder folder;
    const auto file = folder.write("a.txt", numberedLines(0, 2000));
    const Corpus corpus = buildCorpus({.files = {file}, .fileBytes = 10'000}, *makeByteTokenizer());
    const std::size_t size =
        packed(textOf(corpus.train)).size() + packed(textOf(corpus.validation)).size();
    QVERIFY(size >= 10'000 && size < 10'100);
}

/// Nine tenths and one, wherever lines end, and where there are none.
void TestCorpus::otherLineEnds_data() {
    QTest::addColumn<QString>("between");
    for (const char* between : {"\n", "\r", "\r\n", "\u2028", "\u2029", " ", ""}) {
        QTest::addRow("%s", QByteArray(between).toHex().constData()) << QString(between);
    }
}

void TestCorpus::otherLineEnds() {
    QFETCH(QString, between);
    const Folder folder;
    QString text;
    for (int i = 0; i < 3000; ++i) {
        text += QStringLiteral("wörter ünd Zahlen %1").arg(i) + between;
    }
    const auto bytes = makeByteTokenizer();
    const Corpus corpus = buildCorpus({.files = {folder.write("a", text.toStdString())}}, *bytes);
    const auto part = static_cast<double>(corpus.validation.ids.size());
    const auto whole = static_cast<double>(corpus.train.ids.size()) + part;
    QVERIFY(part > 0.09 * whole && part < 0.11 * whole);
    for (const Tokens* tokens : {&corpus.train, &corpus.validation}) {
        const std::string all = textOf(*tokens); // cut between characters, never within one
        QCOMPARE(QString::fromStdString(all).toStdString(), all);
    }
}

void TestCorpus::utf16IsRefused() {
    const Folder folder;
    const QString text = QStringLiteral("A text in two bytes a character.\n").repeated(50);
    const QByteArray units(reinterpret_cast<const char*>(text.utf16()), text.size() * 2);
    for (const char* mark : {"\xff\xfe", ""}) {
        const auto file = folder.write("wide.txt", mark + units.toStdString());
        const std::string message = errorOf(ErrorCode::BadInput, [&] {
            (void)buildCorpus({.files = {file}}, *makeByteTokenizer());
        });
        QVERIFY(message.starts_with(file.string() + ": UTF-16"));
    }
}

void TestCorpus::deterministic() {
    const CorpusSpec spec{.gradedBytes = 20'000, .seed = 8, .files = {}};
    QCOMPARE(buildCorpus(spec, *makeByteTokenizer()).train,
             buildCorpus(spec, *makeByteTokenizer()).train);
}

void TestCorpus::charactersPerToken() {
    const Folder folder;
    const auto characters = loadVocabulary(
        folder.write("v.json", characterVocabulary(std::vector<std::string>{"\xc3\xa9\n"})));
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "\xc3\xa9\xc3\xa9\xc3\xa9\n";
    }
    const Corpus corpus = buildCorpus({.files = {folder.write("a.txt", text)}}, *characters);
    // Every character, of one byte or two, is a token here.
    QCOMPARE(corpus.validationCharactersPerToken, 1.0);
}

void TestCorpus::refused() {
    const Folder folder;
    const auto bytes = makeByteTokenizer();
    const auto message = [&](const CorpusSpec& spec, const Tokenizer& tokenizer, ErrorCode code) {
        return errorOf(code, [&] { (void)buildCorpus(spec, tokenizer); });
    };
    QVERIFY(message({.files = {}}, *bytes, ErrorCode::Usage).starts_with("corpus: "));
    const auto small = folder.write("small.txt", "line");
    QVERIFY(message({.files = {small}}, *bytes, ErrorCode::BadInput).starts_with(small.string()));
    const auto empty = folder.write("empty.txt", "");
    QVERIFY(message({.files = {empty}}, *bytes, ErrorCode::BadInput).starts_with(empty.string()));
    QVERIFY(message({.files = {folder.path("none.txt")}}, *bytes, ErrorCode::BadInput)
                .find("none.txt") != std::string::npos);
    const auto file = folder.write("a.txt", numberedLines(0, 100));
    const auto few =
        loadVocabulary(folder.write("v.json", R"({"type": "characters", "characters": "ab"})"));
    QVERIFY(message({.files = {file}}, *few, ErrorCode::BadInput).starts_with(file.string()));
    QVERIFY(message({.gradedBytes = 100, .files = {}}, *few, ErrorCode::BadInput)
                .starts_with("graded text: "));
}

QTEST_APPLESS_MAIN(TestCorpus)
#include "tst_corpus.moc"
