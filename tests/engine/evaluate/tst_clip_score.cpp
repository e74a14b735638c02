// SPDX-License-Identifier: MIT
// Interventions of a clip's score: what the oracle ranks by, and who gets the predicted frames.
#include "engine/data/patch_truth.h"
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/clip_score.h"
#include "engine/evaluate/image_metrics.h"
#include "tests/engine/models/video_fixture.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

using namespace depthscope;

namespace {

constexpr std::int64_t kClips = 5;

spec::VideoSpec predicting() {
    spec::VideoSpec spec = tests::smallMore();
    spec.clip = {6, 16, 16};
    return spec;
}

evaluate::ClipSource clips() {
    auto made = std::make_shared<const data::ProceduralClips>(spec::findClipPreset("one-shape"),
                                                              spec::ClipSize{6, 16, 16}, 3);
    return [made](std::uint64_t index) { return made->clip(index); };
}

/// Predicted frames of a score, and its PSNR.
struct Scored {
    at::Tensor frames;
    double psnr = 0;
};

Scored scored(const models::VideoModel& model, const evaluate::ClipScoring& asked) {
    Scored made;
    std::vector<at::Tensor> parts;
    evaluate::ClipScoring scoring = asked;
    scoring.clips = kClips;
    scoring.batch = 2;
    scoring.flow = false;
    scoring.sampling.steps = 2;
    scoring.predicted = [&](const at::Tensor& frames) { parts.push_back(frames); };
    made.psnr = evaluate::scoreClips(model, clips(), scoring).psnrPrediction;
    made.frames = at::cat(parts);
    return made;
}

} // namespace

class TestClipScore : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void givesTheFramesThatItMeasures() {
        const spec::VideoSpec spec = predicting();
        const models::VideoModel model(spec, tests::busyWeights(spec, at::kFloat));
        const Scored made = scored(model, {});
        QCOMPARE(made.frames.sizes(), (at::IntArrayRef{kClips, 3, 4, 16, 16}));
        std::vector<std::uint64_t> numbers{0, 1, 2, 3, 4};
        const at::Tensor truth = evaluate::batchOf(clips(), numbers).pixels.narrow(2, 2, 4);
        const double error = ((made.frames.clamp(-1, 1) - truth) / 2.0)
                                 .to(at::kDouble)
                                 .square()
                                 .mean()
                                 .item<double>();
        QVERIFY(std::abs(evaluate::psnr(error, 1.0) - made.psnr) < 1e-4); // fp32 squares
    }

    /// The same as ranking each clip's target tokens by the change of their patch, by hand.
    void theOracleRanksByTrueMotion() {
        const spec::VideoSpec spec = predicting();
        const models::VideoModel model(spec, tests::busyWeights(spec, at::kFloat));
        evaluate::ClipScoring asked;
        asked.oracle = true;
        const Scored oracle = scored(model, asked);
        evaluate::ClipScoring one;
        double most = 0;
        for (std::int64_t i = 0; i < kClips; ++i) {
            const data::Clip clip = clips()(static_cast<std::uint64_t>(i));
            const std::vector<float> change = data::patchChange(clip, {2, 4, 4});
            const at::Tensor all = at::tensor(at::ArrayRef<float>(change));
            one.sampling.recursion.rankBy = all.narrow(0, 16, 32).unsqueeze(0);
            one.clips = 1;
            one.firstClip = static_cast<std::uint64_t>(i);
            one.flow = false;
            one.sampling.steps = 2;
            at::Tensor frames;
            one.predicted = [&](const at::Tensor& made) { frames = made; };
            static_cast<void>(evaluate::scoreClips(model, clips(), one));
            most = std::max(most, tests::apart(frames[0], oracle.frames[i]));
        }
        QVERIFY2(most < 2e-5, qPrintable(QString::number(most))); // fp32, other batches
        QVERIFY(tests::apart(oracle.frames, scored(model, {}).frames) > 1e-3);
    }

    void invertedIsNotWhatTheRouterDoes() {
        const spec::VideoSpec spec = predicting();
        const models::VideoModel model(spec, tests::busyWeights(spec, at::kFloat));
        evaluate::ClipScoring inverted;
        inverted.sampling.recursion.inverted = true;
        QVERIFY(tests::apart(scored(model, inverted).frames, scored(model, {}).frames) > 1e-3);
    }
};

QTEST_APPLESS_MAIN(TestClipScore)
#include "tst_clip_score.moc"
