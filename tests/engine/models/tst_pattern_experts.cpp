// SPDX-License-Identifier: MIT
// Stage 1 of MoRE-DiT: the fast path against a masked reference, forward and all gradients; what
// each pattern may see; selection, balance, grouping.
#include "engine/models/expert_groups.h"
#include "tests/engine/models/masked_patterns.h"
#include "tests/engine/models/video_fixture.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <array>
#include <utility>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;
using spec::Pattern;
using spec::PatternMode;

namespace {

std::vector<models::DistinctWeight> learnedOf(const spec::VideoSpec& spec,
                                              models::VideoWeights& weights) {
    std::vector<models::DistinctWeight> list;
    for (models::DistinctWeight& weight : models::weightsOf(spec, weights)) {
        if (weight.key.starts_with("patterns.") && !weight.key.ends_with("balance")) {
            weight.tensor.requires_grad_();
            list.push_back(weight);
        }
    }
    return list;
}

/// Gradients of sum(out · probe) by the weights and x; cleared behind.
std::vector<at::Tensor> gradientsOf(const at::Tensor& out,
                                    const at::Tensor& probe,
                                    const std::vector<models::DistinctWeight>& weights,
                                    at::Tensor& x) {
    out.backward(probe);
    std::vector<at::Tensor> list;
    const auto take = [&](const at::Tensor& tensor) {
        list.push_back(tensor.grad().defined() ? tensor.grad().clone() : at::zeros_like(tensor));
        tensor.mutable_grad().reset();
    };
    for (const models::DistinctWeight& weight : weights) {
        take(weight.tensor);
    }
    take(x);
    return list;
}

/// Relative to the size of what is compared.
double worst(const at::Tensor& a, const at::Tensor& b) {
    return apart(a, b) / (1.0 + b.abs().max().item<double>());
}

/// A model of Stage 1 alone over a grid that is large enough to have an outside.
struct Bench {
    spec::VideoSpec spec;
    models::VideoWeights weights;
    models::PatternLists lists;

    explicit Bench(spec::VideoSpec made, at::ScalarType dtype = at::kDouble)
        : spec(std::move(made))
        , weights(busyWeights(spec, dtype)) {}

    at::Tensor run(models::Side& side,
                   const at::Tensor& x,
                   models::PatternChoice& choice,
                   const models::PatternRequest& request = {}) {
        return models::runPatternExperts({spec, weights.patterns, lists}, side, request, x, choice);
    }
};

spec::VideoSpec wideMore() {
    spec::VideoSpec spec = smallMore();
    spec.clip = {10, 20, 20}; // 5 x 5 x 5 tokens
    return spec;
}

} // namespace

