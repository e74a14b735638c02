// SPDX-License-Identifier: MIT
// What the window sees of a prediction: a trace per denoising step with pictures, the truth as a
// run of its own, and no pixel that the preview changed.
#include "engine/evaluate/image_metrics.h"
#include "tests/engine/session/small_video_session.h"

#include <QtTest>
#include <cmath>
#include <variant>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

struct Outcome {
    std::vector<trace::StepPtr> steps;
    runtime::VideoSampleReport report;

    [[nodiscard]] std::vector<trace::StepPtr> of(const trace::RunKey& key) const {
        std::vector<trace::StepPtr> found;
        for (const trace::StepPtr& step : steps) {
            if (step->key == key) {
                found.push_back(step);
            }
        }
        return found;
    }
};

struct Fixture : SmallVideoSession {
    using SmallVideoSession::SmallVideoSession;

    Outcome run(const runtime::VideoSampleRequest& request) {
        Outcome outcome;
        sample(request, [&](const runtime::Event& event) {
            if (const auto* published = std::get_if<runtime::StepPublished>(&event)) {
                outcome.steps.push_back(published->step);
            } else if (const auto* report = std::get_if<runtime::VideoSampleReport>(&event)) {
                outcome.report = *report;
            }
        });
        return outcome;
    }
};

runtime::VideoSampleRequest withPictures() {
    runtime::VideoSampleRequest request;
    request.steps = 3;
    request.pictures = true;
    request.revision = 12;
    return request;
}

} // namespace

