// SPDX-License-Identifier: MIT
// Routing regret of a video model against all depths of all tokens, and the search against a
// function whose best depths are known.
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/clip_regret.h"
#include "engine/evaluate/depth_search.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/flow.h"
#include "engine/models/patchify.h"
#include "tests/engine/models/video_fixture.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <cmath>
#include <limits>

using namespace depthscope;

namespace {

constexpr std::int64_t kTokens = 4, kRecursions = 3;
constexpr double kLevel = 0.5;

/// One frame of 2 x 2 target tokens after one of context.
spec::VideoSpec tinyMore() {
    spec::VideoSpec spec = tests::smallMore();
    spec.clip = {4, 8, 8};
    return spec;
}

evaluate::ClipSource clips() {
    auto made = std::make_shared<const data::ProceduralClips>(spec::findClipPreset("one-shape"),
                                                              spec::ClipSize{4, 8, 8}, 3);
    return [made](std::uint64_t index) { return made->clip(index); };
}

/// Summed error of clip 0 under depths [N, 4]; undefined: the router's, whose depths are returned.
at::Tensor errorsOf(const models::VideoModel& model, const at::Tensor& depths, at::Tensor* own) {
    const c10::NoGradGuard noGrad;
    const spec::VideoSpec& spec = model.spec();
    const std::int64_t rows = depths.defined() ? depths.size(0) : 1;
    const std::array<std::uint64_t, 1> numbers{0};
    const at::Tensor pixels =
        evaluate::batchOf(clips(), numbers).pixels.expand({rows, -1, -1, -1, -1});
    const at::Tensor clean = models::patchify(pixels.narrow(2, 2, 2), spec.patch);
    const at::Tensor noise = models::patchify(
        generate::clipNoise({2, 8, 8}, 0).unsqueeze(0).expand({rows, -1, -1, -1, -1}), spec.patch);
    models::SideInput context, target;
    context.patches = models::patchify(pixels.narrow(2, 0, 2), spec.patch);
    context.noise = at::zeros({rows});
    models::ContextMemory memory;
    static_cast<void>(model.runContext(context, memory));
    target.noise = at::full({rows}, kLevel);
    target.patches = models::noised(clean, noise, target.noise);
    target.recursion.forcedDepth = depths;
    const models::SidePass pass = model.runTarget(target, &memory);
    if (own != nullptr) {
        *own = pass.routed.depth;
    }
    const at::Tensor found =
        models::cleanOf(spec, {pass.output, target.patches, target.noise, at::Tensor()});
    return (found - clean).square().mean(-1).sum(1).to(at::kDouble);
}

/// Every row of depths 1..R of four tokens.
at::Tensor allDepths() {
    const at::Tensor one = at::arange(1, kRecursions + 1, at::kLong);
    return at::cartesian_prod({one, one, one, one});
}

} // namespace

class TestClipRegret : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void liesBetweenTheRouterAndTheBestOfAll() {
        const spec::VideoSpec spec = tinyMore();
        for (const std::uint64_t seed : {5U, 6U, 7U}) {
            const models::VideoModel model(spec, tests::busyWeights(spec, at::kFloat, seed));
            evaluate::ClipRegretMeter meter(model, clips(), {.clips = 1});
            QVERIFY(!meter.step());
            const evaluate::ClipRegret& regret = meter.regret();
            at::Tensor own;
            const double routed = errorsOf(model, {}, &own).item<double>();
            const double rounding = 1e-4 * routed; // fp32, in batches of unlike rows
            QCOMPARE(regret.tokens, kTokens);
            QVERIFY(std::abs(regret.routedSum - routed) < rounding);
            QCOMPARE(regret.routedDepthSum, own.sum().item<double>());
            const at::Tensor depths = allDepths(), errors = errorsOf(model, depths, nullptr);
            const at::Tensor cheap = depths.sum(1).le(own.sum());
            QVERIFY(regret.bestSum >= errors.min().item<double>() - rounding);
            QVERIFY(regret.equalCostSum >=
                    errors.masked_select(cheap).min().item<double>() - rounding);
            QVERIFY(regret.bestSum <= regret.equalCostSum);
            QVERIFY(regret.equalCostSum <= regret.routedSum);
            QVERIFY(regret.share() >= 0 && regret.share() < 1);
            QVERIFY(regret.bestDepthSum >= kTokens);
        }
    }

    /// Tokens that do not depend on each other: the search finds the best there is.
    void findsWhatIsBest() {
        const at::Tensor losses =
            at::tensor({3.0, 1.0, 2.0, 5.0, 4.0, 0.0, 1.0, 1.0, 1.0}, at::kDouble)
                .view({3, 3}); // token, depth
        const auto lossOf = [&](const at::Tensor& depths) {
            const at::Tensor rows = losses.unsqueeze(0)
                                        .expand({depths.size(0), -1, -1})
                                        .gather(2, (depths - 1).unsqueeze(-1));
            const at::Tensor sums = rows.squeeze(-1).sum(1).contiguous();
            return std::vector<double>(sums.const_data_ptr<double>(),
                                       sums.const_data_ptr<double>() + sums.numel());
        };
        const at::Tensor own = at::tensor({3, 1, 2}, at::kLong).unsqueeze(0);
        const evaluate::DepthSearch found =
            evaluate::searchDepths(own, {.recursions = 3, .losses = lossOf});
        QCOMPARE(found.routed.loss, 2.0 + 5.0 + 1.0);
        QCOMPARE(found.routed.steps, std::int64_t{6});
        QCOMPARE(found.best.loss, 1.0 + 0.0 + 1.0);
        QCOMPARE(found.best.steps, std::int64_t{2 + 3 + 1}); // no deeper than what it saves
        QCOMPARE(found.equalCost.loss, 2.0);
    }
};

QTEST_APPLESS_MAIN(TestClipRegret)
#include "tst_clip_regret.moc"
