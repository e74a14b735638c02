// SPDX-License-Identifier: MIT
// The real engine behind the real window, in this process: a recording shows what was live,
// primitive by primitive, and a window that is closed in the middle of a pass leaves no thread.
#include "engine/recording/save.h"
#include "engine/runtime/engine_runtime.h"
#include "engine/runtime/replay_runtime.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/main_window.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <string>

using namespace depthscope;

namespace {

const QString kTiny = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/mor_expert_mc3");
const QString kModels = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/");
constexpr int kPatience = 60'000;

lab::Backends realBackends() {
    runtime::EngineOptions options;
    options.threads = 1;
    options.device = "cpu";
    options.interactive = true;
    lab::Backends backends;
    backends.live = [options](runtime::Wake wake) {
        return runtime::makeEngineRuntime(options, std::move(wake));
    };
    backends.replay = [](const std::string& file, runtime::Wake wake) {
        return std::make_unique<runtime::ReplayRuntime>(file, std::move(wake));
    };
    backends.save = [](const std::string& file, const recording::Recording& made) {
        recording::saveRecording(file, made.steps, made.recipe, {},
                                 {.annotations = {}, .lanes = made.lanes});
    };
    return backends;
}

struct RealWindow {
    RealWindow()
        : lab(realBackends(),
              lab::ModelCatalog({QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources")}))
        , window(lab, text, {false, panels::ThemeChoice::Light, false}) {
        window.resize(1100, 700);
        window.resetLayout();
        window.show();
    }

    paint::qt::QtTextService text;
    lab::LabController lab;
    panels::MainWindow window;
};

/// What each panel shows. The badge "LIVE" is meant to differ, so the source is set alike.
std::map<QString, scene::Scene> scenesOf(RealWindow& real) {
    std::map<QString, scene::Scene> scenes;
    trace::TraceView view = real.lab.store().view();
    view.source = trace::Source::Live;
    for (panels::InstrumentPanel* panel : real.window.panels()) {
        host::InstrumentHost& host = panel->host();
        scenes[panel->id()] =
            host.instrument().draw(view, host.viewState(), real.lab.cursor(), host.viewport());
    }
    return scenes;
}

qsizetype threads() {
    return QDir(QStringLiteral("/proc/self/task"))
        .entryList(QDir::Dirs | QDir::NoDotAndDotDot)
        .size();
}

} // namespace

class TestRealScenes : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void aRecordingShowsWhatWasLive_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<bool>("generates");
        QTest::newRow("expert-choice, pass") << "demo-mor-expert" << false;
        QTest::newRow("expert-choice, generation") << "demo-mor-expert" << true;
        QTest::newRow("token-choice, pass") << "demo-mor-token" << false;
        QTest::newRow("MORE, pass") << "more-shakespeare" << false;
        QTest::newRow("MORE, generation") << "more-shakespeare" << true;
    }

    void aRecordingShowsWhatWasLive() {
        QFETCH(QString, model);
        QFETCH(bool, generates);
        RealWindow real;
        real.lab.loadModel(kModels + model);
        real.lab.setPrompt({"The keys that the old man near the doors lost are here.", {}, {}});
        QTRY_VERIFY_WITH_TIMEOUT(
            real.lab.idle() && real.lab.store().view().other(trace::kFullDepthRun), kPatience);
        if (generates) {
            real.lab.edit(QStringLiteral("count"), -1,
                          [](settings::LabSettings& s) { s.generation.count = 12; });
            real.lab.generate();
            QTRY_VERIFY_WITH_TIMEOUT(
                real.lab.idle() && real.lab.store().view().other(trace::kVanillaRun), kPatience);
        }
        real.lab.pin({7, 1});
        const std::map<QString, scene::Scene> live = scenesOf(real);

        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("run.depthscope"));
        real.lab.saveRecording(file);
        QTRY_VERIFY_WITH_TIMEOUT(real.lab.idle(), kPatience);
        real.lab.openRecording(file);
        QTRY_VERIFY_WITH_TIMEOUT(!real.lab.live() && real.lab.idle(), kPatience);
        real.lab.pin({7, 1});
        const std::map<QString, scene::Scene> replayed = scenesOf(real);

        QCOMPARE(replayed.size(), live.size());
        for (const auto& [id, scene] : live) {
            const scene::Scene& other = replayed.at(id);
            QCOMPARE(other.primitives.size(), scene.primitives.size());
            for (std::size_t i = 0; i < scene.primitives.size(); ++i) {
                QVERIFY2(other.primitives[i] == scene.primitives[i],
                         qPrintable(QStringLiteral("%1, primitive %2").arg(id).arg(i)));
            }
            QVERIFY2(other == scene, qPrintable(id));
        }
    }

