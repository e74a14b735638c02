// SPDX-License-Identifier: MIT
// What the whole window says of a file that is not what its ending promises, and what lies over its
// panels without covering a control: notices, and the dialog of many texts.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/many_dialog.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/welcome.h"

#include <QAbstractButton>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

using namespace depthscope;
using panels::PanelDock;

namespace {

constexpr const char* kText = "The cat sat on the mat, and the dog was asleep by the old stove.";
const QByteArray kPng("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10", 24);

struct WindowFixture : test::LabFixture {
    explicit WindowFixture(QSize size = {1280, 720}) {
        window.resize(size);
        window.resetLayout();
        window.show();
        openExpert(kText);
        QTest::qWait(50);
    }

    QString write(const char* name, const QByteArray& content) {
        const QString path = root.filePath(QString::fromLatin1(name));
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(content) == content.size() ? path
                                                                                        : QString();
    }

    [[nodiscard]] PanelDock* dock(const char* id) const {
        return window.findChild<PanelDock*>(QStringLiteral("dock.") + QLatin1String(id));
    }

    [[nodiscard]] QRect areaOf(const QWidget& widget) const {
        return {widget.mapTo(&window, QPoint()), widget.size()};
    }

    paint::qt::QtTextService text;
    panels::MainWindow window{lab, text, {false, panels::ThemeChoice::Light, false}};
};

bool isControl(const QWidget& widget) {
    return qobject_cast<const QAbstractButton*>(&widget) ||
           qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QComboBox*>(&widget) ||
           qobject_cast<const QAbstractSpinBox*>(&widget) ||
           qobject_cast<const QAbstractSlider*>(&widget);
}

} // namespace

class TestWindowOpen : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void foreignContentIsRefused_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("hint");
        const QByteArray weights = QByteArray("\x02\0\0\0\0\0\0\0{}", 10);
        QTest::newRow("picture as weights") << "x.safetensors" << kPng << "Its content: PNG image"
                                            << "rename it to end in .png";
        QTest::newRow("text as weights")
            << "y.safetensors" << QByteArray("some text") << "Its content: text"
            << ".txt";
        QTest::newRow("weights alone") << "z.safetensors" << weights << "no config.json"
                                       << "model folder";
        QTest::newRow("picture as text") << "a.txt" << kPng << "Its content: PNG image"
                                         << ".png";
        QTest::newRow("picture as JSON") << "b.json" << kPng << "Its content: PNG image"
                                         << ".png";
        QTest::newRow("weights as text") << "c.txt" << weights << "weights of a model"
                                         << "Open model folder";
        QTest::newRow("PDF as text") << "d.txt" << QByteArray("%PDF-1.4\n") << "PDF"
                                     << ".pdf";
        QTest::newRow("bytes as text") << "e.txt" << QByteArray("\1\0\2\0", 4) << "binary data"
                                       << "Choose a text";
        QTest::newRow("UTF-16") << "f.txt"
                                << QByteArray("\xff\xfe"
                                              "a\0b\0",
                                              6)
                                << "UTF-16"
                                << "UTF-8";
    }

    void foreignContentIsRefused() {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(QString, what);
        QFETCH(QString, hint);
        WindowFixture fixture;
        fixture.window.openPath(fixture.write(name.toLatin1().constData(), content));
        QVERIFY(fixture.window.banner().isVisible());
        QString said;
        for (const QLabel* label : fixture.window.banner().findChildren<QLabel*>()) {
            said += label->text() + QLatin1Char('\n');
        }
        said.remove(QChar(0x200b)); // where its lines may be broken
        for (const QString& part : {name, what, hint}) {
            QVERIFY2(said.contains(part), qPrintable(said));
        }
        QCOMPARE(fixture.lab.prompt().text, std::string(kText));
    }

    void weightsOpenTheirModel() {
        WindowFixture fixture;
        fixture.window.openPath(fixture.write("models/demo-vanilla/model.safetensors",
                                              QByteArray("\x02\0\0\0\0\0\0\0{}", 10)));
        QTRY_COMPARE(fixture.lab.model()->name, std::string("demo-vanilla"));
    }

    void textsStayTexts() {
        WindowFixture fixture;
        fixture.window.openPath(fixture.write("g.json", "{\"a\": 1}"));
        QCOMPARE(fixture.lab.prompt().text, std::string("{\"a\": 1}"));
        fixture.window.openPath(fixture.write("h.txt", "caf\xe9"));
        QCOMPARE(fixture.lab.prompt().text, std::string("caf\xe9"));
        QVERIFY(!fixture.window.banner().isVisible());
    }

    void noticesCoverNoControl_data() {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("video");
        QTest::newRow("1280x720") << QSize(1280, 720) << false;
        QTest::newRow("1500x950") << QSize(1500, 950) << false;
        QTest::newRow("video") << QSize(1280, 720) << true;
    }

    void noticesCoverNoControl() {
        QFETCH(QSize, size);
        QFETCH(bool, video);
        WindowFixture fixture(size);
        fixture.window.findChild<QAction*>(QStringLiteral("help.welcome"))->trigger();
        const lab::Example example{
            QStringLiteral("x"),
            QStringLiteral("A title"),
            QStringLiteral("Move the capacity of recursion 2 and watch which words leave early. "
                           "Then choose a word in DEPTH and read its router score."),
            QStringLiteral("r.depthscope"),
            fixture.folder(video ? "demo-more-dit" : "demo-mor-expert"),
            false};
        Q_EMIT fixture.window.findChild<panels::Welcome*>()->chosen(example);
        QTest::qWait(600);
        const auto* toast = fixture.window.findChild<panels::Toast*>();
        QVERIFY(toast->isVisible());
        QVERIFY(fixture.window.rect().contains(toast->geometry()));
        QVERIFY(!toast->geometry().intersects(fixture.dock("panel.transport")->geometry()));
        for (const QWidget* widget : fixture.window.findChildren<QWidget*>()) {
            if (isControl(*widget) && widget->isVisible() && !toast->isAncestorOf(widget) &&
                widget->window() == &fixture.window) {
                QVERIFY2(!toast->geometry().intersects(fixture.areaOf(*widget)),
                         qPrintable(widget->objectName() + widget->accessibleName()));
            }
        }
    }

    void lanesAreSeenOnceTheyAreAskedFor() {
        WindowFixture fixture;
        PanelDock* lanes = fixture.dock("panel.lanes");
        const auto ask = [&] {
            fixture.window.findChild<QAction*>(QStringLiteral("run.many"))->trigger();
            auto* dialog = fixture.window.findChild<panels::ManyDialog*>();
            QVERIFY(dialog->isVisible());
            dialog->findChild<QPushButton*>(QStringLiteral("many.lanes"))->click();
            QVERIFY(!dialog->isVisible());
            QTRY_VERIFY(!lanes->visibleRegion().isEmpty());
            QTRY_VERIFY(fixture.window.rect().contains(lanes->geometry()));
        };
        ask();
        // How to come back, over the panel that has come.
        const auto* toast = fixture.window.findChild<panels::Toast*>();
        QVERIFY(toast->isVisible());
        QTRY_VERIFY(fixture.window.childAt(toast->geometry().center()) == toast ||
                    toast->isAncestorOf(fixture.window.childAt(toast->geometry().center())));
        // Behind another tab it comes to the front.
        fixture.window.tabifyDockWidget(lanes, fixture.dock("panel.depth"));
        fixture.dock("panel.depth")->raise();
        QTRY_VERIFY(lanes->visibleRegion().isEmpty());
        ask();
    }
};

QTEST_MAIN(TestWindowOpen)
#include "tst_window_open.moc"
