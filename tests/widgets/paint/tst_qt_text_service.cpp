// SPDX-License-Identifier: MIT
// Text through Qt: measuring, eliding, translating, numbers of the locale.
#include "widgets/paint/qt/fonts.h"
#include "widgets/paint/qt/qt_text_service.h"

#include <QLocale>
#include <QTest>
#include <QTranslator>

using namespace depthscope::scene;
using depthscope::paint::qt::QtTextService;

class TestQtTextService : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void widthGrowsWithTextAndSize();
    void monoIsMono();
    void elideFits();
    void numbersFollowTheLocale();
    void translatesThroughQt();
    void lineOfIsOneLine();

private:
    QtTextService m_text;
};

namespace {

class Upper final : public QTranslator {
public:
    [[nodiscard]] QString
    translate(const char* context, const char* source, const char*, int) const override {
        return qstrcmp(context, "instruments") == 0 ? QString::fromUtf8(source).toUpper()
                                                    : QString();
    }

    [[nodiscard]] bool isEmpty() const override { return false; }
};

} // namespace

void TestQtTextService::widthGrowsWithTextAndSize() {
    const TextStyle small{FontFamily::Ui, 11, FontWeight::Regular};
    const TextStyle large{FontFamily::Ui, 22, FontWeight::Regular};
    const float width = m_text.width("tokens left", small);
    QVERIFY(width > 30 && width < 90);
    QCOMPARE(m_text.width("tokens left", small), width); // from the cache
    // Without hinting twice the size is twice as wide.
    QVERIFY(std::abs(m_text.width("tokens left", large) - 2 * width) < 0.1F * width);
    QCOMPARE(m_text.width("", small), 0.0F);
}

void TestQtTextService::monoIsMono() {
    const TextStyle mono{FontFamily::Mono, 13, FontWeight::Regular};
    QCOMPARE(m_text.width("iiii", mono), m_text.width("MMMM", mono));
    const TextStyle ui{FontFamily::Ui, 13, FontWeight::Regular};
    QVERIFY(m_text.width("iiii", ui) < m_text.width("MMMM", ui));
}

void TestQtTextService::elideFits() {
    const TextStyle style;
    const std::string text = "a rather long label";
    QCOMPARE(m_text.elide(text, style, 1000), text);
    const std::string shortened = m_text.elide(text, style, 60);
    QVERIFY(shortened.ends_with("\xE2\x80\xA6"));
    QVERIFY(m_text.width(shortened, style) <= 60);
    QVERIFY(m_text.width(m_text.elide(text, style, -5), style) <=
            m_text.width("\xE2\x80\xA6", style));
}

void TestQtTextService::numbersFollowTheLocale() {
    const QLocale before;
    QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    const std::string german = m_text.number(1234.5, 1);
    QLocale::setDefault(QLocale::c());
    const std::string plain = m_text.number(-0.25, 2);
    QLocale::setDefault(before);
    QCOMPARE(german, std::string("1.234,5"));
    QCOMPARE(plain, std::string("-0.25"));
}

void TestQtTextService::translatesThroughQt() {
    QCOMPARE(m_text.translate("Depth"), std::string("Depth"));
    Upper translator;
    QCoreApplication::installTranslator(&translator);
    const std::string translated = m_text.translate("Depth");
    QCoreApplication::removeTranslator(&translator);
    QCOMPARE(translated, std::string("DEPTH"));
}

void TestQtTextService::lineOfIsOneLine() {
    TextRun run;
    run.text = "a\nb\x01\xEF\xBF\xBF\xFF";
    const QString line = depthscope::paint::qt::lineOf(run);
    QCOMPARE(line.count(QChar(QChar::ReplacementCharacter)), 4);
    QCOMPARE(line.size(), 6);
}

QTEST_MAIN(TestQtTextService)
#include "tst_qt_text_service.moc"
