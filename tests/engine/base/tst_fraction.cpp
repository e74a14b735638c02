// SPDX-License-Identifier: MIT
// Ratios as people type them, and what they are worth in tokens.
#include "engine/base/error.h"
#include "engine/base/fraction.h"

#include <QTest>
#include <random>

using namespace depthscope;

class TestFraction : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void countsTokensExactly_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("count");
        QTest::addColumn<qint64>("kept");
        const auto row = [](const char* text, qint64 count, qint64 kept) {
            QTest::addRow("%s of %lld", text, count) << QByteArray(text) << count << kept;
        };
        row("2/3", 256, 170);
        row("0.67", 256, 171);
        row("0.6666666666666666", 256, 170);
        row("0.6666666666666667", 256, 170);
        row("0.66666667", 256, 170);
        row("1/3", 3, 1);
        row("2/3", 3, 2);
        row("0.1", 10, 1);
        row("0.29", 100, 29); // 0.29 * 100 is 28.999999999999996 in doubles
        row("29 %", 100, 29);
        row("1", 256, 256);
        row("0", 256, 0);
        row("2/3", 2'147'483'646, 1'431'655'764);
        row("0.99999999", 2'147'483'647, 2'147'483'625);
    }

    void countsTokensExactly() {
        QFETCH(QByteArray, text);
        QFETCH(qint64, count);
        QFETCH(qint64, kept);
        QCOMPARE(qint64(parseFraction(text.toStdString(), "capacity").of(count)), kept);
    }

    void readsAsTheNamedFraction_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("numerator");
        QTest::addColumn<qint64>("denominator");
        const auto row = [](const char* text, qint64 n, qint64 d) {
            QTest::newRow(text) << QByteArray(text) << n << d;
        };
        row("0.6666666666666666", 2, 3);
        row("0.3333333333333333", 1, 3);
        row("0.8333333333333334", 5, 6);
        row("1.3333333333333333", 4, 3);
        row("0.67", 67, 100);
        row("67%", 67, 100);
        row("67 %", 67, 100);
        row("12.5 %", 1, 8);
        row("33.3333333333 %", 1, 3);
        row("12.12345678 %", 15'154'321, 125'000'000); // 0.121234568, rounded to nine digits
        row(" 4 / 6 ", 2, 3);
        row("0/7", 0, 1);
        row(".5", 1, 2);
        row("1.", 1, 1);
        row("0.0000", 0, 1);
        row("999999999/1", 999'999'999, 1);
        row("1/999999999", 1, 999'999'999);
    }

    void readsAsTheNamedFraction() {
        QFETCH(QByteArray, text);
        QFETCH(qint64, numerator);
        QFETCH(qint64, denominator);
        const Fraction fraction = parseFraction(text.toStdString(), "capacity");
        QCOMPARE(qint64(fraction.numerator), numerator);
        QCOMPARE(qint64(fraction.denominator), denominator);
    }

    void rejectsWhatIsNoRatio_data() {
        QTest::addColumn<QByteArray>("text");
        const QByteArray texts[] = {"",
                                    " ",
                                    "-1",
                                    "+1",
                                    "1/0",
                                    "0/0",
                                    "1/",
                                    "/2",
                                    "1/2/3",
                                    "abc",
                                    "0x10",
                                    "1e3",
                                    "nan",
                                    "inf",
                                    ".",
                                    "%",
                                    "1,5",
                                    "1..2",
                                    "0.5.5",
                                    "1 2",
                                    "0.-5",
                                    "1/-2",
                                    "1.5/2",
                                    "½",
                                    "１",
                                    "0.5 a",
                                    "1000000000",
                                    "1/1000000000",
                                    "1000000000.5",
                                    "99999999999999999999999",
                                    "1%%",
                                    "\t1",
                                    QByteArray("1\0", 2),
                                    QByteArray("\xff", 1),
                                    QByteArray(100'000, '9')};
        for (const QByteArray& text : texts) {
            QTest::addRow("\"%s\"", text.left(30).toPercentEncoding().constData()) << text;
        }
    }

    void rejectsWhatIsNoRatio() {
        QFETCH(QByteArray, text);
        try {
            const Fraction fraction = parseFraction(text.toStdString(), "capacity of recursion 2");
            QFAIL(toString(fraction).c_str());
        } catch (const Error& error) {
            QCOMPARE(static_cast<int>(error.code()), static_cast<int>(ErrorCode::BadInput));
            QVERIFY(error.message().starts_with("capacity of recursion 2"));
            QVERIFY(!error.hint().empty());
        }
    }

    void randomTextsAreRatiosThatCanBeComparedOrRejected() {
        std::mt19937 random(1);
        constexpr std::string_view kLetters = "0123456789999./% -e";
        int ratios = 0;
        for (int i = 0; i < 20'000; ++i) {
            std::string text;
            for (auto length = random() % 24; length > 0; --length) {
                text += kLetters[random() % kLetters.size()];
            }
            try {
                const Fraction fraction = parseFraction(text, "x");
                ++ratios;
                QVERIFY2(fraction.numerator >= 0 && fraction.denominator > 0, text.c_str());
                if (!(Fraction{1, 1} < fraction)) {
                    // Capacities are compared with each other: products must stay in 64 bits.
                    QVERIFY2(fraction.denominator <= 1'000'000'000, text.c_str());
                }
            } catch (const Error& error) {
                QCOMPARE(static_cast<int>(error.code()), static_cast<int>(ErrorCode::BadInput));
            }
        }
        QVERIFY(ratios > 100);
    }

    void textComesBack_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char* text, const char* shown) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(shown);
        };
        row("2/3", "2/3");
        row("0.67", "0.67");
        row("1", "1");
        row("0", "0");
        row("0.5", "1/2");
        row("0.05", "0.05");
        row("0.001", "0.001");
        row("7/11", "7/11");
        row("5/13", "5/13");
        row("1.25", "5/4");
        row("1.01", "1.01");
    }

    void textComesBack() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, shown);
        const Fraction fraction = parseFraction(text.toStdString(), "x");
        QCOMPARE(QByteArray::fromStdString(toString(fraction)), shown);
        const Fraction back = parseFraction(toString(fraction), "x");
        QVERIFY(back == fraction);
        QCOMPARE(back.denominator, fraction.denominator);
    }

    void slidersGivePerMille() {
        QCOMPARE(toString(nearestPerMille(0.5)), std::string("1/2"));
        QCOMPARE(toString(nearestPerMille(0.667)), std::string("0.667"));
        QCOMPARE(nearestPerMille(0.0).denominator, std::int64_t{1});
        QCOMPARE(nearestPerMille(0.0004).numerator, std::int64_t{0});
    }

    void equalAndOrderedByValue() {
        QVERIFY((Fraction{1, 2} == Fraction{2, 4}));
        QVERIFY((Fraction{1, 3} < Fraction{2, 5}));
        QVERIFY(!(Fraction{1, 2} < Fraction{2, 4}));
    }
};

QTEST_APPLESS_MAIN(TestFraction)
#include "tst_fraction.moc"
