// SPDX-License-Identifier: MIT
// Steps along a flow against closed forms, and what sampling must not depend on.
#include "engine/base/error.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/flow.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <cmath>

using namespace depthscope;
using generate::FlowSolver;

namespace {

spec::VideoSpec smallSpec() {
    spec::VideoSpec spec;
    spec.clip = {6, 8, 8};
    spec.patch = {2, 4, 4};
    spec.width = 24;
    spec.heads = 2;
    spec.entryBlocks = 2;
    spec.contextFrames = 2;
    spec.classes = 3;
    return spec;
}

models::VideoModel smallModel(const spec::VideoSpec& spec) {
    models::VideoWeights weights = models::randomVideoWeights(spec, 3);
    at::manual_seed(11);
    for (const models::DistinctWeight& weight : models::weightsOf(spec, weights)) {
        weight.tensor.copy_(at::randn(weight.tensor.sizes()) * 0.1);
    }
    return {spec, std::move(weights)};
}

generate::ClipStart start(std::int64_t clips, bool hasContext = true) {
    generate::ClipStart made;
    at::manual_seed(21);
    const at::Tensor frames = at::rand({4, 3, 2, 8, 8}) * 2 - 1;
    if (hasContext) {
        made.context = frames.narrow(0, 0, clips).contiguous();
    }
    for (std::int64_t k = 0; k < clips; ++k) {
        made.seeds.push_back(static_cast<std::uint64_t>(100 + k));
    }
    return made;
}

at::Tensor sampled(const models::VideoModel& model,
                   const generate::ClipSampling& sampling,
                   generate::ClipStart begin) {
    generate::ClipSampler sampler(model, sampling, std::move(begin));
    while (!sampler.isDone()) {
        sampler.step();
    }
    return sampler.frames();
}

double difference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

/// Error of n steps for data N(mu, s²), whose flow is a straight scaling: x_t has mean (1 - t) mu
/// and variance ((1 - t) s)² + t², and v(x, t) = (d sigma/dt) / sigma · (x - (1 - t) mu) - mu.
double gaussianError(FlowSolver solver, int steps) {
    constexpr double kMean = 0.7, kSpread = 0.4;
    const auto variance = [](double t) { return std::pow((1 - t) * kSpread, 2) + t * t; };
    const generate::Velocity velocity = [&](const at::Tensor& x, double t) {
        const double slope = (t - (1 - t) * kSpread * kSpread) / variance(t);
        return (x - (1 - t) * kMean) * slope - kMean;
    };
    const at::Tensor noise = at::linspace(-2, 2, 9, at::kDouble);
    at::Tensor x = noise;
    for (int i = 0; i < steps; ++i) {
        // The velocity is known at t = 0 too: end a little before, so that Heun's last step counts.
        constexpr double kEnd = 1e-3;
        const double t = 1 - (1 - kEnd) * i / steps, next = 1 - (1 - kEnd) * (i + 1) / steps;
        x = generate::flowStep(solver, x, t, next, velocity);
    }
    const double end = 1e-3;
    const at::Tensor exact = (1 - end) * kMean + noise * std::sqrt(variance(end));
    return difference(x, exact);
}

} // namespace

class TestClipSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Data that is one point: the velocity is exact from anywhere, one step arrives.
    void reachesAPoint() {
        const at::Tensor point = at::randn({5}, at::kDouble), noise = at::randn({5}, at::kDouble);
        const generate::Velocity velocity = [&](const at::Tensor& x, double t) {
            return (x - point) / t;
        };
        for (const double t : {1.0, 0.6, 0.1}) {
            const at::Tensor x = (1 - t) * point + t * noise;
            const at::Tensor end = generate::flowStep(FlowSolver::Euler, x, t, 0, velocity);
            QVERIFY(difference(end, point) < tests::kDouble);
        }
    }

    void ordersOfError() {
        const double euler =
            gaussianError(FlowSolver::Euler, 64) / gaussianError(FlowSolver::Euler, 128);
        const double heun =
            gaussianError(FlowSolver::Heun, 64) / gaussianError(FlowSolver::Heun, 128);
        QVERIFY2(euler > 1.8 && euler < 2.2, qPrintable(QString::number(euler)));
        QVERIFY2(heun > 3.4 && heun < 4.6, qPrintable(QString::number(heun)));
    }

    void randomControlsDoNotSeeNeighbours_data() {
        QTest::addColumn<bool>("hasExperts");
        QTest::newRow("random depth") << false;
        QTest::newRow("random depth and experts") << true;
    }

    /// Random experts and depths are drawn from the clip's seed. Neighbours change no bit of a
    /// clip; of one with experts only its rounding: the tokens of an expert, whosever they are, are
    /// one product, whose kernel depends on how many they are.
    void randomControlsDoNotSeeNeighbours() {
        QFETCH(bool, hasExperts);
        spec::VideoSpec spec = smallSpec();
        spec.entryBlocks = 1;
        spec.recursion.emplace();
        spec.recursion->capacity = {{1, 1}, {2, 3}, {1, 3}};
        spec.recursion->expertTags = hasExperts;
        if (hasExperts) {
            spec.patterns.emplace();
        }
        const models::VideoModel model = smallModel(spec);
        generate::ClipSampling sampling;
        sampling.steps = 2;
        sampling.recursion.settings.rule = settings::Rule::Random;
        sampling.patterns.mode = spec::PatternMode::Random;
        generate::ClipStart one = start(3), two = start(3);
        two.seeds = {100, 7, 8};
        two.context = two.context.clone();
        two.context.narrow(0, 1, 2).neg_();
        const at::Tensor a = sampled(model, sampling, one), b = sampled(model, sampling, two);
        QVERIFY(hasExperts ? difference(a[0], b[0]) < tests::kFloatRoutes : at::equal(a[0], b[0]));
        QVERIFY(difference(a[1], b[1]) > 1e-2); // drawn otherwise
    }

    void keptContextChangesNothing() {
        const models::VideoModel model = smallModel(smallSpec());
        generate::ClipSampling kept, anew;
        anew.keepsContext = false;
        QVERIFY(difference(sampled(model, kept, start(2)), sampled(model, anew, start(2))) < 1e-5);
    }

    /// The frames that are predicted have no effect on the context.
    void contextBytesAreThoseOfItsTokens() {
        const models::VideoModel model = smallModel(smallSpec());
        generate::ClipSampler sampler(model, {}, start(2));
        QCOMPARE(sampler.contextBytes(), std::int64_t{0});
        sampler.step();
        const std::int64_t tokens = 4, blocks = 2, width = 24, bytes = 4;
        QCOMPARE(sampler.contextBytes(), 2 * tokens * blocks * width * 2 * bytes);
        sampler.step();
        QCOMPARE(sampler.contextBytes(), 2 * tokens * blocks * width * 2 * bytes);
    }

    /// The noise of a clip is of its seed, not of its place.
    void seedsAreOfTheClip() {
        const at::Tensor alone = generate::clipNoise({4, 8, 8}, 101);
        QVERIFY(at::equal(alone, generate::clipNoise({4, 8, 8}, 101)));
        QVERIFY(!at::equal(alone, generate::clipNoise({4, 8, 8}, 102)));
        const models::VideoModel model = smallModel(smallSpec());
        generate::ClipStart both = start(2, false);
        generate::ClipStart turned = both;
        std::swap(turned.seeds[0], turned.seeds[1]);
        const at::Tensor a = sampled(model, {}, both), b = sampled(model, {}, turned);
        // Another row of a product may be summed in another order.
        QVERIFY(difference(a[0], b[1]) < tests::kFloatRoutes);
        QVERIFY(difference(a[1], b[0]) < tests::kFloatRoutes);
    }

    void guidanceOfOneIsTheLabelAlone() {
        const models::VideoModel model = smallModel(smallSpec());
        generate::ClipStart labelled = start(2);
        labelled.labels = at::tensor({0, 2}, at::kLong);
        generate::ClipSampling one, none, between;
        none.guidance = 0;
        between.guidance = 1 + 1e-6;
        const at::Tensor with = sampled(model, one, labelled);
        QVERIFY(difference(with, sampled(model, between, labelled)) < 1e-4);
        const at::Tensor without = sampled(model, none, labelled);
        QVERIFY(at::equal(without, sampled(model, one, start(2))));
        QVERIFY(difference(with, without) > 1e-3);
    }

    void countsEvaluations() {
        const models::VideoModel model = smallModel(smallSpec());
        generate::ClipSampling heun;
        heun.solver = FlowSolver::Heun;
        heun.steps = 4;
        generate::ClipSampler sampler(model, heun, start(1));
        while (!sampler.isDone()) {
            sampler.step();
        }
        QCOMPARE(sampler.evaluations(), 7); // the last step is Euler's
        QCOMPARE(sampler.noiseLevel(), 0.0);
    }

    void refuses() {
        const models::VideoModel model = smallModel(smallSpec());
        generate::ClipStart wrong = start(1);
        wrong.context = at::zeros({1, 3, 2, 8, 12});
        QVERIFY_THROWS_EXCEPTION(Error, generate::ClipSampler(model, {}, wrong));
        wrong.context = at::zeros({1, 3, 6, 8, 8});
        QVERIFY_THROWS_EXCEPTION(Error, generate::ClipSampler(model, {}, wrong));
        generate::ClipSampling absurd;
        absurd.steps = 0;
        QVERIFY_THROWS_EXCEPTION(Error, generate::ClipSampler(model, absurd, start(1)));
    }
};

QTEST_GUILESS_MAIN(TestClipSampler)
#include "tst_clip_sampler.moc"
