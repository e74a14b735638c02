// SPDX-License-Identifier: MIT
// Token stream files: what is written comes back; what does not fit is refused.
#include "engine/data/token_stream.h"
#include "engine/tokenizers/vocabulary.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::data;
using namespace depthscope::tokenizers;

namespace {

TokenStream sample(std::int32_t vocabulary, std::size_t count, bool classes) {
    TokenStream stream{0x0123456789abcdefU, vocabulary, {}};
    for (std::size_t i = 0; i < count; ++i) {
        stream.tokens.ids.push_back(
            static_cast<std::int32_t>(i * 7919 % static_cast<std::size_t>(vocabulary)));
        if (classes) {
            stream.tokens.classes.push_back(i % 8 == 7 ? trace::kNoClass
                                                       : static_cast<std::uint8_t>(i % 8));
        }
    }
    return stream;
}

} // namespace

class TestTokenStream : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBack_data();
    void comesBack();
    void layout();
    void refused_data();
    void refused();
    void everyTruncationIsRefused();
    void writingFails();
    void otherVocabulary();
};

void TestTokenStream::comesBack_data() {
    QTest::addColumn<int>("vocabulary");
    QTest::addColumn<int>("count");
    QTest::addColumn<bool>("classes");
    QTest::addColumn<int>("bytes");
    QTest::newRow("empty") << 256 << 0 << false << 40;
    QTest::newRow("two bytes an id") << 65536 << 3 << false << 46;
    QTest::newRow("four bytes an id") << 65537 << 3 << false << 52;
    QTest::newRow("classes") << 256 << 9 << true << 67;
    QTest::newRow("more than a block") << 1024 << 600'000 << true << 1'800'040;
}

void TestTokenStream::comesBack() {
    QFETCH(int, vocabulary);
    QFETCH(int, count);
    QFETCH(bool, classes);
    QFETCH(int, bytes);
    const Folder folder;
    const TokenStream stream = sample(vocabulary, static_cast<std::size_t>(count), classes);
    const auto file = folder.path("t.bin");
    writeTokenStream(file, stream);
    QCOMPARE(std::filesystem::file_size(file), static_cast<std::uintmax_t>(bytes));
    QVERIFY(readTokenStream(file) == stream);
    // Written again it replaces the old one and leaves nothing else behind.
    writeTokenStream(file, stream);
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), {}),
             std::ptrdiff_t{1});
}

void TestTokenStream::layout() {
    const Folder folder;
    writeTokenStream(folder.path("t.bin"), {0x0123456789abcdefU, 300, {{1, 258}, {2, 255}}});
    const std::string expected(
        "DSTOKENS\1\0\0\0\x2c\1\0\0\xef\xcd\xab\x89\x67\x45\x23\1\2\0\0\0\0\0\0\0"
        "\2\0\0\0\1\0\0\0\1\0\2\1\2\xff",
        46);
    QCOMPARE(readAll(folder.path("t.bin")), expected);
}

void TestTokenStream::refused_data() {
    QTest::addColumn<int>("at");
    QTest::addColumn<int>("value");
    QTest::addColumn<QString>("expected");
    QTest::newRow("magic") << 0 << int{'X'} << "magic";
    QTest::newRow("version") << 8 << 2 << "version 2";
    QTest::newRow("vocabulary too large") << 15 << 0x7f << "vocabulary size";
    QTest::newRow("vocabulary of four-byte ids") << 14 << 2 << "bytes per id";
    QTest::newRow("count") << 24 << 9 << "count: 9";
    QTest::newRow("huge count") << 31 << 0xff << "count";
    QTest::newRow("bytes per id") << 32 << 4 << "bytes per id";
    QTest::newRow("no classes") << 36 << 0 << "count";
    QTest::newRow("has classes") << 36 << 2 << "has classes";
    QTest::newRow("id") << 41 << 1 << "token 0: the id 256";
    QTest::newRow("class") << 47 << 7 << "token 1: unknown class 7";
}

void TestTokenStream::refused() {
    QFETCH(int, at);
    QFETCH(int, value);
    QFETCH(QString, expected);
    const Folder folder;
    writeTokenStream(folder.path("good.bin"), sample(256, 3, true));
    std::string bytes = readAll(folder.path("good.bin"));
    bytes[static_cast<std::size_t>(at)] = static_cast<char>(value);
    const auto file = folder.write("bad.bin", bytes);
    const std::string message = errorOf(ErrorCode::BadInput, [&] { (void)readTokenStream(file); });
    QVERIFY2(message.starts_with(file.string()), message.c_str());
    QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
}

void TestTokenStream::everyTruncationIsRefused() {
    const Folder folder;
    writeTokenStream(folder.path("good.bin"), sample(256, 5, true));
    const std::string bytes = readAll(folder.path("good.bin"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto file = folder.write("cut.bin", bytes.substr(0, size));
        QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                    (void)readTokenStream(file);
                }).starts_with(file.string()));
    }
    const auto longer = folder.write("longer.bin", bytes + "x");
    QVERIFY(errorOf(ErrorCode::BadInput, [&] { (void)readTokenStream(longer); }).find("count") !=
            std::string::npos);
}

void TestTokenStream::writingFails() {
    const Folder folder;
    const auto nowhere = folder.path("no/such/t.bin");
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                writeTokenStream(nowhere, sample(256, 1, false));
            }).starts_with(nowhere.string()));
    const auto kept = folder.write("t.bin", "old");
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                writeTokenStream(kept, {0, 10, {{3, 10}, {}}});
            }).find("id 10") != std::string::npos);
    QCOMPARE(readAll(kept), std::string("old"));
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), {}),
             std::ptrdiff_t{1});
}

void TestTokenStream::otherVocabulary() {
    const auto tokenizer = makeByteTokenizer();
    checkVocabulary("t.bin", {tokenizer->hash(), 256, {}}, *tokenizer);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                checkVocabulary("t.bin", {tokenizer->hash() + 1, 256, {}}, *tokenizer);
            }).starts_with("t.bin: was created with a different tokenizer"));
}

QTEST_APPLESS_MAIN(TestTokenStream)
#include "tst_token_stream.moc"
