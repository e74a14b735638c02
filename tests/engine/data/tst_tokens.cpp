// SPDX-License-Identifier: MIT
// Classes of tokens, and files that are encoded piece by piece.
#include "engine/base/random.h"
#include "engine/data/graded.h"
#include "engine/data/tokens.h"
#include "engine/tokenizers/vocabulary.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>
#include <algorithm>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::data;
using namespace depthscope::tokenizers;

namespace {

constexpr std::uint8_t kFrame = static_cast<std::uint8_t>(trace::Difficulty::Frame);
constexpr std::uint8_t kNone = trace::kNoClass;

/// Classes of each byte, '.' for none, 'f' for Frame, digits for the others.
std::vector<ClassRange> rangesOf(const std::string& marks) {
    std::vector<ClassRange> ranges;
    for (std::uint32_t at = 0; at < marks.size(); ++at) {
        if (marks[at] != '.') {
            ranges.push_back(
                {at, at + 1,
                 marks[at] == 'f' ? kFrame : static_cast<std::uint8_t>(marks[at] - '0')});
        }
    }
    return ranges;
}

} // namespace

class TestTokens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classOfAPiece_data();
    void classOfAPiece();
    void againstBruteForce();
    void textWithoutClasses();
    void longFilesAreEncodedAlike();
    void errorNamesTheFile();
    void charactersOfCutUpCharacters();
};

void TestTokens::classOfAPiece_data() {
    QTest::addColumn<QString>("marks");
    QTest::addColumn<int>("expected");
    QTest::newRow("one class") << "222" << 2;
    QTest::newRow("frame before") << "ff2" << 2;
    QTest::newRow("frame after") << "2ff" << 2;
    QTest::newRow("last of two") << "132" << 2;
    QTest::newRow("last of two, then frame") << "13f" << 3;
    QTest::newRow("frame alone") << "fff" << int{kFrame};
    QTest::newRow("frame and nothing") << ".f." << int{kFrame};
    QTest::newRow("nothing") << "..." << int{kNone};
    QTest::newRow("nothing around") << ".0." << 0;
}

void TestTokens::classOfAPiece() {
    QFETCH(QString, marks);
    QFETCH(int, expected);
    // Neighbours of other classes must not leak in.
    const std::string all = "5" + marks.toStdString() + "5";
    const std::vector<Piece> pieces{{0, 0, 1}, {0, 1, 4}, {0, 4, 5}};
    QCOMPARE(classesOf(pieces, rangesOf(all)),
             (std::vector<std::uint8_t>{5, static_cast<std::uint8_t>(expected), 5}));
}

void TestTokens::againstBruteForce() {
    ClassedText text;
    GradedGenerator(12, kAllClasses).appendTo(text, 20'000);
    std::vector<std::uint8_t> byByte(text.text.size(), kNone);
    for (const ClassRange& range : text.classes) {
        std::fill(byByte.begin() + range.begin, byByte.begin() + range.end, range.number);
    }
    SplitMix random(3);
    std::vector<Piece> pieces;
    for (std::uint32_t at = 0; at < text.text.size();) {
        const auto end =
            std::min(static_cast<std::uint32_t>(text.text.size()), at + 1 + random.below(9));
        pieces.push_back({0, at, end});
        at = end;
    }
    const std::vector<std::uint8_t> classes = classesOf(pieces, text.classes);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        std::uint8_t expected = kFrame;
        for (std::uint32_t at = pieces[i].begin; at < pieces[i].end; ++at) {
            expected = byByte[at] == kFrame ? expected : byByte[at];
        }
        QCOMPARE(classes[i], expected);
    }
}

void TestTokens::textWithoutClasses() {
    const Tokens tokens = tokenize(*makeByteTokenizer(), {"ab", {}});
    QCOMPARE(tokens.ids, (std::vector<std::int32_t>{97, 98}));
    QVERIFY(tokens.classes.empty());
}

void TestTokens::longFilesAreEncodedAlike() {
    // Longer than the pieces in which a file is read.
    ClassedText text;
    GradedGenerator(13, kAllClasses).appendTo(text, 2'500'000);
    const Folder folder;
    const auto file = folder.write("long.txt", text.text);
    std::vector<std::unique_ptr<Tokenizer>> tokenizers;
    tokenizers.push_back(makeByteTokenizer());
#ifdef DEPTHSCOPE_TOKENIZERS
    (void)folder.write("tokenizer.json", readAll(fixture("tokenizer.json")));
    tokenizers.push_back(loadTokenizer(folder.path()));
#endif
    for (const auto& tokenizer : tokenizers) {
        QVERIFY(tokenizeFile(*tokenizer, file).ids == tokenize(*tokenizer, {text.text, {}}).ids);
    }
}

void TestTokens::charactersOfCutUpCharacters() {
    const Folder folder;
    const auto bytes = loadVocabulary(folder.write("v.json", R"({"type": "bytes"})"));
    // One character of 1 byte, one of 2 and one of 4; each byte is a token.
    const Tokens tokens = tokenize(*bytes, {"a\xc3\xa9\xf0\x9f\x98\x80", {}});
    QCOMPARE(tokens.ids.size(), std::size_t(7));
    QCOMPARE(charactersPerToken(*bytes, tokens.ids), 3.0 / 7);
    QCOMPARE(charactersPerToken(*bytes, {}), 1.0);
}

void TestTokens::errorNamesTheFile() {
    const Folder folder;
    const auto tokenizer =
        loadVocabulary(folder.write("v.json", R"({"type": "characters", "characters": "ab"})"));
    const auto file = folder.write("text.txt", "abc");
    const std::string message =
        errorOf(ErrorCode::BadInput, [&] { (void)tokenizeFile(*tokenizer, file); });
    QVERIFY2(message.starts_with(file.string()), message.c_str());
}

QTEST_APPLESS_MAIN(TestTokens)
#include "tst_tokens.moc"
