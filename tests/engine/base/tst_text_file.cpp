// SPDX-License-Identifier: MIT
// Bounded reading of text files, and where they may be cut.
#include "engine/base/text_file.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;

class TestTextFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cuts_data();
    void cuts();
    void piecesMakeTheWhole();
    void lineStarts();
    void changedSize();
    void readsOnlyInside();
};

void TestTextFile::cuts_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("cut");
    QTest::newRow("before the last line end after a letter") << QByteArray("ab\ncd\nef") << 5;
    QTest::newRow("not after a sign") << QByteArray("ab\ncd.\nef") << 2;
    QTest::newRow("before the last space") << QByteArray("ab cd ef") << 5;
    QTest::newRow("nowhere") << QByteArray("12345") << 5;
    QTest::newRow("between characters") << QByteArray("1\xe6\x97") << 1;
    QTest::newRow("after a whole character") << QByteArray("1\xe6\x97\xa5") << 4;
    QTest::newRow("cut-off character alone") << QByteArray("\xe6\x97") << 2;
    QTest::newRow("continuation bytes") << QByteArray("\x80\x80\x80\x80\x80") << 5;
    QTest::newRow("line end first") << QByteArray("\nab") << 3;
}

void TestTextFile::cuts() {
    QFETCH(QByteArray, text);
    QFETCH(int, cut);
    QCOMPARE(textCut(text.toStdString()), static_cast<std::size_t>(cut));
}

void TestTextFile::piecesMakeTheWhole() {
    const Folder folder;
    std::string text;
    for (int i = 0; i < 500; ++i) {
        text += i % 7 == 0 ? "line\n" : "w\xc3\xa9rd ";
    }
    const TextFile file(folder.write("t", text));
    for (const std::size_t size :
         {std::size_t{4}, std::size_t{7}, std::size_t{100}, text.size(), text.size() * 2}) {
        std::string back;
        file.forEachPiece(0, file.size(), size, [&](std::string_view piece) {
            QVERIFY(!piece.empty() && piece.size() <= size);
            back += piece;
        });
        QVERIFY(back == text);
    }
}

void TestTextFile::lineStarts() {
    const Folder folder;
    const TextFile file(folder.write("t", "ab\ncd\n"));
    QCOMPARE(file.partStart(0), std::uint64_t{0});
    QCOMPARE(file.partStart(1), std::uint64_t{3});
    QCOMPARE(file.partStart(3), std::uint64_t{3});
    QCOMPARE(file.partStart(4), std::uint64_t{6});
    QCOMPARE(file.partStart(99), std::uint64_t{6});
    const TextFile old(folder.write("cr", "ab\rcd"));
    QCOMPARE(old.partStart(1), std::uint64_t{3});
    const TextFile one(folder.write("one", "a\u00e4\u00e4\u00e4"));
    QCOMPARE(one.partStart(2), std::uint64_t{3}); // between characters
    QCOMPARE(one.partStart(3), std::uint64_t{3});
}

void TestTextFile::changedSize() {
    const Folder folder;
    const auto path = folder.write("grows.txt", "some text");
    const TextFile file(path);
    (void)folder.write("grows.txt", "some text and more");
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)file.read(0, 4);
            }).find("grows.txt: changed size") != std::string::npos);
    (void)folder.write("grows.txt", "");
    QVERIFY(errorOf(ErrorCode::BadInput, [&] { (void)file.read(0, 4); }).find("changed size") !=
            std::string::npos);
}

void TestTextFile::readsOnlyInside() {
    const Folder folder;
    const TextFile file(folder.write("t", "1234"));
    QCOMPARE(file.read(1, 2), std::string("23"));
    QVERIFY(errorOf(ErrorCode::BadInput, [&] { (void)file.read(3, 2); }).find("ends before") !=
            std::string::npos);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)file.read(UINT64_MAX, 2);
            }).find("ends before") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestTextFile)
#include "tst_text_file.moc"
