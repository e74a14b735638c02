// SPDX-License-Identifier: MIT
// The byte and the character tokenizer, and which file a model folder's tokenizer comes from.
#include "engine/tokenizers/vocabulary.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;

class TestVocabulary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bytes();
    void characters();
    void unknownCharacter();
    void refused_data();
    void refused();
    void madeFromTexts();
    void folderWithout();
};

void TestVocabulary::bytes() {
    const Folder folder;
    (void)folder.write("vocabulary.json", R"({"type": "bytes"})");
    const auto tokenizer = loadTokenizer(folder.path());
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->size(), 256);
    const std::string text("a\0\xff", 3);
    const std::vector<Piece> pieces = tokenizer->encode(text);
    QCOMPARE(pieces, (std::vector<Piece>{{97, 0, 1}, {0, 1, 2}, {255, 2, 3}}));
    QCOMPARE(tokenizer->decode({97, 0, 255, 256, -1}), text);
    QCOMPARE(tokenizer->hash(), makeByteTokenizer()->hash());
}

void TestVocabulary::characters() {
    const Folder folder;
    (void)folder.write(
        "vocabulary.json",
        "{\"type\": \"characters\", \"characters\": \"b\\na\xc3\xa9\xf0\x9f\x98\x80\"}");
    const auto tokenizer = loadTokenizer(folder.path());
    QCOMPARE(tokenizer->size(), 5);
    const std::string text = "a\xc3\xa9\nb\xf0\x9f\x98\x80";
    QCOMPARE(tokenizer->encode(text),
             (std::vector<Piece>{{2, 0, 1}, {3, 1, 3}, {1, 3, 4}, {0, 4, 5}, {4, 5, 9}}));
    QCOMPARE(tokenizer->decode({2, 3, 1, 0, 4}), text);
    QVERIFY(tokenizer->hash() != makeByteTokenizer()->hash());
}

void TestVocabulary::unknownCharacter() {
    const Folder folder;
    const auto tokenizer =
        loadVocabulary(folder.write("v.json", R"({"type": "characters", "characters": "ab"})"));
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)tokenizer->encode("abc");
            }).starts_with("byte 2 "));
    QVERIFY(errorOf(ErrorCode::BadInput, [&] { (void)tokenizer->encode("a\xff"); })
                .find("byte 1 of the text: not "
                      "UTF-8") == 0);
}

void TestVocabulary::refused_data() {
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("expected");
    QTest::newRow("no type") << "{}"
                             << "type is missing";
    QTest::newRow("other type") << R"({"type": "words"})"
                                << "type is \"words\"";
    QTest::newRow("no characters") << R"({"type": "characters"})"
                                   << "characters is missing";
    QTest::newRow("empty") << R"({"type": "characters", "characters": ""})"
                           << "characters is empty";
    QTest::newRow("twice") << R"({"type": "characters", "characters": "aba"})"
                           << "\"a\" twice";
    QTest::newRow("a list") << R"({"type": "characters", "characters": ["a"]})"
                            << "must be a string";
    QTest::newRow("not JSON") << "characters"
                              << "not valid JSON at byte 1";
}

void TestVocabulary::refused() {
    QFETCH(QString, content);
    QFETCH(QString, expected);
    const Folder folder;
    const auto path = folder.write("vocabulary.json", content.toStdString());
    const std::string message =
        errorOf(ErrorCode::BadInput, [&] { (void)loadTokenizer(folder.path()); });
    QVERIFY2(message.starts_with(path.string()), message.c_str());
    QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
}

void TestVocabulary::madeFromTexts() {
    const Folder folder;
    const std::vector<std::string> texts{"b\"\\\na", "\xc3\xa9"
                                                     "a"};
    const auto tokenizer = loadVocabulary(folder.write("v.json", characterVocabulary(texts)));
    QCOMPARE(tokenizer->decode({0, 1, 2, 3, 4, 5}), std::string("\n\"\\ab\xc3\xa9"));
    QVERIFY(errorOf(ErrorCode::BadInput, [] {
                (void)characterVocabulary(std::vector<std::string>{"ok\x80"});
            }).starts_with("byte 2 "));
}

void TestVocabulary::folderWithout() {
    const Folder folder;
    QVERIFY(!loadTokenizer(folder.path()));
    QVERIFY(!loadTokenizer(folder.path("nowhere")));
}

QTEST_APPLESS_MAIN(TestVocabulary)
#include "tst_vocabulary.moc"
