// SPDX-License-Identifier: MIT
// The real window on a screen, with a fake engine behind it. Pictures of it are left in the folder
// that DEPTHSCOPE_PICTURES names.
#include "app/desktop/script_runner.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/instruments/place_axis.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/welcome.h"

#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QTextBlock>
#include <QTextBrowser>

using namespace depthscope;
using desktop::parseScript;
using desktop::ScriptRunner;
using panels::MainWindow;
using test::LabFixture;

namespace {

constexpr const char* kText =
    "The cat sat on the mat, and the dog that chased the cats was asleep by the old stove "
    "while rain fell on the roof and nobody in the house said a word.";

struct WindowFixture : LabFixture {
    explicit WindowFixture(panels::ThemeChoice theme = panels::ThemeChoice::Light,
                           QSize size = {1500, 950})
        : window(lab, text, {false, theme, false}) {
        window.resize(size);
        window.resetLayout();
        window.show();
    }

    void save(const char* name) {
        const QString folder = qEnvironmentVariable("DEPTHSCOPE_PICTURES");
        if (!folder.isEmpty()) {
            window.picture().save(folder + QLatin1Char('/') + QString::fromLatin1(name));
        }
    }

    /// Runs a script to its end; the failure, if any.
    QString run(const QByteArray& script) {
        ScriptRunner runner(window, parseScript(script, QStringLiteral("test")));
        QSignalSpy finished(&runner, &ScriptRunner::finished);
        QString failure;
        QObject::connect(&runner, &ScriptRunner::failed, &runner,
                         [&](qsizetype index, const QString& reason) {
                             failure = QStringLiteral("%1: %2").arg(index).arg(reason);
                         });
        runner.start();
        const bool ended =
            QTest::qWaitFor([&] { return finished.count() > 0 || !failure.isEmpty(); }, 60000);
        return ended ? failure : QStringLiteral("did not end");
    }

    paint::qt::QtTextService text;
    MainWindow window;
};

} // namespace

class TestMainWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyControlHasANameForScreenReaders() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        for (const QWidget* widget : fixture.window.findChildren<QWidget*>()) {
            const bool control = qobject_cast<const QAbstractButton*>(widget) ||
                                 qobject_cast<const QLineEdit*>(widget) ||
                                 qobject_cast<const QComboBox*>(widget) ||
                                 qobject_cast<const QSlider*>(widget) ||
                                 qobject_cast<const host::InstrumentHost*>(widget);
            // Parts of Qt's own composite controls and its tool bar extension carry Qt's names.
            const bool ofQt = widget->objectName().startsWith(QLatin1String("qt_")) ||
                              qobject_cast<const QComboBox*>(widget->parentWidget()) ||
                              widget->parentWidget()->inherits("QAbstractSpinBox") ||
                              widget->parentWidget()->inherits("QTableView");
            if (control && !ofQt) {
                QVERIFY2(!widget->accessibleName().isEmpty(),
                         qPrintable(QString::fromLatin1(widget->metaObject()->className()) +
                                    QLatin1Char(' ') + widget->objectName()));
            }
        }
    }

    void shortcutsDoNotClash() {
        WindowFixture fixture;
        QHash<QKeySequence, QString> seen;
        for (const QAction* action : fixture.window.findChildren<QAction*>()) {
            for (const QKeySequence& keys : action->shortcuts()) {
                QVERIFY2(!seen.contains(keys),
                         qPrintable(keys.toString() + action->text() + seen.value(keys)));
                seen.insert(keys, action->text());
            }
        }
    }

    void scriptDoesWhatAUserDoes() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        const QString folder = fixture.root.path();
        const QString failure = fixture.run(QStringLiteral(R"([
            {"text": "one two three four five six"}, {"wait": "idle"},
            {"set": "capacity.2", "to": "1/2"}, {"set": "capacity.3", "to": 0.25}, {"wait": "idle"},
            {"click": "panel.depth", "at": [2, 0]},
            {"dump": "state", "to": "%1/s.json"}, {"export": "panel.depth", "to": "%1/d.svg"},
            {"export": "panel.token", "to": "%1/t.csv"}, {"picture": "%1/w.png"},
            {"save": "%1/r.depthscope"},
            {"press": "Ctrl+Z"}, {"set": "theme", "to": "dark"}, {"action": "view.reset-layout"}])")
                                                .arg(folder)
                                                .toUtf8());
        QCOMPARE(failure, QString());
        QFile dump(folder + QStringLiteral("/s.json"));
        QVERIFY(dump.open(QIODevice::ReadOnly));
        const QJsonObject state = QJsonDocument::fromJson(dump.readAll()).object();
        QCOMPARE(state.value(QLatin1String("tokens")).toArray().size(), 6);
        QCOMPARE(state.value(QLatin1String("settings"))
                     .toObject()
                     .value(QLatin1String("capacity"))
                     .toString(),
                 QStringLiteral("1,1/2,1/4"));
        int third = 0;
        for (const QJsonValue& depth : state.value(QLatin1String("depth")).toArray()) {
            third += depth.toInt() == 3 ? 1 : 0;
        }
        QCOMPARE(third, 1);
        QCOMPARE(fixture.lab.cursor().pinnedPlace, std::optional<int>(2));
        QVERIFY(QFile::exists(folder + QStringLiteral("/d.svg")));
        QVERIFY(QFile::exists(folder + QStringLiteral("/t.csv")));
        QVERIFY(fixture.savedSteps > 0);
        QVERIFY(fixture.window.theme().dark);
        QCOMPARE(settings::toString(fixture.lab.settings().routing.capacity),
                 std::string("1,1/2,1/3"));
    }

    void failedStepIsNamed_data() {
        QTest::addColumn<QByteArray>("script");
        QTest::newRow("setting") << QByteArray(R"([{"set": "volume", "to": 1}])");
        QTest::newRow("value") << QByteArray(R"([{"set": "capacity.2", "to": 3}])");
        QTest::newRow("rule") << QByteArray(R"([{"set": "routing", "to": "telepathy"}])");
        QTest::newRow("policy") << QByteArray(R"([{"set": "kv", "to": "share"}])");
        QTest::newRow("action") << QByteArray(R"([{"action": "run.away"}])");
        QTest::newRow("panel") << QByteArray(R"([{"click": "panel.none"}])");
        QTest::newRow("cell") << QByteArray(R"([{"click": "panel.depth", "at": [9999, 0]}])");
        QTest::newRow("new policy") << QByteArray(R"([{"set": "kv", "to": "best"}])");
        QTest::newRow("model") << QByteArray(R"([{"model": "gpt-17"}])");
        QTest::newRow("broken") << QByteArray(R"([{"model": "demo-broken"}])");
        QTest::newRow("ending") << QByteArray(R"([{"export": "panel.depth", "to": "/tmp/x.doc"}])");
    }

    void failedStepIsNamed() {
        QFETCH(QByteArray, script);
        WindowFixture fixture;
        fixture.openExpert(kText);
        const QString failure = fixture.run(script);
        QVERIFY2(failure.startsWith(QLatin1String("0: ")), qPrintable(failure));
    }

    /// Help > Welcome, an example, what to look for; without a kept start it is due.
    void theWelcomeOpensAnExample() {
        WindowFixture fixture;
        QVERIFY(!fixture.window.isFirstStart()); // this window remembers nothing
        fixture.window.findChild<QAction*>(QStringLiteral("help.welcome"))->trigger();
        auto* welcome = fixture.window.findChild<panels::Welcome*>();
        QVERIFY(welcome != nullptr && welcome->isVisible());
        const lab::Example example{QStringLiteral("x"),
                                   QStringLiteral("A title"),
                                   QStringLiteral("Look at this."),
                                   QStringLiteral("r.depthscope"),
                                   fixture.folder("demo-mor-expert"),
                                   false};
        Q_EMIT welcome->chosen(example);
        LabFixture::settle();
        QCOMPARE(fixture.window.findChild<panels::Toast*>()->text(), example.hint);
    }

    /// F1 leads to the panel that has the focus, in one window of the guide.
    void theGuideOpensAtTheFocus() {
        WindowFixture fixture;
        fixture.window.findChild<QAction*>(QStringLiteral("help.instruments"))->trigger();
        const auto guides = [&] {
            return fixture.window.findChildren<QDialog*>(QStringLiteral("guide"));
        };
        QCOMPARE(guides().size(), 1);
        auto* page = guides().first()->findChild<QTextBrowser*>();
        const QString text = page->toPlainText();
        QVERIFY(text.contains(QLatin1String("Mouse and keys")) &&
                !text.contains(QLatin1String("## ")));
        Q_EMIT fixture.window.panel(QStringLiteral("panel.kv"))
            ->explainRequested(QStringLiteral("panel.kv"));
        QCOMPARE(guides().size(), 1);
        QTRY_VERIFY(page->textCursor().block().text().contains(QLatin1String("(panel.kv)")));
        QTRY_VERIFY(page->cursorRect().top() < page->viewport()->height() / 4);
    }

    void savingNothingFails() {
        WindowFixture fixture;
        const QString failure = fixture.run(R"([{"save": "/tmp/nothing.depthscope"}])");
        QCOMPARE(failure, QStringLiteral("0: nothing to save yet"));
    }

    void errorsStayUntilDismissed() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        fixture.window.openModel(QStringLiteral("demo-broken"));
        fixture.settle();
        QVERIFY(fixture.window.banner().isVisible());
        QVERIFY(fixture.window.banner().text().contains(QStringLiteral("truncated")));
        fixture.save("error-light.png");
        fixture.window.banner().dismiss();
        QVERIFY(!fixture.window.banner().isVisible());
    }

    void expertsTakeTheRoutersPlace() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        auto* experts = fixture.window.panel(QStringLiteral("panel.experts"));
        auto* router = fixture.window.panel(QStringLiteral("panel.router"));
        QVERIFY(!experts->isVisible());
        QVERIFY(router->isVisible());
        fixture.lab.loadModel(fixture.folder("demo-more"));
        QTRY_VERIFY(experts->isVisible());
        QVERIFY(!router->isVisible());
        fixture.lab.pin({5, 1});
        QTRY_VERIFY(fixture.lab.idle());
        QTRY_VERIFY(experts->height() > 250);
        const std::uint64_t frames = experts->host().paintedFrames();
        experts->refresh();
        QTRY_VERIFY(experts->host().paintedFrames() > frames);
        fixture.save("experts-light.png");
        fixture.lab.loadModel(fixture.folder("demo-vanilla"));
        QTRY_VERIFY(!experts->isVisible());
        QVERIFY(router->isVisible());
    }

    void trainingHasADockOfItsOwn() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        auto* curves = fixture.window.panel(QStringLiteral("panel.training"));
        QVERIFY(!curves->isVisible());
        fixture.window.findChild<QAction*>(QStringLiteral("view.dock.train"))->trigger();
        QTRY_VERIFY(curves->isVisible());
        QVERIFY(fixture.window.panel(QStringLiteral("panel.depth"))->isVisible());
        fixture.lab.showTraining(tests::syntheticTraining(17, 3));
        QTRY_VERIFY(fixture.lab.idle());
        fixture.settle();
        fixture.save("train-light.png");
        fixture.window.setThemeChoice(panels::ThemeChoice::Dark);
        fixture.window.setZoom(2);
        fixture.settle();
        fixture.save("train-dark-200.png");
    }

    void turningFollowOffMovesNothing() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        fixture.lab.generate();
        QTRY_VERIFY(fixture.lab.idle());
        auto& depth = fixture.window.panel(QStringLiteral("panel.depth"))->host();
        auto& transport = fixture.window.panel(QStringLiteral("panel.transport"))->host();
        instruments::ViewState state = depth.viewState();
        state.cellWidth = 40;
        depth.setViewState(state);
        const auto first = [&] {
            return instruments::placeAxis(depth.viewState(), fixture.main(), depth.viewport())
                .first;
        };
        const double before = first();
        QVERIFY(before > 0);
        fixture.window.findChild<QAction*>(QStringLiteral("view.follow"))->trigger();
        QVERIFY(!depth.viewState().followLive);
        QCOMPARE(first(), before);
        // The transport outlines the part that the zoomed panels show, though it may be wider.
        QCOMPARE(double(transport.viewState().axisWidth),
                 double(instruments::plotFrame(depth.viewport()).width));
    }

    void longErrorsAreReadInFull_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<double>("zoom");
        for (const int width : {1100, 1500}) {
            for (const double zoom : {1.0, 2.0}) {
                QTest::addRow("%d at %g", width, zoom) << width << zoom;
            }
        }
    }

    void longErrorsAreReadInFull() {
        QFETCH(int, width);
        QFETCH(double, zoom);
        WindowFixture fixture(panels::ThemeChoice::Light, {width, 950});
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window));
        fixture.window.setZoom(zoom);
        const QString path(QStringLiteral("/a/very/long/folder/").repeated(12));
        fixture.window.banner().showError(
            QStringLiteral("The model was not loaded"),
            path + QStringLiteral("model.safetensors: tensor model.layers.3.mlp.gate_proj.weight "
                                  "has [192, 512] values where [512, 192] are expected"),
            QStringLiteral("Copy the folder again, or choose another model from the list."));
        QTRY_VERIFY(fixture.window.banner().isVisible());
        fixture.settle();
        const auto* label = fixture.window.banner().findChild<QLabel*>();
        const auto* close = fixture.window.banner().findChild<QAbstractButton*>();
        QTRY_COMPARE(fixture.window.banner().width(), fixture.window.width());
        QVERIFY(label->height() >= label->heightForWidth(label->width()));
        QVERIFY(fixture.window.banner().rect().contains(label->geometry()));
        QVERIFY(fixture.window.banner().rect().contains(close->geometry()));
        QVERIFY(label->heightForWidth(label->width()) < 12 * label->fontMetrics().height());
        fixture.save(
            ("banner-" + std::to_string(width) + "-" + std::to_string(int(zoom)) + ".png").c_str());
    }

    void tableTwinFollowsTheTrace() {
        WindowFixture fixture;
        fixture.openExpert(kText);
        for (panels::InstrumentPanel* panel : fixture.window.panels()) {
            panel->setTableShown(true);
            QVERIFY(panel->tableShown());
        }
        fixture.settle();
        fixture.save("tables-light.png");
    }

    void looks_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<QString>("name");
        QTest::newRow("light") << false << QSize(1500, 950) << "light-1500.png";
        QTest::newRow("dark") << true << QSize(1500, 950) << "dark-1500.png";
        QTest::newRow("light small") << false << QSize(1100, 700) << "light-1100.png";
        QTest::newRow("dark small") << true << QSize(1100, 700) << "dark-1100.png";
    }

    void looks() {
        QFETCH(bool, dark);
        QFETCH(QSize, size);
        QFETCH(QString, name);
        WindowFixture fixture(dark ? panels::ThemeChoice::Dark : panels::ThemeChoice::Light, size);
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window));
        QCOMPARE(fixture.window.size(), size);
        fixture.save(("empty-" + name.toStdString()).c_str());
        fixture.openExpert(kText);
        fixture.lab.pin({5, 1});
        QTRY_VERIFY(fixture.lab.idle());
        QVERIFY(fixture.main());
        fixture.save(name.toUtf8().constData());
        const QImage picture = fixture.window.picture();
        QVERIFY(picture.width() >= size.width());
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
