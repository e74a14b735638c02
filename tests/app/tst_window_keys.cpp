// SPDX-License-Identifier: MIT
// The window by keyboard, by script and for a screen reader, with a fake engine behind it.
#include "app/desktop/script_runner.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/clip_player.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/panel_dock.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QAction>
#include <QDialog>
#include <QLabel>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>
#include <algorithm>
#include <set>
#include <utility>

using namespace depthscope;
using desktop::ScriptRunner;
using panels::MainWindow;
using test::LabFixture;

namespace {

struct KeyFixture : LabFixture {
    KeyFixture()
        : window(lab, text, {false, panels::ThemeChoice::Light, false}) {
        window.resize(1500, 950);
        window.resetLayout();
        window.show();
        window.activateWindow();
        openExpert();
    }

    /// Runs a script to its end; the failure, if any.
    QString run(const QByteArray& script) {
        ScriptRunner runner(window, desktop::parseScript(script, QStringLiteral("test")));
        QSignalSpy finished(&runner, &ScriptRunner::finished);
        QString failure;
        QObject::connect(&runner, &ScriptRunner::failed, &runner,
                         [&](qsizetype, const QString& reason) { failure = reason; });
        runner.start();
        const bool ended =
            QTest::qWaitFor([&] { return finished.count() > 0 || !failure.isEmpty(); }, 30000);
        return ended ? failure : QStringLiteral("did not end");
    }

    [[nodiscard]] QAction& action(const char* name) const {
        return *window.findChild<QAction*>(QString::fromLatin1(name));
    }

    [[nodiscard]] QString markedDock() const {
        for (const panels::PanelDock* dock : window.findChildren<panels::PanelDock*>()) {
            if (dock->isMarked()) {
                return dock->objectName();
            }
        }
        return {};
    }

    paint::qt::QtTextService text;
    MainWindow window;
};

} // namespace

class TestWindowKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void comboBoxesAreCalledByTheirNames() {
        const KeyFixture fixture;
        int count = 0;
        for (QComboBox* box : fixture.window.findChildren<QComboBox*>()) {
            const QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(box);
            QVERIFY(spoken);
            QCOMPARE(spoken->role(), QAccessible::ComboBox);
            const QString name = spoken->text(QAccessible::Name);
            QVERIFY2(!name.isEmpty() && name == box->accessibleName(),
                     qPrintable(box->objectName() + QLatin1Char(' ') + name));
            QCOMPARE(spoken->text(QAccessible::Value), box->currentText());
            QVERIFY(spoken->state().expandable);
            ++count;
        }
        QVERIFY(count > 5);
    }

    void aLabelIsTheNameOfItsBox() {
        QWidget form;
        QLabel label(QStringLiteral("&Rule"), &form);
        panels::ChoiceBox box(&form);
        box.addItems({QStringLiteral("top-k"), QStringLiteral("threshold")});
        label.setBuddy(&box);
        const QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(&box);
        QCOMPARE(spoken->text(QAccessible::Name), QStringLiteral("Rule"));
        QCOMPARE(spoken->text(QAccessible::Value), QStringLiteral("top-k"));
    }

    void instrumentsAreCharts() {
        KeyFixture fixture;
        for (panels::InstrumentPanel* panel : fixture.window.panels()) {
            const QAccessibleInterface* spoken =
                QAccessible::queryAccessibleInterface(&panel->host());
            QCOMPARE(spoken->role(), QAccessible::Chart);
            QCOMPARE(spoken->text(QAccessible::Name), panel->title());
        }
        panels::InstrumentPanel& depth = *fixture.window.panel(QStringLiteral("panel.depth"));
        const QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(&depth.host());
        QVERIFY(!spoken->text(QAccessible::Description).isEmpty());
        QCOMPARE(spoken->text(QAccessible::Value), QString());
        fixture.lab.pin({2, 0});
        QCOMPARE(spoken->text(QAccessible::Value), depth.valueText());
        QVERIFY(spoken->text(QAccessible::Value).contains(QLatin1String("router score")));
    }

    void f6WalksThePanels() {
        KeyFixture fixture;
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        std::set<QString> seen;
        for (int i = 0; i < 12; ++i) {
            QCOMPARE(fixture.run(R"([{"press": "F6"}])"), QString());
            seen.insert(fixture.markedDock());
        }
        for (const char* dock :
             {"dock.prompt", "dock.routing", "dock.panel.depth", "dock.panel.saved"}) {
            QVERIFY2(seen.count(QString::fromLatin1(dock)) == 1, dock);
        }
        const QString here = fixture.markedDock();
        QCOMPARE(fixture.run(R"([{"press": "F6"}, {"press": "Shift+F6"}])"), QString());
        QCOMPARE(fixture.markedDock(), here);
    }

    void keysGoToTheDialogThatHasThem() {
        KeyFixture fixture;
        QCOMPARE(fixture.run(R"([{"action": "help.find-action"},
                                 {"set": "finder.query", "to": "dark"}, {"press": "Return"},
                                 {"wait": "idle"}])"),
                 QString());
        QVERIFY(fixture.window.theme().dark);
        QVERIFY(!fixture.window.findChild<QDialog*>(QStringLiteral("finder")));
        fixture.lab.pin({1, 0});
        QCOMPARE(fixture.run(R"([{"action": "file.graded"}, {"press": "Escape"},
                                 {"wait": "idle"}])"),
                 QString());
        QVERIFY(!fixture.window.findChild<QDialog*>(QStringLiteral("graded")));
        QVERIFY(fixture.lab.cursor().pinnedPlace); // Escape was the dialog's
        QCOMPARE(fixture.run(R"([{"press": "Escape"}])"), QString());
        QVERIFY(!fixture.lab.cursor().pinnedPlace);
    }

    void failuresSayTheReason_data() {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const char* script, const char* reason) {
            QTest::newRow(name) << QByteArray(script) << QString::fromLatin1(reason);
        };
        row("no such recipe", R"([{"set": "train.preset", "to": "gpt-17"}])",
            "train.preset must be one of: ");
        row("its dialog is not open", R"([{"set": "measure.depth", "to": 2}])",
            "Measure routing, which is not open: put {\"action\": \"run.measure\"}");
        row("its button's dialog", R"([{"action": "graded.make"}])",
            "{\"action\": \"file.graded\"}");
        row("no such recursion", R"([{"set": "capacity.9", "to": 1}])",
            "one of the recursions of demo-mor-expert, 1 to 3");
        row("no such setting", R"([{"set": "volume", "to": 1}])", "--list shows the settings");
        row("a policy of other models", R"([{"set": "kv", "to": "share"}])",
            "kv must be one of: recursion, hybrid; not share");
        row("not now", R"([{"action": "run.live"}])", "not available now: What you see is live");
        if (lab::ClipPlayer::isAvailable()) {
            row("no clip", R"([{"action": "clip.in"}])", "Open a video first");
        }
        row("no such action", R"([{"action": "run.away"}])", "--list shows the actions");
        row("no such panel", R"([{"click": "panel.none"}])", "the panels are panel.text, ");
    }

    void failuresSayTheReason() {
        QFETCH(QByteArray, script);
        QFETCH(QString, reason);
        KeyFixture fixture;
        const QString failure = fixture.run(script);
        QVERIFY2(failure.contains(reason), qPrintable(failure));
    }

    void dialogsAreNamed() {
        KeyFixture fixture;
        QStringList opened{QStringLiteral("file.graded"),
                           QStringLiteral("run.measure"),
                           QStringLiteral("help.welcome"),
                           QStringLiteral("help.about"),
                           QStringLiteral("help.keyboard"),
                           QStringLiteral("help.find-action"),
                           QStringLiteral("file.export.panel.depth")};
        if (fixture.window.findChild<QAction*>(QStringLiteral("file.new-clip"))) {
            opened << QStringLiteral("file.new-clip");
        }
        for (const QString& name : std::as_const(opened)) {
            fixture.action(name.toLatin1().constData()).trigger();
        }
        fixture.window.findChild<QAbstractButton*>(QStringLiteral("train.recipe"))->click();
        std::set<QString> names;
        std::set<QString> titles;
        for (const QDialog* dialog : fixture.window.findChildren<QDialog*>()) {
            if (dialog->isVisible()) {
                QVERIFY2(!dialog->objectName().isEmpty(), qPrintable(dialog->windowTitle()));
                QVERIFY2(!dialog->windowTitle().isEmpty(), qPrintable(dialog->objectName()));
                names.insert(dialog->objectName());
                titles.insert(dialog->windowTitle());
            }
        }
        QCOMPARE(static_cast<qsizetype>(names.size()), opened.size() + 1);
        QCOMPARE(names.size(), titles.size());
    }

    void figuresForDevelopersAreASwitch() {
        KeyFixture fixture;
        const auto shown = [&] {
            const auto labels = fixture.window.statusBar()->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
                return !label->isHidden() && label->text().startsWith(QLatin1String("syncs"));
            });
        };
        QVERIFY(!shown());
        fixture.action("view.developer").trigger();
        QVERIFY(shown());
        fixture.action("view.developer").trigger();
        QVERIFY(!shown());
    }
};

QTEST_MAIN(TestWindowKeys)
#include "tst_window_keys.moc"