class TestPatternExperts : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void fastEqualsMasked_data() {
        QTest::addColumn<PatternMode>("mode");
        QTest::addColumn<bool>("isDouble");
        QTest::addColumn<bool>("hasContext");
        QTest::addColumn<bool>("isScaled");
        for (const PatternMode mode : {PatternMode::Token, PatternMode::Expert, PatternMode::Soft,
                                       PatternMode::Layer, PatternMode::Random}) {
            for (const bool isDouble : {true, false}) {
                const std::string name(spec::toString(mode));
                const char* bits = isDouble ? "fp64" : "fp32";
                QTest::addRow("%s, %s", name.c_str(), bits) << mode << isDouble << false << false;
                QTest::addRow("%s, %s, behind a context", name.c_str(), bits)
                    << mode << isDouble << true << false;
            }
        }
        QTest::addRow("token, gate 4 p") << PatternMode::Token << true << true << true;
    }

    void fastEqualsMasked() {
        QFETCH(PatternMode, mode);
        QFETCH(bool, isDouble);
        QFETCH(bool, hasContext);
        QFETCH(bool, isScaled);
        const auto dtype = isDouble ? at::kDouble : at::kFloat;
        const double tolerance = isDouble ? kDouble : kFastPatterns;
        Bench bench(smallMore(), dtype);
        bench.spec.patterns->mode = mode;
        bench.spec.patterns->capacityFactor = {3, 2};
        bench.spec.patterns->gate =
            isScaled ? spec::PatternGate::Scaled : spec::PatternGate::StraightThrough;
        constexpr std::int64_t kClips = 2;
        models::ContextMemory memory;
        models::Side side =
            sideOf(bench.spec, kClips, hasContext ? 1 : 0, hasContext ? 2 : 3, dtype);
        if (hasContext) {
            models::Side context = sideOf(bench.spec, kClips, 0, 1, dtype);
            context.kv = models::SideKv::context(&memory);
            models::PatternChoice ignored;
            static_cast<void>(bench.run(context, statesOf(bench.spec, context, dtype), ignored));
            side.kv = models::SideKv::target(&memory);
        }
        const auto learned = learnedOf(bench.spec, bench.weights);
        at::Tensor x = statesOf(bench.spec, side, dtype).requires_grad_();
        models::PatternChoice choice;
        const at::Tensor fast = bench.run(side, x, choice, {.seeds = {3, 4}});
        const MaskedPatterns reference{bench.spec,
                                       bench.weights.patterns,
                                       side,
                                       hasContext ? memory.slot(0).kv : nn::KeysValues{},
                                       memory.lastFrame,
                                       mode == PatternMode::Soft};
        const at::Tensor slow = reference.run(x, choice);
        QVERIFY(worst(fast, slow) < tolerance);
        const at::Tensor probe = at::randn_like(fast);
        const auto byFast = gradientsOf(fast, probe, learned, x);
        const auto bySlow = gradientsOf(slow, probe, learned, x);
        for (std::size_t i = 0; i < byFast.size(); ++i) {
            const std::string key = i < learned.size() ? learned[i].key : "x";
            QVERIFY2(worst(byFast[i], bySlow[i]) < tolerance, key.c_str());
        }
    }

    /// A pattern's query is changed by the tokens that it may see and by no other.
    void locality_data() {
        QTest::addColumn<Pattern>("pattern");
        QTest::newRow("temporal") << Pattern::Temporal;
        QTest::newRow("spatial") << Pattern::Spatial;
        QTest::newRow("motion") << Pattern::Motion;
        QTest::newRow("context") << Pattern::Context;
    }

    void locality() {
        QFETCH(Pattern, pattern);
        Bench bench(wideMore());
        models::Side side = sideOf(bench.spec, 1, 0, 5, at::kDouble);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        const models::PatternRequest request{.forced = pattern};
        const auto run = [&](const at::Tensor& states) {
            models::Side copy = side;
            models::PatternChoice choice;
            return bench.run(copy, states, choice, request);
        };
        constexpr std::int64_t kFrame = 2, kRow = 2, kColumn = 1;
        at::Tensor moved = x.clone();
        moved[0][kFrame * 25 + kRow * 5 + kColumn].add_(at::randn({bench.spec.width}, at::kDouble));
        const at::Tensor changed = (run(moved) - run(x)).abs().sum(-1).gt(0)[0];
        for (std::int64_t i = 0; i < 125; ++i) {
            const std::int64_t f = i / 25, y = i % 25 / 5, u = i % 5;
            const bool same = f == kFrame && y == kRow && u == kColumn;
            const bool near =
                std::abs(f - kFrame) <= 1 && std::abs(y - kRow) <= 1 && std::abs(u - kColumn) <= 1;
            const bool expected = pattern == Pattern::Temporal  ? y == kRow && u == kColumn
                                  : pattern == Pattern::Spatial ? f == kFrame
                                  : pattern == Pattern::Motion  ? near
                                                                : same;
            QCOMPARE(changed[i].item<bool>(), expected);
        }
    }

    /// With one frame and one expert the layer is a block of a plain transformer.
    void oneExpertIsABlock() {
        spec::VideoSpec spec = smallMore();
        spec.clip = {2, 16, 16};
        spec.contextFrames = 0;
        spec.mlpRatio = spec.patterns->mlpRatio;
        spec.recursion->expertTags = false;
        Bench bench(spec);
        models::Side side = sideOf(spec, 2, 0, 1, at::kDouble);
        const at::Tensor x = statesOf(spec, side, at::kDouble);
        models::PatternChoice choice;
        const at::Tensor fast = bench.run(side, x, choice, {.forced = Pattern::Spatial});
        const models::PatternWeights& w = bench.weights.patterns;
        const models::DitBlock block{w.modulation, w.attention,
                                     w.experts[static_cast<std::size_t>(Pattern::Spatial)]};
        models::Side again = side;
        again.kv = models::SideKv::target(nullptr);
        const at::Tensor plain =
            models::runDitBlock(spec, {block, models::modulationOf(w.modulation, again)}, again,
                                {.rotary = again.rotary}, x);
        QVERIFY(worst(fast, plain) < kDouble);
    }

    /// The Context expert knows no neighbours: tokens that change places take their results along.
    void contextIsEquivariant() {
        Bench bench(wideMore());
        models::Side side = sideOf(bench.spec, 1, 0, 5, at::kDouble);
        side.rotary = {};
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        const at::Tensor order = at::randperm(125);
        const auto run = [&](const at::Tensor& states) {
            models::Side copy = side;
            models::PatternChoice choice;
            return bench.run(copy, states, choice, {.forced = Pattern::Context});
        };
        QVERIFY(worst(run(x.index_select(1, order)), run(x).index_select(1, order)) < kDouble);
    }

    /// The expert of each token is the largest p + balance, the first of equal ones; the balance
    /// does not enter the gate.
    void selection() {
        Bench bench(smallMore());
        models::Side side = sideOf(bench.spec, 2, 0, 3, at::kDouble);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        const auto run = [&] {
            models::Side copy = side;
            models::PatternChoice choice;
            static_cast<void>(bench.run(copy, x, choice, {.losses = true}));
            return choice;
        };
        bench.weights.patterns.balance[2] = 2.0;
        const models::PatternChoice pushed = run();
        QVERIFY(pushed.expert.eq(2).all().item<bool>());
        QVERIFY(pushed.weight.le(1).all().item<bool>());
        bench.weights.patterns.balance.zero_();
        bench.weights.patterns.router.zero_();
        const models::PatternChoice tied = run();
        QVERIFY(tied.expert.eq(0).all().item<bool>());
        QCOMPARE(tied.shares[0].item<double>(), 1.0);
    }

    /// Each expert takes its best tokens of its clip; a token may have none.
    void expertChoice() {
        Bench bench(smallMore());
        bench.spec.patterns->mode = PatternMode::Expert;
        models::Side side = sideOf(bench.spec, 3, 0, 3, at::kDouble);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        models::PatternChoice choice;
        static_cast<void>(bench.run(side, x, choice));
        constexpr std::int64_t kTake = 3; // of 12 tokens, factor 1
        QCOMPARE(choice.token.size(1), 4 * kTake);
        const at::Tensor h = models::modulatedNorm(
            x, models::modulationOf(bench.weights.patterns.modulation, side).shift1,
            models::modulationOf(bench.weights.patterns.modulation, side).scale1);
        const at::Tensor p = at::softmax(at::linear(h, bench.weights.patterns.router), -1);
        for (std::int64_t b = 0; b < 3; ++b) {
            for (std::int64_t e = 0; e < 4; ++e) {
                const at::Tensor best =
                    std::get<0>(std::get<1>(at::topk(p[b].select(1, e), kTake)).sort());
                QVERIFY(at::equal(choice.token[b].narrow(0, e * kTake, kTake), best));
                QVERIFY(choice.expert[b].narrow(0, e * kTake, kTake).eq(e).all().item<bool>());
            }
        }
    }

    /// 1 where all experts are used alike, 4 where one takes all; the bias pushes towards 1/4.
    void balance() {
        Bench bench(smallMore());
        bench.spec.patterns->balanceCoefficient = 0.01;
        models::Side side = sideOf(bench.spec, 2, 0, 3, at::kDouble);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        const auto lossOf = [&](const models::PatternRequest& request) {
            models::Side copy = side;
            models::PatternChoice choice;
            static_cast<void>(bench.run(copy, x, choice, request));
            return choice.balance.item<double>();
        };
        bench.weights.patterns.router.zero_(); // p = 1/4 each: 4 · sum of share / 4
        QVERIFY(std::abs(lossOf({.losses = true}) - 1.0) < 1e-6);
        bench.weights.patterns.router[1] = at::ones({bench.spec.width}, at::kDouble);
        bench.weights.patterns.modulation.projection.bias.zero_();
        bench.weights.patterns.modulation.projection.weight.zero_();
        bench.weights.patterns.modulation.projection.bias.narrow(0, 0, bench.spec.width)
            .fill_(10.0);
        QVERIFY(std::abs(lossOf({.losses = true}) - 4.0) <
                1e-6); // H is large: p is 1 of one expert
        at::Tensor bias = at::zeros({4});
        models::balancePatterns(bias, at::tensor({0.5, 0.25, 0.2, 0.05}), 1e-3);
        QVERIFY(apart(bias, at::tensor({-1e-3, 0.0, 1e-3, 1e-3})) < 1e-9);
    }

    /// The gate is what the router learns by: its gradient against central differences.
    void routerGradient() {
        Bench bench(smallMore());
        bench.spec.patterns->gate = spec::PatternGate::Scaled;
        models::Side side = sideOf(bench.spec, 1, 0, 3, at::kDouble);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        at::Tensor& router = bench.weights.patterns.router;
        const auto run = [&] {
            models::Side copy = side;
            models::PatternChoice choice;
            return bench.run(copy, x, choice);
        };
        router.requires_grad_();
        const at::Tensor out = run();
        const at::Tensor probe = at::randn_like(out);
        (out * probe).sum().backward();
        const at::Tensor gradient = router.grad().clone();
        const c10::NoGradGuard noGrad;
        constexpr double kStep = 1e-6;
        for (const auto& [e, d] : {std::pair{0, 1}, {1, 7}, {2, 3}, {3, 20}}) {
            const auto shifted = [&](double by) {
                router[e][d] += by;
                const double sum = (run() * probe).sum().item<double>();
                router[e][d] -= by;
                return sum;
            };
            const double numeric = (shifted(kStep) - shifted(-kStep)) / (2 * kStep);
            QVERIFY(std::abs(numeric - gradient[e][d].item<double>()) < 1e-6);
        }
    }

    /// Sorted rows and tiles of one expert compute the same.
    void tilesEqualGroups() {
        Bench bench(smallMore());
        const auto& experts = bench.weights.patterns.experts;
        for (const std::int64_t rows : {1, 5, 64, 97}) {
            const at::Tensor index = at::randint(4, {rows}, at::kLong).clamp_max(rows % 3 + 1);
            const at::Tensor x = at::randn({rows, bench.spec.width}, at::kDouble);
            const at::Tensor sorted =
                models::groupedFeedForward(experts, models::groupRows(index), x);
            const at::Tensor tiled =
                models::groupedFeedForward(experts, models::groupIntoTiles(index), x);
            QVERIFY(apart(sorted, tiled) < kDouble);
            const at::Tensor alone = models::feedForward(
                experts[static_cast<std::size_t>(index[0].item<std::int64_t>())],
                x.narrow(0, 0, 1));
            QVERIFY(apart(sorted.narrow(0, 0, 1), alone) < kDouble);
        }
    }
};

QTEST_APPLESS_MAIN(TestPatternExperts)
#include "tst_pattern_experts.moc"
