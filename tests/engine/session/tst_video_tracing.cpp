// SPDX-License-Identifier: MIT
// A denoising step as a trace: both sides in the places of the clip.
#include "engine/evaluate/depth_probe.h"
#include "engine/generate/clip_sampler.h"
#include "engine/session/video_tracing.h"
#include "tests/engine/models/video_fixture.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::tests;

class TestVideoTracing : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void bothSidesInOrder() {
        spec::VideoSpec spec = smallMore();
        const models::VideoModel model(spec, busyWeights(spec, at::kFloat));
        generate::ClipSampling sampling;
        sampling.steps = 2;
        sampling.recursion.trace = true;
        generate::ClipStart start;
        start.context = at::rand({2, 3, 2, 8, 8});
        start.seeds = {1, 2};
        generate::ClipSampler sampler(model, sampling, start);
        sampler.step();
        QVERIFY(sampler.madeContext());
        const models::SidePass& target = *sampler.lastPass();
        const models::SidePass& context = *sampler.lastContext();
        const trace::RoutingStep step = session::routingOf(
            spec, {&context, target, sampler.contextBytes(), 1.0, sampler.madeContext()}, 1);
        QCOMPARE(step.layout.places(), std::int64_t{12});
        QCOMPARE(step.places(), std::size_t{12});
        QCOMPARE(step.scores.size(), std::size_t{36});
        QCOMPARE(step.experts.front().places(), std::size_t{12});
        QCOMPARE(step.noiseLevel, 1.0);
        for (std::int64_t i = 0; i < 12; ++i) {
            const at::Tensor depth =
                i < 4 ? context.routed.depth[1][i] : target.routed.depth[1][i - 4];
            QCOMPARE(static_cast<std::int64_t>(step.depth[static_cast<std::size_t>(i)]),
                     depth.item<std::int64_t>());
            const at::Tensor expert =
                i < 4 ? context.patterns.expert[1][i] : target.patterns.expert[1][i - 4];
            QCOMPARE(static_cast<std::int64_t>(
                         step.experts.front().indexOf(static_cast<std::size_t>(i))[0]),
                     expert.item<std::int64_t>());
        }
        QVERIFY(!std::isnan(step.scores[0]) && step.kv.groups.size() == 4);
        QVERIFY(step.cost.flops < step.cost.fullFlops && step.kv.measuredBytes > 0);
        sampler.step();
        QVERIFY(!sampler.madeContext());
    }

    /// The context's bytes by recursion are those that are kept, whichever keys are asked for.
    void bytesOfTheContext() {
        const spec::VideoSpec spec = smallMore();
        const models::VideoModel model(spec, busyWeights(spec, at::kFloat));
        for (const spec::RecursionKeys keys :
             {spec::RecursionKeys::Active, spec::RecursionKeys::Frozen,
              spec::RecursionKeys::Mixed}) {
            generate::ClipSampling sampling;
            sampling.steps = 1;
            sampling.recursion.settings.kv = spec::policyOf(keys);
            generate::ClipStart start;
            start.context = at::rand({2, 3, 2, 8, 8});
            start.seeds = {1, 2};
            generate::ClipSampler sampler(model, sampling, start);
            sampler.step();
            const trace::RoutingStep step = session::routingOf(
                spec,
                {sampler.lastContext(), *sampler.lastPass(), sampler.contextBytes(), 1.0, true}, 0);
            const std::int64_t lastFrame = 4 * spec.width * 4; // what Stage 1 compares with
            QCOMPARE(step.kv.measuredBytes, step.kv.predictedBytes + lastFrame);
        }
    }

    /// Ties count half.
    void aucByHand() {
        QCOMPARE(evaluate::aucOf({{0, 2, 0}, {0, 0, 3}}, 1), 1.0);
        QCOMPARE(evaluate::aucOf({{0, 2, 0}, {0, 3, 0}}, 1), 0.5);
        QCOMPARE(evaluate::aucOf({{1, 1, 0}, {0, 1, 1}}, 1), 0.875);
        QVERIFY(std::isnan(evaluate::aucOf({{1, 1, 0}, {0, 0, 0}}, 1)));
    }
};

QTEST_APPLESS_MAIN(TestVideoTracing)
#include "tst_video_tracing.moc"