    void anOpenedFigureShowsWhatWasExported_data() {
        QTest::addColumn<QString>("ending");
        QTest::addColumn<bool>("generates");
        QTest::newRow("svg, pass") << "svg" << false;
        QTest::newRow("svg, generation") << "svg" << true;
        QTest::newRow("pdf") << "pdf" << false;
        QTest::newRow("png") << "png" << false;
    }

    void anOpenedFigureShowsWhatWasExported() {
        QFETCH(QString, ending);
        QFETCH(bool, generates);
        const QTemporaryDir folder;
        const auto fileOf = [&](const QString& panel) {
            return folder.filePath(panel + QLatin1Char('.') + ending);
        };
        std::map<QString, scene::Scene> exported;
        {
            RealWindow real;
            real.lab.loadModel(kModels + QStringLiteral("demo-mor-expert"));
            real.lab.setPrompt({"The keys that the old man near the doors lost are here.", {}, {}});
            QTRY_VERIFY_WITH_TIMEOUT(real.lab.idle() && real.lab.store().view().main, kPatience);
            real.lab.edit(QStringLiteral("settings"), -1, [](settings::LabSettings& s) {
                s.routing.capacity = settings::parseCapacity("1,1/2,1/4");
                s.generation.count = 12;
                s.generation.seed = 5;
            });
            if (generates) {
                QTRY_VERIFY_WITH_TIMEOUT(real.lab.idle(), kPatience);
                real.lab.generate();
            }
            QTRY_VERIFY_WITH_TIMEOUT(
                real.lab.idle() && real.lab.store().view().other(trace::kVanillaRun), kPatience);
            real.lab.pin({7, 1});
            instruments::ViewState state =
                real.window.panel(QStringLiteral("panel.depth"))->host().viewState();
            state.cellWidth = 37;
            state.firstPlace = 1.25;
            state.followLive = false;
            real.window.panel(QStringLiteral("panel.depth"))->host().setViewState(state);
            exported = scenesOf(real);
            for (panels::InstrumentPanel* panel : real.window.panels()) {
                real.window.exportPanel(*panel, fileOf(panel->id()), {});
            }
        }
        RealWindow other;
        other.lab.loadModel(kModels + QStringLiteral("demo-mor-token"));
        other.lab.setPrompt({"Something else.", {}, {}});
        QTRY_VERIFY_WITH_TIMEOUT(other.lab.idle() && other.lab.store().view().main, kPatience);
        other.window.openPath(fileOf(QStringLiteral("panel.router")));
        QTRY_VERIFY_WITH_TIMEOUT(other.lab.cursor().pinnedPlace == std::optional<int>(7) &&
                                     other.lab.idle() &&
                                     other.lab.store().view().other(trace::kVanillaRun),
                                 kPatience);
        QCOMPARE(QString::fromStdString(other.lab.model()->name),
                 QStringLiteral("demo-mor-expert"));
        const std::map<QString, scene::Scene> reopened = scenesOf(other);
        for (const auto& [id, scene] : exported) {
            // SAVED and LANES hold times, which are measured anew.
            if (id != QLatin1String("panel.saved") && id != QLatin1String("panel.lanes")) {
                QVERIFY2(reopened.at(id) == scene, qPrintable(id));
            }
        }
    }

    void closingDuringAPassLeavesNoThread() {
        constexpr int kWarmUps = 3; // the GL driver and LibTorch keep threads of their own
        constexpr int kTimes = 100;
        qsizetype before = 0;
        for (int i = 0; i < kWarmUps + kTimes; ++i) {
            if (i == kWarmUps) {
                before = threads();
            }
            RealWindow real;
            runtime::Prompt prompt;
            for (int t = 0; t < 256; ++t) {
                prompt.ids.push_back(t % 11);
            }
            real.lab.loadModel(kTiny);
            real.lab.setPrompt(prompt);
            // Asked after each event: the pass is over sooner than a test that polls would look.
            QDeadlineTimer patience(kPatience);
            while (real.lab.activity() != lab::Activity::Routing && !patience.hasExpired()) {
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
            }
            QCOMPARE(real.lab.activity(), lab::Activity::Routing);
            real.window.close();
        }
        // Fewer are fine: an idle thread of a pool ends after a while, the last engine's helper
        // too.
        QTRY_VERIFY_WITH_TIMEOUT(threads() <= before, kPatience);
    }
};

QTEST_MAIN(TestRealScenes)
#include "tst_real_scenes.moc"
