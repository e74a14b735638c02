// SPDX-License-Identifier: MIT
// A training beside the laboratory: asked for, reported, paused, resumed, stopped, opened.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/training_history.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/free_folder.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/path_edit.h"
#include "widgets/panels/recipe_dialog.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"
#include "widgets/panels/training_clip_view.h"
#include "widgets/panels/training_estimate.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <utility>

using namespace depthscope;
using panels::TrainController;
using panels::TrainState;
using test::LabFixture;

namespace {

struct TrainFixture : LabFixture {
    TrainFixture() {
        for (auto& one : instruments) {
            if (std::string(one->id()) == "panel.training") {
                curves = new panels::InstrumentPanel(lab, *one, text);
            }
        }
        panel = std::make_unique<panels::TrainPanel>(lab, *curves, text);
        panel->show();
        settle();
        folder = root.filePath(QStringLiteral("out"));
        find<QLineEdit>("train.out")->setText(folder);
    }

    template <class Control>
    Control* find(const char* name) {
        return panel->findChild<Control*>(QString::fromLatin1(name));
    }

    void click(const char* name) {
        find<QPushButton>(name)->click();
        settle();
    }

    [[nodiscard]] const runtime::TrainRequest& requested() const {
        return std::get<runtime::TrainRequest>(fake->requests.back().second);
    }

    /// The newest training that was asked for, such as a trial; the laboratory asks for passes too.
    [[nodiscard]] std::pair<runtime::JobId, runtime::TrainRequest> lastTraining() const {
        for (auto at = fake->requests.rbegin(); at != fake->requests.rend(); ++at) {
            if (const auto* train = std::get_if<runtime::TrainRequest>(&at->second)) {
                return {at->first, *train};
            }
        }
        return {};
    }

    void report(std::int64_t step, double loss) {
        runtime::TrainReport report;
        report.job = fake->requests.back().first;
        report.step = step;
        report.steps = 900;
        report.trainLoss = loss;
        report.seconds = 0.25 * static_cast<double>(step);
        report.valLoss = loss + 0.1;
        report.activeShares = {1, 0.75, 0.5};
        report.meanDepth = 2.25;
        report.sample = "once upon";
        fake->tell(report);
        settle();
    }

