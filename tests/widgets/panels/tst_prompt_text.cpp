// SPDX-License-Identifier: MIT
// The prompt's edit keeps every byte: shown, read back, undone, copied and pasted. What a layout
// cannot bear is folded and comes back whole.
#include "widgets/panels/prompt_edit.h"
#include "widgets/panels/prompt_text.h"

#include <QApplication>
#include <QClipboard>
#include <QMimeData>
#include <QTextCursor>
#include <QTextDocument>
#include <QtTest>
#include <random>

using namespace depthscope::panels;

namespace {

std::string everyCharacter() {
    std::string text;
    for (char32_t code = 1; code < 0x10000; code += code < 0x3000 ? 1 : 97) {
        if (!QChar::isSurrogate(code)) {
            text += QString::fromUcs4(&code, 1).toStdString();
        }
    }
    for (const char32_t code : {0xFDD0, 0xFDD1, 0xFEFF, 0xFFFC, 0xFFFF, 0x1F600, 0x10FFFF}) {
        text += "x" + QString::fromUcs4(&code, 1).toStdString() + "\n";
    }
    return text;
}

} // namespace

class TestPromptText : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void keepsBytes_data() {
        QTest::addColumn<QByteArray>("bytes");
        QByteArray all;
        for (int byte = 0; byte < 256; ++byte) {
            all += static_cast<char>(byte);
        }
        std::mt19937 random(7);
        QByteArray noise;
        for (int i = 0; i < 20000; ++i) {
            noise += static_cast<char>(random());
        }
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no-break") << QByteArray("10\u00a0km\u202f: prix");
        QTest::newRow("separators") << QByteArray("a\u2028b\u2029c\ufdd0d\ufdd1e");
        QTest::newRow("CR") << QByteArray("a\rb\r\nc\n\n\rd\n");
        QTest::newRow("mark") << QByteArray("\ufeffa\ufeffb");
        QTest::newRow("surrogates in UTF-8") << QByteArray("\xed\xb0\x80 \xed\xbc\x80");
        QTest::newRow("private use") << QByteArray("\ue000\uf8ff");
        QTest::newRow("cut off") << QByteArray("\xe2\x82");
        QTest::newRow("bytes") << all;
        QTest::newRow("noise") << noise;
        QTest::newRow("characters") << QByteArray::fromStdString(everyCharacter());
        QTest::newRow("long run") << QByteArray(300'000, 'x');
        QTest::newRow("long runs") << QByteArray("y").repeated(3000).append(' ').repeated(50);
        QTest::newRow("many lines") << QByteArray("x\n").repeated(100'000);
        QTest::newRow("long line") << QByteArray("word ").repeated(100'000);
        QTest::newRow("long run of characters") << QByteArray("\u4eca").repeated(100'000);
    }

    void keepsBytes() {
        QFETCH(QByteArray, bytes);
        const std::string expected = bytes.toStdString();
        PromptEdit edit;
        edit.showBytes("before");
        edit.showBytes(expected);
        QVERIFY(edit.bytes() == expected);
        edit.undo();
        QCOMPARE(edit.bytes(), std::string("before"));
        edit.redo();
        QVERIFY(edit.bytes() == expected);
        // Copied, pasted behind itself.
        edit.selectAll();
        edit.copy();
        edit.moveCursor(QTextCursor::End);
        edit.paste();
        const std::string twice = expected + expected;
        QVERIFY(edit.bytes() == twice.substr(0, edit.bytes().size()));
        QVERIFY(edit.bytes().size() >= std::min(twice.size(), PromptEdit::kMostBytes - 4));
    }

    void foldsWhatALayoutCannotBear() {
        PromptText text;
        const QString shown = text.shown(std::string(1'000'000, 'x'));
        QVERIFY(shown.size() < 2000);
        const qsizetype mark = shown.size() - 1;
        QVERIFY(text.meaning(shown, mark).contains(QStringLiteral("not displayed")));
        QCOMPARE(text.bytes(shown).size(), std::size_t{1'000'000});
        QVERIFY(text.shown(std::string(1'000'000, 'x')) == shown); // the same mark again
    }

    /// More runs than there are marks: the last mark takes the rest, and what is typed stays.
    void manyFolds() {
        std::string text;
        for (int i = 0; i < 700; ++i) {
            text += std::to_string(i) + std::string(2000, 'x') + "\n";
        }
        PromptEdit edit;
        edit.showBytes(text);
        QVERIFY(edit.bytes() == text);
        QTest::keyClicks(&edit, QStringLiteral("ab"));
        QVERIFY(edit.bytes() == "ab" + text || edit.bytes() == text + "ab");
        edit.showBytes(text); // with marks of its own
        QVERIFY(edit.bytes() == text);
        edit.showBytes("\ue000 private use");
        QCOMPARE(edit.bytes(), std::string("\ue000 private use"));
    }

    void namesItsMarks_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("meaning");
        QTest::newRow("plain") << QByteArray("a") << QString();
        QTest::newRow("emoji") << QByteArray("\U0001f600") << QString();
        QTest::newRow("byte") << QByteArray("\xe9") << QStringLiteral("byte E9, not valid UTF-8");
        QTest::newRow("CR") << QByteArray("\r") << QStringLiteral("carriage return");
        QTest::newRow("mark") << QByteArray("\ufeff") << QStringLiteral("U+FEFF byte order mark");
        QTest::newRow("space") << QByteArray("\u00a0") << QStringLiteral("U+00A0 no-break space");
    }

    void namesItsMarks() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, meaning);
        PromptText text;
        const QString shown = text.shown(bytes.toStdString());
        QCOMPARE(text.meaning(shown, shown.size() - 1), meaning);
    }

    void cutsBetweenCharacters() {
        QCOMPARE(firstBytes("a\u00e4b", 2), std::string_view("a"));
        QCOMPARE(firstBytes("a\u00e4b", 3), std::string_view("a\u00e4"));
        QCOMPARE(firstBytes("ab", 5), std::string_view("ab"));
    }

    void pastesOtherProgramsBytes() {
        PromptEdit edit;
        auto* pasted = new QMimeData;
        pasted->setText(QStringLiteral("\ufeffa\u2029b"));
        QApplication::clipboard()->setMimeData(pasted);
        edit.paste();
        QCOMPARE(edit.bytes(), std::string("\ufeffa\u2029b"));
    }
};

QTEST_MAIN(TestPromptText)
#include "tst_prompt_text.moc"
