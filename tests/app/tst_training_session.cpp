// SPDX-License-Identifier: MIT
// The real engine: a window that is closed in the middle of a training comes back with model,
// prompt and settings, and its training goes on from the step of its checkpoint.
#include "engine/runtime/engine_runtime.h"
#include "tests/app/session_window.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/session_memory.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"

#include <QComboBox>
#include <QLineEdit>
#include <QLocale>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;
using panels::TrainState;

namespace {

const QString kResources = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources");
const QString kModel = kResources + QStringLiteral("/models/demo-mor-token");
const QString kDemo = kResources + QStringLiteral("/models/demo-mor-expert");
constexpr const char* kText = "The keys that the old man near the doors lost are here.";
constexpr int kPatience = 120'000;

lab::Backends realBackends() {
    runtime::EngineOptions options;
    options.threads = 1;
    options.device = "cpu";
    options.interactive = true;
    lab::Backends backends;
    backends.live = [options](runtime::Wake wake) {
        return runtime::makeEngineRuntime(options, std::move(wake));
    };
    return backends;
}

struct Start {
    explicit Start(const QString& file)
        : lab(realBackends(), lab::ModelCatalog({kResources}))
        , window(lab, text, {true, panels::ThemeChoice::Light, false})
        , memory(window, file) {
        window.resize(1280, 720);
        window.show();
    }

    [[nodiscard]] panels::TrainController& train() {
        return window.findChild<panels::TrainPanel*>()->controller();
    }

    [[nodiscard]] bool isStepping() {
        return train().progress().what.starts_with("step ") && train().progress().fraction > 0;
    }

    template <class Control>
    Control* find(const char* name) {
        return window.findChild<Control*>(QString::fromLatin1(name));
    }

    paint::qt::QtTextService text;
    lab::LabController lab;
    panels::MainWindow window;
    panels::SessionMemory memory;
};

} // namespace

class TestTrainingSession : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void goesOnAtTheNextStart() {
        test::useOwnSettings("training-session");
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("session.json"));
        const QString out = folder.filePath(QStringLiteral("out"));
        settings::LabSettings wanted;
        {
            Start first(file);
            QVERIFY(!first.memory.restore(kDemo));
            first.memory.start();
            first.lab.loadModel(kModel);
            first.lab.setPrompt({kText, {}, {}});
            first.lab.edit(QStringLiteral("x"), -1,
                           [](settings::LabSettings& s) { s.routing.maxDepth = 2; });
            first.find<QComboBox>("train.preset")
                ->setCurrentText(QStringLiteral("tiny-mor-expert"));
            first.find<QLineEdit>("train.out")->setText(out);
            first.find<QSpinBox>("train.steps")->setValue(4000);
            QVERIFY(test::press(first.window, "train.start"));
            QTRY_VERIFY_WITH_TIMEOUT(first.isStepping() && first.lab.idle(), kPatience);
            wanted = first.lab.settings();
            // A process that is killed now would offer it, too.
            first.memory.write();
            QVERIFY(panels::readSession(file).trainingStopped);
            QVERIFY(!first.window.close());
            QVERIFY(test::press(first.window, "closing.continue"));
            QTRY_VERIFY_WITH_TIMEOUT(!first.window.isVisible(), kPatience);
            first.memory.write();
        }
        const auto steps = panels::checkpointSteps(out);
        QVERIFY(steps && steps->done > 0);
        QCOMPARE(steps->all, std::int64_t{4000});
        Start second(file);
        QVERIFY(second.memory.restore(kDemo));
        second.memory.start();
        QTRY_VERIFY_WITH_TIMEOUT(second.lab.idle() && !test::isRestoring(second.window), kPatience);
        QCOMPARE(second.lab.model()->name, std::string("demo-mor-token"));
        QCOMPARE(second.lab.prompt().text, std::string(kText));
        QVERIFY(second.lab.settings() == wanted);
        const QLocale locale;
        const QString text = test::offer(second.window).findChildren<QLabel*>().front()->text();
        QVERIFY2(text.contains(locale.toString(qlonglong{steps->done})) &&
                     text.contains(locale.toString(4000)),
                 qPrintable(text));
        QVERIFY(test::press(second.window, "training-offer.resume"));
        QTRY_VERIFY_WITH_TIMEOUT(second.isStepping(), kPatience);
        QVERIFY(second.train().progress().fraction * 4000 > static_cast<double>(steps->done));
        second.train().stop();
        QTRY_VERIFY_WITH_TIMEOUT(!second.train().isBusy(), kPatience);
        QCOMPARE(second.train().state(), TrainState::Stopped);
        second.window.close();
    }
};

QTEST_MAIN(TestTrainingSession)
#include "tst_training_session.moc"
