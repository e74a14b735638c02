// SPDX-License-Identifier: MIT
// A window that is closed and opened again finds everything as it was: on a fake engine.
#include "tests/app/session_window.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/many_dialog.h"
#include "widgets/panels/measure_dialog.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/session_memory.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"

#include <qendian.h>

#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

using namespace depthscope;
using panels::readSession;
using panels::Session;
using panels::TrainState;
using test::badge;
using test::LabFixture;
using test::offer;
using test::press;
using test::question;

namespace {

constexpr const char* kText = "The cat sat on the mat, and the dog slept by the old stove.";

/// One start of the program.
struct Start : LabFixture {
    explicit Start(const QString& file)
        : window(lab, text, {true, panels::ThemeChoice::Light, false})
        , memory(window, file) {
        window.resize(1280, 720);
        window.show();
    }

    /// As the program does; false: nothing came back.
    bool open() {
        const bool back = memory.restore(folder("demo-mor-expert"));
        memory.start();
        return back;
    }

    [[nodiscard]] bool isSettled() const { return lab.idle() && !test::isRestoring(window); }

    [[nodiscard]] panels::PanelDock* dock(const char* id) const {
        return window.findChild<panels::PanelDock*>(QStringLiteral("dock.") + QLatin1String(id));
    }

    /// As the program does when its window has closed.
    void leave() {
        window.close();
        memory.write();
    }

    [[nodiscard]] panels::TrainController& train() {
        return window.findChild<panels::TrainPanel*>()->controller();
    }

    /// What the engine says of a training under way.
    void tellStep(const char* what) {
        fake->tell(runtime::JobProgress{fake->requests.back().first, 0.25, 75, what});
        settle();
    }