class TestVideoSampleJob : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void stepsHaveThePictures() {
        Fixture fixture;
        const Outcome outcome = fixture.run(withPictures());
        const auto steps = outcome.of(trace::kMainRun);
        QCOMPARE(steps.size(), std::size_t{3});
        for (std::size_t i = 0; i < steps.size(); ++i) {
            QCOMPARE(steps[i]->step, static_cast<std::uint32_t>(i));
            QCOMPARE(steps[i]->revision, std::uint64_t{12});
            const trace::ClipContent* clip = steps[i]->clip();
            QVERIFY(clip != nullptr);
            QCOMPARE(clip->pictures.size(), std::size_t{6});
            QCOMPARE(clip->contextFrames, 2);
            QCOMPARE(steps[i]->routing.classes.size(), std::size_t{12});
            QVERIFY(steps[i]->routing.classSet != nullptr);
        }
        QVERIFY(bytesOf(*steps.back()->clip()) == outcome.report.clips.at(0));
    }

    /// Full depth in turns with the routing: the clip of a plain run, times that can be compared.
    void timedByTurns() {
        Fixture fixture;
        runtime::VideoSampleRequest request = withPictures();
        request.run = trace::kFullDepthRun;
        request.routing.rule = settings::Rule::Fixed;
        const auto plain = fixture.run(request).of(trace::kFullDepthRun);
        request.timedWith.emplace();
        const auto timed = fixture.run(request).of(trace::kFullDepthRun);
        QCOMPARE(timed.size(), plain.size());
        for (std::size_t i = 0; i < timed.size(); ++i) {
            const trace::StepCost& cost = timed[i]->routing.cost;
            QVERIFY(cost.rounds >= 1 && cost.rounds <= 9);
            QVERIFY(cost.milliseconds > 0 && cost.routedMilliseconds > 0);
            QCOMPARE(std::isnan(cost.roundsSpread), cost.rounds < 4);
            QCOMPARE(cost.flops, plain[i]->routing.cost.flops);
            QCOMPARE(plain[i]->routing.cost.rounds, 0);
        }
        QVERIFY(bytesOf(*timed.back()->clip()) == bytesOf(*plain.back()->clip()));
    }

    /// The last step shows what the same request without pictures makes, byte for byte.
    void thePreviewChangesNoPixel() {
        Fixture fixture;
        runtime::VideoSampleRequest request = withPictures();
        const auto shown = fixture.run(request).of(trace::kMainRun);
        request.pictures = false;
        const Outcome plain = fixture.run(request);
        QVERIFY(plain.of(trace::kTruthRun).empty());
        QVERIFY(plain.steps.back()->clip() == nullptr);
        QVERIFY(bytesOf(*shown.back()->clip()) == plain.report.clips.at(0));
        QCOMPARE(shown.back()->clip()->psnr, plain.report.psnr);
        QCOMPARE(shown.back()->clip()->psnrCopyLast, plain.report.psnrCopy);
    }

    /// The truth begins with the given frames; the PSNR is that of the pictures, but for their
    /// rounding to bytes.
    void theTruthIsARunOfItsOwn() {
        Fixture fixture;
        const Outcome outcome = fixture.run(withPictures());
        const auto truth = outcome.of(trace::kTruthRun);
        QCOMPARE(truth.size(), std::size_t{1});
        QVERIFY(outcome.steps.front() == truth.front());
        const trace::ClipContent& known = *truth.front()->clip();
        const trace::ClipContent& made = *outcome.of(trace::kMainRun).back()->clip();
        QCOMPARE(known.source, made.source);
        QCOMPARE(known.pictures.size(), std::size_t{6});
        QVERIFY(known.pictures[1]->bytes == made.pictures[1]->bytes);
        QVERIFY(known.pictures[2]->bytes != made.pictures[2]->bytes);
        double error = 0;
        for (std::size_t f = 2; f < 6; ++f) {
            error += evaluate::meanSquaredError(known.pictures[f]->bytes, made.pictures[f]->bytes);
        }
        constexpr double kRounding = 0.05; // dB
        QVERIFY(std::abs(evaluate::psnr(error / 4, 255.0) - made.psnr) < kRounding);
    }

    void referencesRunOnTheSameClip() {
        Fixture fixture;
        runtime::VideoSampleRequest request = withPictures();
        const auto main = fixture.run(request).of(trace::kMainRun);
        request.run = trace::kFullDepthRun;
        request.routing.rule = settings::Rule::Fixed;
        const Outcome full = fixture.run(request);
        QVERIFY(full.of(trace::kTruthRun).empty());
        const trace::StepTrace& last = *full.of(trace::kFullDepthRun).back();
        QCOMPARE(last.clip()->source, main.back()->clip()->source);
        QVERIFY(last.offDistribution && !main.back()->offDistribution);
        QCOMPARE(last.routing.cost.flops, last.routing.cost.fullFlops);
        QVERIFY(main.back()->routing.cost.flops < last.routing.cost.flops);
    }

    void aPlainTransformerHasSteps() {
        spec::VideoSpec spec = smallMore();
        spec.patterns.reset();
        spec.recursion.reset();
        Fixture fixture(spec);
        const auto steps = fixture.run(withPictures()).of(trace::kMainRun);
        QCOMPARE(steps.size(), std::size_t{3});
        QVERIFY(steps[0]->settings.rule == settings::Rule::Fixed);
        QCOMPARE(steps[0]->routing.depth, std::vector<std::uint8_t>(12, 1));
    }

    void otherClipsAreOutsideTraining() {
        Fixture fixture;
        runtime::VideoSampleRequest request = withPictures();
        QVERIFY(fixture.run(request).of(trace::kMainRun)[0]->notice.empty());
        request.clips.name = "glyphs";
        const auto steps = fixture.run(request).of(trace::kMainRun);
        QVERIFY(steps[0]->notice.find("outside training") != std::string::npos);
        QVERIFY(steps[0]->clip()->source.find("glyphs") != std::string::npos);
    }

    void expertsCanBeChosen() {
        Fixture fixture;
        runtime::VideoSampleRequest request = withPictures();
        request.experts = "soft";
        const auto soft = fixture.run(request).of(trace::kMainRun);
        QVERIFY(soft[0]->offDistribution);
        QCOMPARE(soft[0]->routing.experts.front().index.size(), std::size_t{48}); // four a patch
        request.experts = "nobody";
        QVERIFY_EXCEPTION_THROWN(fixture.run(request), Error);
    }

    void nothingStopsAtAnExit() {
        Fixture fixture;
        runtime::VideoSampleRequest request = withPictures();
        request.routing.exits = settings::Exits::Stop;
        QVERIFY_EXCEPTION_THROWN(fixture.run(request), Error);
    }
};

QTEST_GUILESS_MAIN(TestVideoSampleJob)
#include "tst_video_sample_job.moc"
