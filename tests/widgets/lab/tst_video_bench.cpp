// SPDX-License-Identifier: MIT
// A video model in the laboratory: its run follows the settings, references run on the same clip.
#include "tests/widgets/lab/lab_fixture.h"

#include <QTest>
#include <variant>

using namespace depthscope;
using test::LabFixture;

namespace {

std::vector<runtime::VideoSampleRequest> samplesOf(const LabFixture& fixture) {
    std::vector<runtime::VideoSampleRequest> found;
    for (const auto& [job, request] : fixture.fake->requests) {
        if (const auto* sample = std::get_if<runtime::VideoSampleRequest>(&request)) {
            found.push_back(*sample);
        }
    }
    return found;
}

void openVideoModel(LabFixture& fixture) {
    fixture.lab.loadModel(fixture.folder("demo-more-dit"));
    LabFixture::settle();
}

} // namespace

class TestVideoBench : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void loadingPredictsWithoutAPrompt() {
        LabFixture fixture;
        openVideoModel(fixture);
        QVERIFY(fixture.main() != nullptr);
        QCOMPARE(fixture.main()->costs.size(), std::size_t{8});
        QCOMPARE(fixture.main()->latest->step, 7U);
        QVERIFY(fixture.main()->latest->clip() != nullptr);
        QVERIFY(fixture.lab.idle());
    }

    void truthFullDepthAndBaselineRunOnTheSameClip() {
        LabFixture fixture;
        openVideoModel(fixture);
        const trace::TraceView view = fixture.lab.store().view();
        for (const char* key : {trace::kTruthRun, trace::kFullDepthRun, trace::kVanillaRun}) {
            QVERIFY2(view.other(key) != nullptr, key);
        }
        QCOMPARE(view.other(trace::kVanillaRun)->latest->model->name, std::string("demo-dit"));
        const auto samples = samplesOf(fixture);
        QCOMPARE(samples.size(), std::size_t{4});
        for (const auto& sample : samples) {
            QVERIFY(sample.pictures);
            QCOMPARE(sample.seed, std::uint64_t{1});
        }
        QVERIFY(samples[1].routing.rule == settings::Rule::Fixed);
        QVERIFY(!samples[1].timedWith.has_value());
        // Once all is shown, times that can be compared.
        QVERIFY(samples[3].run == trace::kFullDepthRun && samples[3].timedWith.has_value());
    }

    void theRunFollowsEverySetting() {
        LabFixture fixture;
        openVideoModel(fixture);
        const auto change = [&](auto set) {
            fixture.lab.edit(QStringLiteral("x"), -1, set);
            LabFixture::settle();
            std::vector<runtime::VideoSampleRequest> mains = samplesOf(fixture);
            std::erase_if(mains, [](const auto& one) { return one.run != trace::kMainRun; });
            return mains.back();
        };
        QCOMPARE(change([](settings::LabSettings& s) { s.video.clip = 5; }).clips.first,
                 std::uint64_t{5});
        QCOMPARE(change([](settings::LabSettings& s) { s.video.steps = 3; }).steps, 3);
        QCOMPARE(fixture.main()->costs.size(), std::size_t{3});
        QVERIFY(change([](settings::LabSettings& s) { s.video.heun = true; }).heun);
        QCOMPARE(change([](settings::LabSettings& s) {
                     s.routing.capacity = {{1, 1}, {1, 2}, {1, 4}};
                 }).routing.capacity.size(),
                 std::size_t{3});
        fixture.lab.undoStack().undo();
        fixture.lab.undoStack().undo();
        LabFixture::settle();
        QVERIFY(!samplesOf(fixture).back().heun);
    }

    void anOwnVideoIsContinuedAndUndone() {
        LabFixture fixture;
        openVideoModel(fixture);
        QVERIFY(samplesOf(fixture).back().own.file.empty());
        fixture.lab.edit(QStringLiteral("x"), -1, [](settings::LabSettings& s) {
            s.video.ownVideo = "/clips/cat.mp4";
            s.video.ownFirst = 40;
            s.video.ownEvery = 2;
        });
        LabFixture::settle();
        const runtime::ClipFile own{"/clips/cat.mp4", 40, 2};
        for (const auto& sample : samplesOf(fixture)) { // the references too
            QVERIFY(sample.revision < fixture.lab.revision() || sample.own == own);
        }
        QVERIFY(samplesOf(fixture).back().own == own);
        fixture.lab.undoStack().undo();
        LabFixture::settle();
        QVERIFY(samplesOf(fixture).back().own.file.empty());
    }

    void anotherModelCanStandBeside() {
        LabFixture fixture;
        openVideoModel(fixture);
        const QString other = fixture.folder("big-demo-dit");
        fixture.lab.compareWithModel(other);
        LabFixture::settle();
        const trace::RunView* beside = fixture.lab.store().view().other(trace::kVanillaRun);
        QVERIFY(beside != nullptr);
        QCOMPARE(beside->latest->model->name, std::string("big-demo-dit"));
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun) != nullptr);
        // Until another model is loaded.
        openVideoModel(fixture);
        beside = fixture.lab.store().view().other(trace::kVanillaRun);
        QVERIFY(beside != nullptr);
        QCOMPARE(beside->latest->model->name, std::string("demo-dit"));
    }

    void aModelOfOtherClipsCannot() {
        LabFixture fixture;
        QString title;
        QObject::connect(&fixture.lab, &lab::LabController::errorRaised, &fixture.lab,
                         [&](const QString& what) { title = what; });
        openVideoModel(fixture);
        fixture.lab.compareWithModel(fixture.folder("demo-vanilla")); // of texts
        LabFixture::settle();
        QCOMPARE(title, QStringLiteral("demo-vanilla cannot be compared"));
        const trace::RunView* beside = fixture.lab.store().view().other(trace::kVanillaRun);
        QVERIFY(beside != nullptr); // its neighbour again
        QCOMPARE(beside->latest->model->name, std::string("demo-dit"));
    }

    void aCapacityKeepsTheReferences() {
        LabFixture fixture;
        openVideoModel(fixture);
        const std::size_t before = samplesOf(fixture).size();
        fixture.lab.edit(QStringLiteral("x"), -1, [](settings::LabSettings& s) {
            s.routing.capacity = {{1, 1}, {1, 2}, {1, 4}};
        });
        LabFixture::settle();
        QCOMPARE(samplesOf(fixture).size(), before + 1); // the main run alone
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun) != nullptr);
    }

    void anotherClipHasReferencesOfItsOwn() {
        LabFixture fixture;
        openVideoModel(fixture);
        fixture.fake->automatic = false;
        fixture.lab.edit(QStringLiteral("x"), -1,
                         [](settings::LabSettings& s) { s.video.clip = 9; });
        LabFixture::settle();
        fixture.fake->answer(fixture.fake->requests.back().first);
        LabFixture::settle();
        QVERIFY(fixture.main()->latest->clip()->source.ends_with(" 9"));
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun) == nullptr);
        fixture.fake->answerAll();
        LabFixture::settle();
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun) != nullptr);
    }

    void aRefusalIsSaidAndOver() {
        LabFixture fixture;
        QString title;
        QObject::connect(&fixture.lab, &lab::LabController::errorRaised, &fixture.lab,
                         [&](const QString& what) { title = what; });
        openVideoModel(fixture);
        fixture.fake->passError = Error(ErrorCode::Usage, "steps is 0", "Must be from 1 to 1000.");
        fixture.lab.edit(QStringLiteral("x"), -1,
                         [](settings::LabSettings& s) { s.video.noiseSeed = 2; });
        LabFixture::settle();
        QCOMPARE(title, QStringLiteral("The clip was not predicted"));
        QVERIFY(fixture.lab.refused());
        fixture.fake->passError.reset();
        fixture.lab.run();
        LabFixture::settle();
        QVERIFY(!fixture.lab.refused() && fixture.main() != nullptr);
    }

    void textComesBackWithATextModel() {
        LabFixture fixture;
        openVideoModel(fixture);
        fixture.lab.loadModel(fixture.folder("demo-mor-expert"));
        LabFixture::settle();
        QVERIFY(fixture.main() == nullptr); // nothing was typed
        fixture.lab.setPrompt({"the cat sat", {}, {}});
        LabFixture::settle();
        QVERIFY(fixture.main() != nullptr && fixture.main()->isText());
    }

    void generatingSaysWhatToDo() {
        LabFixture fixture;
        QString notice;
        QObject::connect(&fixture.lab, &lab::LabController::noticeRaised, &fixture.lab,
                         [&](const QString& what) { notice = what; });
        openVideoModel(fixture);
        fixture.lab.generate();
        QVERIFY(notice.contains(QStringLiteral("Run")));
    }
};

QTEST_MAIN(TestVideoBench)
#include "tst_video_bench.moc"