    paint::qt::QtTextService text;
    panels::MainWindow window;
    panels::SessionMemory memory;
};

/// The head of a checkpoint, which says how far it is.
void writeCheckpoint(const QString& folder) {
    QDir().mkpath(folder);
    const QByteArray json = R"({"__metadata__": {"step": "120", "steps": "900"}})";
    QByteArray length(8, '\0');
    qToLittleEndian<quint64>(static_cast<quint64>(json.size()), length.data());
    QFile file(folder + QStringLiteral("/checkpoint.safetensors"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(length + json);
}

} // namespace

class TestSessionWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void init() {
        test::useOwnSettings("session-window");
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath(QStringLiteral("session.json"));
    }

    void aTextModelComesBack() {
        settings::LabSettings wanted;
        {
            Start first(m_file);
            QVERIFY(!first.open());
            first.openExpert(kText);
            first.lab.edit(QStringLiteral("x"), -1, [](settings::LabSettings& s) {
                s.routing.capacity = settings::parseCapacity("1,1/2,1/5");
                s.generation.temperature = 0.35;
                s.generation.count = 17;
            });
            QTRY_VERIFY(first.isSettled());
            first.lab.pin({5, 1});
            first.window.setZoom(1.21);
            first.dock("panel.kv")->hide();
            first.window.measureDialog()
                .findChild<QSpinBox*>(QStringLiteral("measure.regret"))
                ->setValue(33);
            auto& many = panels::ManyDialog::of(first.window, first.lab);
            many.findChild<QSpinBox*>(QStringLiteral("many.rows"))->setValue(9);
            many.findChild<QComboBox*>(QStringLiteral("many.source"))->setCurrentIndex(1);
            many.findChild<QLineEdit*>(QStringLiteral("many.file"))->setText("/prompts/p.txt");
            first.window.findChild<QLineEdit*>(QStringLiteral("train.out"))
                ->setText(QStringLiteral("/trained/here"));
            wanted = first.lab.settings();
            first.leave();
        }
        Start second(m_file);
        QVERIFY(second.open());
        QTRY_VERIFY(second.isSettled());
        QCOMPARE(second.lab.prompt().text, std::string(kText));
        QVERIFY(second.lab.settings() == wanted);
        QVERIFY(second.lab.live() && second.lab.model());
        QCOMPARE(second.lab.model()->name, std::string("demo-mor-expert"));
        QCOMPARE(second.lab.cursor().pinnedPlace, std::optional<int>(5));
        QCOMPARE(second.lab.cursor().pinnedRecursion, std::optional<int>(1));
        QCOMPARE(second.lab.undoStack().count(), 0);
        QCOMPARE(second.window.zoom(), 1.21);
        QVERIFY(second.dock("panel.kv")->isHidden());
        QCOMPARE(second.window.measureDialog()
                     .findChild<QSpinBox*>(QStringLiteral("measure.regret"))
                     ->value(),
                 33);
        const auto many = panels::ManyDialog::of(second.window, second.lab).asked();
        QCOMPARE(many.batch.rows, 9);
        QCOMPARE(many.file, QStringLiteral("/prompts/p.txt"));
        QCOMPARE(second.window.findChild<QLineEdit*>(QStringLiteral("train.out"))->text(),
                 QStringLiteral("/trained/here"));
        QVERIFY(second.window.banner().text().isEmpty());
    }

    void aVideoModelComesBack() {
        settings::VideoSettings wanted;
        {
            Start first(m_file);
            first.open();
            first.lab.loadModel(first.folder("demo-more-dit"));
            LabFixture::settle();
            first.lab.edit(QStringLiteral("x"), -1, [](settings::LabSettings& s) {
                s.video.clip = 7;
                s.video.steps = 5;
                s.video.noiseSeed = 99;
            });
            QTRY_VERIFY(first.isSettled());
            wanted = first.lab.settings().video;
            first.leave();
        }
        Start second(m_file);
        QVERIFY(second.open());
        QTRY_VERIFY(second.isSettled());
        QCOMPARE(second.lab.model()->name, std::string("demo-more-dit"));
        QVERIFY(second.lab.settings().video == wanted);
        QVERIFY(second.main() != nullptr && !second.main()->isText());
    }

    void aRecordingComesBack() {
        const QString recording = m_folder->filePath(QStringLiteral("run.depthscope"));
        QVERIFY(QFile(recording).open(QIODevice::WriteOnly));
        std::vector<trace::StepPtr> steps;
        {
            Start first(m_file);
            first.open();
            first.openExpert(kText);
            QTRY_VERIFY(first.isSettled());
            steps = first.recorded = first.lab.store().steps();
            first.lab.openRecording(recording);
            QTRY_VERIFY(!first.lab.live() && first.isSettled());
            first.lab.pin({2, 0});
            first.leave();
        }
        Start second(m_file);
        second.recorded = steps;
        QVERIFY(second.open());
        QTRY_VERIFY(!second.lab.live() && second.isSettled());
        QCOMPARE(second.lab.cursor().pinnedPlace, std::optional<int>(2));
        QCOMPARE(second.lab.recordings().file(), recording);
        QCOMPARE(badge(second.window), QStringLiteral("RECORDED"));
        second.lab.setPrompt({"something else", {}, {}}); // its model is there
        QTRY_VERIFY(second.lab.live() && second.main() != nullptr);
    }

    void aModelThatIsGoneIsSaid() {
        Session session;
        session.model = QStringLiteral("/nowhere/my-model");
        session.view.prompt.text = kText;
        panels::writeSession(m_file, toJson(session));
        Start start(m_file);
        QVERIFY(start.open());
        QTRY_VERIFY(start.isSettled());
        QVERIFY2(start.window.banner().text().contains(QLatin1String("/nowhere/my-model")),
                 qPrintable(start.window.banner().text()));
        QCOMPARE(start.lab.model()->name, std::string("demo-mor-expert"));
        QCOMPARE(start.lab.prompt().text, std::string(kText));
    }

    void aDamagedFileIsSetAside() {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(R"({"session": 1, "view": {"settings": {"tau": 7}}})");
        file.close();
        Start start(m_file);
        QVERIFY(!start.open());
        const QString said = start.window.banner().text();
        QVERIFY2(said.contains(m_file) && said.contains(QLatin1String("view.settings.tau")),
                 qPrintable(said));
        QVERIFY(QFile::exists(m_folder->filePath(QStringLiteral("session-damaged-1.json"))));
    }

    /// Nothing is asked for: the file follows by itself.
    void aKilledWindowLosesSeconds() {
        Start start(m_file);
        start.open();
        start.openExpert(kText);
        const auto kept = [&] {
            return QFile::exists(m_file) && readSession(m_file).view.prompt.text == kText;
        };
        QTRY_VERIFY_WITH_TIMEOUT(kept(), 10'000);
        QVERIFY(QSettings().contains(QStringLiteral("window/state")));
    }

    void anotherStartKeepsTheOneBefore() {
        Session session;
        session.view.prompt.text = kText;
        panels::writeSession(m_file, toJson(session));
        Start start(m_file);
        start.memory.start(); // the command line opens something else
        start.openExpert("another text");
        QTRY_VERIFY(start.isSettled());
        start.leave();
        const QString earlier = m_folder->filePath(QStringLiteral("session-earlier.json"));
        QCOMPARE(readSession(earlier).view.prompt.text, std::string(kText));
        QCOMPARE(readSession(m_file).view.prompt.text, std::string("another text"));
    }

    /// Presenting is left as the layout of before; a video file's dock does not stay empty.
    void presentingIsNotKept() {
        {
            Start first(m_file);
            first.open();
            first.openExpert(kText);
            QTRY_VERIFY(first.isSettled());
            first.window.findChild<QAction*>(QStringLiteral("view.presenter"))->trigger();
            first.leave();
        }
        Start second(m_file);
        QVERIFY(second.open());
        QCOMPARE(second.window.zoom(), 1.0);
        QVERIFY(!second.dock("prompt")->isHidden());
    }

    void unsavedResultsAreMarkedAndAskedFor() {
        Start start(m_file);
        start.open();
        start.openExpert(kText);
        QTRY_VERIFY(start.isSettled());
        QCOMPARE(badge(start.window), QStringLiteral("LIVE"));
        QVERIFY(!start.window.isWindowModified());
        // The fake engine says 8.5 ms for each token.
        start.lab.edit(QStringLiteral("x"), -1,
                       [](settings::LabSettings& s) { s.generation.count = 400; });
        start.lab.generate();
        QTRY_VERIFY(start.isSettled());
        QTRY_COMPARE(badge(start.window), QStringLiteral("LIVE · NOT SAVED"));
        QVERIFY(start.window.isWindowModified());
        QVERIFY(!start.window.close());
        QVERIFY(question(start.window) != nullptr);
        QVERIFY(press(start.window, "closing.cancel"));
        QTRY_VERIFY(question(start.window) == nullptr);
        QVERIFY(start.window.isVisible());
        start.lab.saveRecording(QStringLiteral("x.depthscope"));
        QTRY_COMPARE(badge(start.window), QStringLiteral("LIVE"));
        QVERIFY(!start.window.isWindowModified());
        QVERIFY(start.window.close());
    }

    void discardingClosesTheWindow() {
        Start start(m_file);
        start.open();
        start.openExpert(kText);
        start.lab.edit(QStringLiteral("x"), -1,
                       [](settings::LabSettings& s) { s.generation.count = 400; });
        QTRY_VERIFY(start.isSettled());
        start.lab.generate();
        QTRY_VERIFY(start.isSettled());
        QVERIFY(!start.window.close());
        QVERIFY(press(start.window, "closing.discard"));
        QTRY_VERIFY(!start.window.isVisible());
    }

    /// Of a few tokens it is not worth a question.
    void quickResultsAreNotAskedFor() {
        Start start(m_file);
        start.open();
        start.openExpert(kText);
        QTRY_VERIFY(start.isSettled());
        start.lab.generate();
        QTRY_VERIFY(start.isSettled());
        QCOMPARE(badge(start.window), QStringLiteral("LIVE · NOT SAVED"));
        QVERIFY(start.window.close());
    }

    void aTrainingIsOfferedAgain_data() {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("offered");
        QTest::newRow("go on") << QByteArray("closing.continue") << true;
        QTest::newRow("stop") << QByteArray("closing.stop") << false;
    }

    void aTrainingIsOfferedAgain() {
        QFETCH(QByteArray, answer);
        QFETCH(bool, offered);
        const QString out = m_folder->filePath(QStringLiteral("out"));
        {
            Start first(m_file);
            first.open();
            first.window.findChild<QLineEdit*>(QStringLiteral("train.out"))->setText(out);
            first.window.findChild<QSpinBox*>(QStringLiteral("train.steps"))->setValue(900);
            QVERIFY(press(first.window, "train.start"));
            first.tellStep("step 120 of 900");
            QVERIFY(!first.window.close());
            QVERIFY(question(first.window)
                        ->informativeText()
                        .contains(QLatin1String("step 120 of 900")));
            writeCheckpoint(out);
            QVERIFY(press(first.window, answer.constData()));
            QTRY_VERIFY(!first.window.isVisible());
            QCOMPARE(first.fake->stopped.size(), std::size_t{1});
            first.memory.write();
        }
        Start second(m_file);
        QVERIFY(second.open());
        QCOMPARE(offer(second.window).isVisible(), offered);
        if (!offered) {
            return;
        }
        const auto texts = offer(second.window).findChildren<QLabel*>();
        QVERIFY2(texts.front()->text().contains(QLatin1String("step 120 of 900")),
                 qPrintable(texts.front()->text()));
        QTRY_VERIFY(second.isSettled());
        second.memory.write(); // an offer that is not answered stays
        QVERIFY(readSession(m_file).trainingStopped);
        QVERIFY(press(second.window, "training-offer.resume"));
        const auto& request = std::get<runtime::TrainRequest>(second.fake->requests.back().second);
        QVERIFY(request.resume);
        QCOMPARE(request.steps, 900);
        QCOMPARE(request.outFolder, out.toStdString());
        QVERIFY(!offer(second.window).isVisible());
        QCOMPARE(second.train().state(), TrainState::Running);
    }

    void anOfferCanBeDiscarded() {
        Session session;
        session.training.preset = "tiny-mor-expert";
        session.training.outFolder = m_folder->filePath(QStringLiteral("out")).toStdString();
        session.trainingStopped = true;
        panels::writeSession(m_file, toJson(session));
        Start start(m_file);
        QVERIFY(start.open());
        QVERIFY(offer(start.window).isVisible());
        QVERIFY(press(start.window, "training-offer.discard"));
        QVERIFY(!offer(start.window).isVisible());
        QTRY_VERIFY(start.isSettled());
        start.leave();
        QVERIFY(!readSession(m_file).trainingStopped);
    }

    /// A file that the window opened is listed; one that is gone says so.
    void openedFilesAreListed() {
        const QString path = m_folder->filePath(QStringLiteral("words.txt"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("some words");
        file.close();
        Start start(m_file);
        start.open();
        start.window.openPath(path);
        const auto first = [&] {
            return start.window.findChild<QAction*>(QStringLiteral("file.recent-texts.1"));
        };
        QVERIFY(first() != nullptr);
        start.lab.setPrompt({"others", {}, {}});
        first()->trigger();
        QTRY_COMPARE(start.lab.prompt().text, std::string("some words"));
        QFile::remove(path);
        first()->trigger();
        QTRY_VERIFY(first() == nullptr);
        start.leave();
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

QTEST_MAIN(TestSessionWindow)
#include "tst_session_window.moc"
