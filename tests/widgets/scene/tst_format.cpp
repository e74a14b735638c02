// SPDX-License-Identifier: MIT
// Figures and pieces as they are shown.
#include "tests/widgets/fake_text_service.h"
#include "widgets/scene/text_service.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace depthscope::scene;

class TestFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void figures_data();
    void figures();
    void signedFigures();
    void pieces_data();
    void pieces();
    void fakeTextServiceElides();

private:
    depthscope::tests::FakeTextService m_text;
};

using Format = std::string (*)(const TextService&, double);
Q_DECLARE_METATYPE(Format)

void TestFormat::figures_data() {
    QTest::addColumn<Format>("format");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("shown");
    const auto row = [](Format format, double value, const char* shown) {
        QTest::newRow(shown) << format << value << QString::fromUtf8(shown);
    };
    row(formatBytes, 0, "0 B");
    row(formatBytes, 96 * 1024.0, "96 KiB");
    row(formatBytes, 1.4 * 1024 * 1024, "1.4 MiB");
    row(formatBytes, 1023.9 * 1024, "1.0 MiB");
    row(formatBytes, -2048, "-2 KiB");
    row(formatBytes, std::numeric_limits<double>::quiet_NaN(), "\xE2\x80\x93");
    row(formatCount, 512, "512");
    row(formatCount, 9999, "9999");
    row(formatCount, 1.84e6, "1.84 M");
    row(formatCount, 999999, "1.00 M");
    row(formatCount, 27.5e9, "27.5 G");
    row(formatPercent, 0.41, "41 %");
    row(formatPercent, 0.07, "7 %");
    row(formatPercent, -0.032, "-3.2 %");
    row(formatPercent, 1, "100 %");
    row(formatMilliseconds, 12.3, "12.3 ms");
    row(formatMilliseconds, 0.42, "0.42 ms");
    row(formatMilliseconds, 999.9, "1.00 s");
    row(formatMilliseconds, 128, "128 ms");
}

void TestFormat::figures() {
    QFETCH(Format, format);
    QFETCH(double, value);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(format(m_text, value)), shown);
}

void TestFormat::signedFigures() {
    QCOMPARE(formatSigned(m_text, 0.02, 2), std::string("+0.02"));
    QCOMPARE(formatSigned(m_text, -41, 0), std::string("-41"));
    QCOMPARE(formatSigned(m_text, -0.001, 2), std::string("0.00"));
    QCOMPARE(formatSigned(m_text, 0.999, 2), std::string("+1.00"));
}

void TestFormat::pieces_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("shown");
    QTest::newRow("nothing") << QByteArray() << QStringLiteral(u"\u2025");
    QTest::newRow("plain") << QByteArray("cat") << "cat";
    QTest::newRow("leading space") << QByteArray(" cat sat ") << QStringLiteral(u"\u00B7cat sat ");
    QTest::newRow("newline, tab") << QByteArray("\n\t") << QStringLiteral(u"\u21B5\u2192");
    QTest::newRow("control") << QByteArray("a\x01\x7F") << QStringLiteral(u"a\uFFFD\uFFFD");
    QTest::newRow("direction override") << QByteArray("\xE2\x80\xAE") << QStringLiteral(u"\uFFFD");
    QTest::newRow("half of a character")
        << QByteArray("\xE4\xB8") << QStringLiteral(u"\uFFFD\uFFFD");
    QTest::newRow("whole character") << QByteArray("\xE4\xB8\xAD") << QStringLiteral(u"\u4E2D");
    QTest::newRow("emoji") << QByteArray("\xF0\x9F\x98\x80") << QStringLiteral(u"\U0001F600");
    QTest::newRow("overlong") << QByteArray("\xC0\xAF") << QStringLiteral(u"\uFFFD\uFFFD");
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80")
                               << QStringLiteral(u"\uFFFD\uFFFD\uFFFD");
    QTest::newRow("too large") << QByteArray("\xF5\x80") << QStringLiteral(u"\uFFFD\uFFFD");
}

void TestFormat::pieces() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(showPiece(bytes.toStdString())), shown);
}

void TestFormat::fakeTextServiceElides() {
    const TextStyle style{FontFamily::Ui, 10, FontWeight::Regular};
    QCOMPARE(m_text.width("a\xC3\xA4", style), 12.0F);
    QCOMPARE(m_text.elide("abcd", style, 24), std::string("abcd"));
    QCOMPARE(m_text.elide("abcde", style, 24), std::string("abc\xE2\x80\xA6"));
    QCOMPARE(m_text.elide("abcde", style, 3), std::string());
}

QTEST_APPLESS_MAIN(TestFormat)
#include "tst_format.moc"