    void touch(const char* name) {
        QDir().mkpath(folder);
        QFile file(folder + QLatin1Char('/') + QLatin1String(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }

    void write(const char* name, const QByteArray& content) {
        QDir().mkpath(folder);
        QFile file(folder + QLatin1Char('/') + QLatin1String(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }

    /// The head of one, which says how far it is.
    [[nodiscard]] static QByteArray checkpoint(int step, int steps) {
        const QByteArray head = QStringLiteral(R"({"__metadata__":{"step":"%1","steps":"%2"}})")
                                    .arg(step)
                                    .arg(steps)
                                    .toLatin1();
        QByteArray length(8, '\0');
        length[0] = static_cast<char>(head.size());
        return length + head;
    }

    [[nodiscard]] TrainController& train() { return panel->controller(); }

    std::vector<std::unique_ptr<instruments::Instrument>> instruments =
        instruments::makeInstruments();
    paint::qt::QtTextService text;
    panels::InstrumentPanel* curves = nullptr;
    std::unique_ptr<panels::TrainPanel> panel;
    QString folder;
};

} // namespace

class TestTrain : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void allRecipesCanBeChosen() {
        TrainFixture fixture;
        const std::vector<spec::PresetInfo> presets = spec::presetInfos();
        auto* box = fixture.find<QComboBox>("train.preset");
        QCOMPARE(box->count(), static_cast<int>(presets.size()));
        QCOMPARE(box->currentText().toStdString(), presets.front().name);
        QVERIFY(fixture.find<QSpinBox>("train.steps")
                    ->specialValueText()
                    .startsWith(QString::number(presets.front().steps)));
        QVERIFY(fixture.fake->requests.empty()); // the engine is not asked
    }

    void formBecomesTheRequest() {
        TrainFixture fixture;
        fixture.find<QComboBox>("train.preset")->setCurrentIndex(1);
        fixture.find<QLineEdit>("train.out")->setText(fixture.folder);
        auto* data = fixture.find<QComboBox>("train.data");
        data->setCurrentIndex(1);
        QVERIFY(!fixture.find<QPushButton>("train.start")->isEnabled()); // which file?
        fixture.find<QLineEdit>("train.text")->setText(QStringLiteral("/tmp/some.txt"));
        fixture.find<QSpinBox>("train.steps")->setValue(40);
        fixture.click("train.start");
        QCOMPARE(fixture.requested().preset,
                 fixture.find<QComboBox>("train.preset")->itemText(1).toStdString());
        QCOMPARE(fixture.requested().textFile, std::string("/tmp/some.txt"));
        QCOMPARE(fixture.requested().corpus, std::string());
        QCOMPARE(fixture.requested().steps, 40);
        QCOMPARE(fixture.requested().outFolder, fixture.folder.toStdString());
        QVERIFY(!fixture.requested().resume);
        QVERIFY(!data->isVisibleTo(fixture.panel.get()));
    }

    void theLabStaysLive() {
        TrainFixture fixture;
        fixture.click("train.start");
        QVERIFY(fixture.train().isBusy());
        QVERIFY(fixture.lab.idle());
        fixture.openExpert();
        QVERIFY(fixture.main());
        fixture.lab.stop(); // the lab's own work
        QCOMPARE(fixture.train().state(), TrainState::Running);
        QVERIFY(fixture.fake->stopped.empty());
    }

    void reportsBecomeCurves() {
        TrainFixture fixture;
        fixture.click("train.start");
        fixture.report(100, 3);
        fixture.report(200, 2);
        const trace::TrainingView* training = fixture.lab.store().view().training;
        QVERIFY(training);
        QCOMPARE(training->points.size(), std::size_t{2});
        QCOMPARE(training->points[1].valLoss, 2.1);
        // 1, 3/4 and 1/2 run the recursions: so many end after each.
        QCOMPARE(training->points[1].exitShares, (std::vector<double>{0.25, 0.25, 0.5}));
        QCOMPARE(training->steps, std::int64_t{900});
        QCOMPARE(fixture.train().sample(), QStringLiteral("once upon"));
        runtime::JobProgress news{fixture.fake->requests.back().first, 0.25, 75, "step 225 of 900"};
        QSignalSpy lab(&fixture.lab, &lab::LabController::progress);
        fixture.fake->tell(news);
        fixture.settle();
        QCOMPARE(fixture.train().progress().fraction, 0.25);
        QCOMPARE(lab.count(), 0); // the status bar is the lab's
    }

    void clipsAreAChangeOfTheRecipe() {
        TrainFixture fixture;
        auto* preset = fixture.find<QComboBox>("train.preset");
        preset->setCurrentText(QStringLiteral("demo-more-dit"));
        auto* data = fixture.find<QComboBox>("train.data");
        QCOMPARE(data->currentText(), QStringLiteral("Clips: one-shape"));
        data->setCurrentText(QStringLiteral("Clips: moving-shapes"));
        fixture.find<QLineEdit>("train.out")->setText(fixture.folder);
        fixture.click("train.start");
        QCOMPARE(fixture.requested().recipe,
                 (std::vector<settings::RecipeChange>{{"clips", "moving-shapes"}}));
        QVERIFY(fixture.requested().pictures);
        QVERIFY(fixture.requested().corpus.empty());
    }

    void ownVideosAreAChangeOfTheRecipe() {
        TrainFixture fixture;
        fixture.find<QComboBox>("train.preset")->setCurrentText(QStringLiteral("demo-more-dit"));
        auto* data = fixture.find<QComboBox>("train.data");
        data->setCurrentText(QStringLiteral("A folder of videos"));
        fixture.find<QLineEdit>("train.out")->setText(fixture.folder);
        QVERIFY(!fixture.find<QPushButton>("train.start")->isEnabled()); // which folder?
        fixture.find<QLineEdit>("train.text")->setText(QStringLiteral("/videos"));
        fixture.click("train.start");
        QCOMPARE(fixture.requested().recipe,
                 (std::vector<settings::RecipeChange>{{"data", "/videos"}}));
        QVERIFY(fixture.requested().textFile.empty());
    }

    void predictionsOfATrainingAreShown() {
        TrainFixture fixture;
        fixture.find<QComboBox>("train.preset")->setCurrentText(QStringLiteral("demo-more-dit"));
        fixture.click("train.start");
        runtime::TrainReport report;
        report.job = fixture.fake->requests.back().first;
        report.step = 100;
        report.steps = 900;
        report.metrics = {{"val_loss", 0.5, "weighted squared error"},
                          {"psnr_prediction", 20, "dB"},
                          {"psnr_copy_last", 17.5, "dB"}};
        auto clip = std::make_shared<trace::TrainingClip>();
        clip->made.assign(4, std::make_shared<const RgbPicture>(
                                 RgbPicture{8, 8, std::vector<std::uint8_t>(192)}));
        clip->truth = clip->made;
        clip->contextFrames = 2;
        report.clip = clip;
        fixture.fake->tell(report);
        fixture.settle();
        const trace::TrainingView& training = fixture.train().training();
        QCOMPARE(training.unit, std::string("weighted squared error"));
        QCOMPARE(training.points.back().psnrPrediction, 20.0);
        QCOMPARE(training.points.back().psnrCopyLast, 17.5);
        auto* view = fixture.find<panels::TrainingClipView>("train.clip");
        QVERIFY(view->isVisibleTo(fixture.panel.get()) && view->isPlaying());
        QTest::mouseClick(view, Qt::LeftButton);
        QVERIFY(!view->isPlaying());
        const int held = view->frame();
        QTest::keyClick(view, Qt::Key_Right);
        QCOMPARE(view->frame(), (held + 1) % 4);
        QTest::keyClick(view, Qt::Key_Space);
        QVERIFY(view->isPlaying());
    }

    void pauseIsAStopThatGoesOn() {
        TrainFixture fixture;
        fixture.click("train.start");
        fixture.report(100, 3);
        fixture.report(200, 2);
        fixture.click("train.pause");
        QCOMPARE(fixture.train().state(), TrainState::Paused);
        QCOMPARE(fixture.fake->stopped.size(), std::size_t{1});
        fixture.click("train.pause"); // now: Go on
        QCOMPARE(fixture.train().state(), TrainState::Running);
        QVERIFY(fixture.requested().resume);
        fixture.report(200, 1.9); // done again from the checkpoint
        fixture.report(300, 1.5);
        QCOMPARE(fixture.train().training().points.size(), std::size_t{3});
        QCOMPARE(fixture.train().training().points[1].trainLoss, 1.9);
        fixture.click("train.stop");
        QCOMPARE(fixture.train().state(), TrainState::Stopped);
        QVERIFY(!fixture.train().isBusy());
    }

    void aFinishedTrainingIsNotStartedAgain() {
        TrainFixture fixture;
        fixture.touch("checkpoint.safetensors");
        fixture.touch("training.json");
        fixture.find<QLineEdit>("train.out")->setText(QString());
        fixture.find<QLineEdit>("train.out")->setText(fixture.folder);
        QVERIFY(!fixture.find<QPushButton>("train.start")->isEnabled());
        QCOMPARE(fixture.find<QPushButton>("train.start")->text(), QStringLiteral("Start"));
        auto* next = fixture.find<QPushButton>("train.next-folder");
        QVERIFY(next->isVisible());
        QCOMPARE(next->text(), QStringLiteral("Use out-2"));
        fixture.click("train.next-folder");
        QCOMPARE(fixture.find<QLineEdit>("train.out")->text(),
                 fixture.folder + QStringLiteral("-2"));
        QVERIFY(!next->isVisible());
        QVERIFY(fixture.find<QPushButton>("train.start")->isEnabled());
    }

    void theNextFreeFolder() {
        const QTemporaryDir root;
        for (const char* taken : {"a", "a-2", "b-7"}) {
            QDir(root.path()).mkdir(QString::fromLatin1(taken));
        }
        QCOMPARE(panels::nextFreeFolder(root.filePath("a")), root.filePath("a-3"));
        QCOMPARE(panels::nextFreeFolder(root.filePath("a-2") + QLatin1Char('/')),
                 root.filePath("a-3"));
        QCOMPARE(panels::nextFreeFolder(root.filePath("b-7")), root.filePath("b-8"));
    }

    void changedRecipesAreAskedFor() {
        TrainFixture fixture;
        fixture.click("train.recipe");
        auto* dialog = fixture.panel->findChild<panels::RecipeDialog*>();
        QVERIFY(dialog);
        auto* rate = dialog->findChild<QLineEdit*>(QStringLiteral("recipe.learning_rate"));
        QVERIFY(rate);
        rate->setText(QStringLiteral("0.5"));
        Q_EMIT rate->editingFinished();
        fixture.settle();
        dialog->findChild<QPushButton*>(QStringLiteral("recipe.use"))->click();
        fixture.settle();
        QCOMPARE(fixture.find<QLineEdit>("train.out")->text(), fixture.folder);
        fixture.click("train.start");
        QCOMPARE(fixture.requested().recipe,
                 (std::vector<settings::RecipeChange>{{"learning_rate", "0.5"}}));
    }

    void anotherKindOfModelHasOtherFields() {
        TrainFixture fixture;
        panels::RecipeDialog dialog(fixture.text, QStringLiteral("tiny-vanilla"),
                                    {{"model_type", "mor_llama"}, {"alpha", "0.2"}});
        fixture.settle();
        QVERIFY(dialog.findChild<QLineEdit*>(QStringLiteral("recipe.alpha")));
        auto* kind = dialog.findChild<QComboBox*>(QStringLiteral("recipe.model_type"));
        QCOMPARE(kind->currentText(), QStringLiteral("mor_llama"));
        kind->setCurrentText(QStringLiteral("llama"));
        Q_EMIT kind->activated(kind->currentIndex());
        fixture.settle();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QVERIFY(!dialog.findChild<QLineEdit*>(QStringLiteral("recipe.alpha")));
        QCOMPARE(dialog.changes(), (std::vector<settings::RecipeChange>{{"model_type", "llama"}}));
    }

    /// The press commits the field.
    void typingAndPressingUsesWhatWasTyped() {
        TrainFixture fixture;
        panels::RecipeDialog dialog(fixture.text, QStringLiteral("tiny-vanilla"), {});
        dialog.show();
        fixture.settle();
        QSignalSpy accepted(&dialog, &QDialog::accepted);
        auto* rate = dialog.findChild<QLineEdit*>(QStringLiteral("recipe.learning_rate"));
        rate->setText(QStringLiteral("0.5"));
        Q_EMIT rate->editingFinished();
        dialog.findChild<QPushButton*>(QStringLiteral("recipe.use"))->click();
        QCOMPARE(accepted.count(), 1);
        QCOMPARE(dialog.changes(), (std::vector<settings::RecipeChange>{{"learning_rate", "0.5"}}));
    }

    void changedRecipesHaveAFolderOfTheirOwn() {
        TrainFixture fixture;
        auto* folder = fixture.find<QLineEdit>("train.out");
        folder->setText(QString());
        auto* preset = fixture.find<QComboBox>("train.preset");
        preset->setCurrentIndex(1);
        const QString plain = folder->text();
        QVERIFY(plain.endsWith(preset->currentText()));
        fixture.click("train.recipe");
        auto* dialog = fixture.panel->findChild<panels::RecipeDialog*>();
        auto* rate = dialog->findChild<QLineEdit*>(QStringLiteral("recipe.learning_rate"));
        rate->setText(QStringLiteral("0.5"));
        Q_EMIT rate->editingFinished();
        fixture.settle();
        dialog->findChild<QPushButton*>(QStringLiteral("recipe.use"))->click();
        fixture.settle();
        QVERIFY(folder->text().startsWith(plain + QStringLiteral("-changed-")));
        folder->setText(fixture.folder); // a chosen one stays
        preset->setCurrentIndex(0);
        QCOMPARE(folder->text(), fixture.folder);
    }

    void whatIsRefusedCannotBeUsed() {
        TrainFixture fixture;
        panels::RecipeDialog dialog(fixture.text, QStringLiteral("tiny-vanilla"), {});
        fixture.settle();
        auto* use = dialog.findChild<QPushButton*>(QStringLiteral("recipe.use"));
        QVERIFY(use->isEnabled());
        auto* rate = dialog.findChild<QLineEdit*>(QStringLiteral("recipe.learning_rate"));
        rate->setText(QStringLiteral("much"));
        Q_EMIT rate->editingFinished();
        fixture.settle();
        QVERIFY(!use->isEnabled());
        dialog.findChild<QPushButton*>(QStringLiteral("recipe.reset"))->click();
        fixture.settle();
        QVERIFY(use->isEnabled());
        QVERIFY(dialog.changes().empty());
    }

    void anEarlierTrainingGoesOn() {
        TrainFixture fixture;
        fixture.touch("checkpoint.safetensors");
        fixture.find<QLineEdit>("train.out")->setText(QString());
        fixture.find<QLineEdit>("train.out")->setText(fixture.folder);
        QCOMPARE(fixture.find<QPushButton>("train.start")->text(), QStringLiteral("Resume"));
        fixture.click("train.start");
        QVERIFY(fixture.requested().resume);
    }

    /// The folder keeps what was reported to a window that is gone.
    void aResumedTrainingShowsWhatCameBefore() {
        TrainFixture fixture;
        fixture.write("checkpoint.safetensors", fixture.checkpoint(200, 900));
        fixture.write("metrics.csv",
                      "step,train_loss,val_loss,tokens,training_flops,seconds,mean_depth,"
                      "load_by_recursion\n"
                      "100,3,3.1,1000,1e9,50,2.25,1 0.75 0.5\n"
                      "200,2,2.1,2000,2e9,75,2,1 0.5 0.5\n"
                      "300,1,1.1,3000,3e9,99,2,1 0.5 0.5\n"); // after the checkpoint
        fixture.find<QLineEdit>("train.out")->setText(QString());
        fixture.find<QLineEdit>("train.out")->setText(fixture.folder);
        fixture.click("train.start");
        QVERIFY(fixture.requested().resume);
        const trace::TrainingView* training = fixture.lab.store().view().training;
        QVERIFY(training);
        QCOMPARE(training->points.size(), std::size_t{2});
        QCOMPARE(training->steps, std::int64_t{900});
        QCOMPARE(training->points[1].valLoss, 2.1);
        QCOMPARE(training->points[1].tokensPerSecond, 40.0);
        QCOMPARE(training->points[0].exitShares, (std::vector<double>{0.25, 0.25, 0.5}));
        QVERIFY(!fixture.train().hasReported());
        fixture.report(300, 1.5);
        QCOMPARE(fixture.train().training().points.size(), std::size_t{3});
        QVERIFY(fixture.train().hasReported());
    }

    void aVideoModelsHistoryHasItsUnit() {
        TrainFixture fixture;
        fixture.write("metrics.csv", "step,train_loss,val_loss,tokens,training_flops,seconds,"
                                     "psnr_prediction,psnr_copy_last\n"
                                     "100,,0.5,1000,1e9,50,20,17.5\nbroken\n");
        const lab::TrainingHistory history = lab::trainingHistory(fixture.folder, 100);
        QCOMPARE(history.unit, std::string("weighted squared error"));
        QCOMPARE(history.points.size(), std::size_t{1});
        QVERIFY(std::isnan(history.points[0].trainLoss));
        QCOMPARE(history.points[0].psnrPrediction, 20.0);
        QVERIFY(lab::trainingHistory(fixture.folder + QStringLiteral("/no"), 9).points.empty());
    }

    void finishedModelOpensInTheLab() {
        TrainFixture fixture;
        QVERIFY(!fixture.find<QPushButton>("train.open")->isEnabled());
        fixture.click("train.start");
        QDir().mkpath(fixture.folder + QStringLiteral("/best"));
        fixture.touch("best/config.json");
        fixture.report(100, 3);
        QVERIFY(fixture.find<QPushButton>("train.open")->isEnabled()); // the best so far
        fixture.touch("config.json");
        fixture.fake->answerAll();
        fixture.settle();
        QCOMPARE(fixture.train().state(), TrainState::Finished);
        auto* preset = fixture.find<QComboBox>("train.preset");
        QVERIFY(!preset->isVisibleTo(fixture.panel.get())); // what came out, not what went in
        QSignalSpy opened(fixture.panel.get(), &panels::TrainPanel::openRequested);
        fixture.click("train.open");
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened[0][0].toString(), fixture.folder);
        fixture.click("train.start"); // now: New
        QVERIFY(preset->isVisibleTo(fixture.panel.get()));
    }

    void theTimeIsEstimatedBeforeStart() {
        TrainFixture fixture;
        auto* line = fixture.panel->findChild<panels::TrainingEstimate*>();
        QVERIFY(line->isVisible());
        QVERIFY(fixture.fake->requests.empty()); // no engine yet
        fixture.openExpert();                    // now there is one
        const auto [trial, request] = fixture.lastTraining();
        QCOMPARE(request.preset, fixture.train().presets().front().name);
        QVERIFY(request.outFolder != fixture.folder.toStdString());
        QVERIFY(line->text().startsWith(QLatin1String("Estimating")));
        QVERIFY(fixture.lab.idle()); // it is beside the laboratory
        fixture.find<QSpinBox>("train.steps")->setValue(600);
        const double done = 10;
        fixture.fake->tell(runtime::JobProgress{trial, done / request.steps,
                                                0.5 * (request.steps - done), "step"});
        fixture.settle();
        QCOMPARE(line->text(),
                 QStringLiteral("About 5 min for 600 steps, without the evaluations; 10 "
                                "steps timed just now took 500 ms each."));
        fixture.find<QSpinBox>("train.steps")->setValue(14400);
        QVERIFY(line->text().startsWith(QLatin1String("About 2 h 0 min for 14400 steps")));
        fixture.click("train.start");
        QVERIFY(!line->isVisible());
        fixture.report(100, 3); // 25 s
        fixture.click("train.stop");
        fixture.find<QSpinBox>("train.steps")->setValue(240);
        QCOMPARE(line->text(),
                 QStringLiteral("About 60 s for 240 steps; in the last training with this "
                                "recipe on this machine, a step took 250 ms."));
    }

    void aTrialStopsForTheTraining() {
        TrainFixture fixture;
        fixture.openExpert();
        const runtime::JobId trial = fixture.lastTraining().first;
        fixture.click("train.start");
        QCOMPARE(std::ranges::count(fixture.fake->stopped, trial), 1);
        QCOMPARE(fixture.requested().outFolder, fixture.folder.toStdString());
        QCOMPARE(fixture.train().state(), TrainState::Running);
    }

    void noEstimateSaysWhy() {
        TrainFixture fixture;
        fixture.openExpert();
        const std::size_t asked = fixture.fake->requests.size();
        fixture.fake->tell(runtime::JobEnded{
            fixture.lastTraining().first, false,
            Error(ErrorCode::OutOfMemory, "needs 90 GiB", "Choose a smaller preset.")});
        fixture.settle();
        auto* line = fixture.panel->findChild<panels::TrainingEstimate*>();
        QCOMPARE(line->text(), QStringLiteral("No estimate of the time: needs 90 GiB. Choose a "
                                              "smaller preset."));
        QCOMPARE(fixture.fake->requests.size(), asked); // it is not tried again and again
        fixture.find<QComboBox>("train.preset")->setCurrentIndex(1);
        fixture.settle();
        QCOMPARE(fixture.fake->requests.size(), asked + 1);
    }

    void whatIsLeftIsEstimated() {
        TrainFixture fixture;
        fixture.openExpert();
        const runtime::JobId trial = fixture.lastTraining().first;
        const int steps = fixture.lastTraining().second.steps;
        fixture.touch("checkpoint.safetensors");
        QFile curve(fixture.folder + QStringLiteral("/metrics.csv"));
        QVERIFY(curve.open(QIODevice::WriteOnly));
        curve.write("step,train_loss\n300,2\n");
        curve.close();
        fixture.find<QSpinBox>("train.steps")->setValue(900);
        fixture.fake->tell(runtime::JobProgress{trial, 5.0 / steps, 1.0 * (steps - 5), "step"});
        fixture.settle();
        auto* line = fixture.panel->findChild<panels::TrainingEstimate*>();
        QVERIFY2(
            line->text().startsWith(QLatin1String("About 10 min for the 600 steps that are left")),
            qPrintable(line->text()));
    }

    void theEndOfALongPathIsShown() {
        panels::PathEdit edit;
        edit.resize(160, 24);
        const QString path = QStringLiteral("/home/a-name/that-is/long/and-goes-on/to/the-end");
        edit.setText(path);
        QVERIFY(edit.shownText().endsWith(QLatin1String("the-end")));
        QVERIFY(edit.shownText() != path);
        QCOMPARE(edit.text(), path);
        edit.resize(1200, 24);
        QCOMPARE(edit.shownText(), path);
    }

    void failuresAreTold() {
        TrainFixture fixture;
        QSignalSpy failed(fixture.panel.get(), &panels::TrainPanel::failed);
        fixture.click("train.start");
        const runtime::JobId job = fixture.fake->requests.back().first;
        fixture.fake->tell(
            runtime::JobEnded{job, false, Error(ErrorCode::BadInput, "no text", "Name one.")});
        fixture.settle();
        QCOMPARE(failed.count(), 1);
        QCOMPARE(fixture.train().state(), TrainState::Failed);
        QVERIFY(fixture.find<QPushButton>("train.start")->isEnabled());
    }
};

QTEST_MAIN(TestTrain)
#include "tst_train.moc"
