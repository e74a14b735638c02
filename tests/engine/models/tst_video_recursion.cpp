// SPDX-License-Identifier: MIT
// Stage 2 of MoRE-DiT: the routed stack against unrolled blocks, the nested selection, keys, noise
// levels, sides apart.
#include "engine/base/error.h"
#include "engine/models/routed.h"
#include "tests/engine/models/recursion_bench.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <algorithm>
#include <numeric>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;
using settings::Rule;
using spec::RecursionKeys;

namespace {

spec::VideoSpec everyToken() {
    spec::VideoSpec spec = smallMore();
    spec.recursion->capacity = {{1, 1}, {1, 1}, {1, 1}};
    spec.recursion->blocks = 2;
    return spec;
}

} // namespace

class TestVideoRecursion : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void fullCapacityIsTheUnrolledStack() {
        for (const bool isGated : {true, false}) {
            RecursionBench bench(everyToken());
            bench.spec.recursion->router.weightedGating = isGated;
            const models::Side side = bench.side(2);
            const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
            models::RoutedState state;
            QVERIFY(apart(bench.run(side, x, state), bench.unrolled(side, x, isGated)) < kDouble);
            QVERIFY(state.depth.eq(3).all().item<bool>());
        }
    }

    /// Without a router every token takes every recursion, ungated: Stage-1-only's stack.
    void fixedDepthNeedsNoRouter() {
        spec::VideoSpec spec = everyToken();
        spec.recursion->rule = Rule::Fixed;
        RecursionBench bench(spec);
        const models::Side side = bench.side(2);
        const at::Tensor x = statesOf(spec, side, at::kDouble);
        models::RoutedState state;
        const at::Tensor out = bench.run(side, x, state);
        bench.weights.recursion.routers.assign(3, {at::zeros({1, spec.width}, at::kDouble)});
        QVERIFY(apart(out, bench.unrolled(side, x, false)) < kDouble);
    }

    void oneRecursionIsABlock() {
        spec::VideoSpec spec = smallMore();
        spec.recursion->recursions = 1;
        spec.recursion->capacity = {{1, 1}};
        spec.recursion->router.weightedGating = false;
        RecursionBench bench(spec);
        bench.weights.recursion.steps.zero_();
        models::Side side = bench.side(2);
        const at::Tensor x = statesOf(spec, side, at::kDouble);
        models::RoutedState state;
        const at::Tensor routed = bench.run(side, x, state);
        const models::DitBlock& block = bench.weights.recursion.stack[0];
        const at::Tensor plain =
            models::runDitBlock(spec, {block, models::modulationOf(block.modulation, side)}, side,
                                {.rotary = side.rotary}, x);
        QVERIFY(apart(routed, plain) < kDouble);
    }

    /// A_{r+1} is a part of A_r; k is rounded up; depths add up to the k's; who is not chosen
    /// stays.
    void selectionIsNested() {
        spec::VideoSpec spec = smallMore();
        spec.recursion->capacity = {{1, 1}, {3, 5}, {1, 5}}; // of 12 tokens: 12, 8, 3
        RecursionBench bench(spec);
        const models::Side side = bench.side(3);
        const at::Tensor x = statesOf(spec, side, at::kDouble);
        models::RoutedState state;
        static_cast<void>(bench.run(side, x, state, {.trace = true}));
        const std::vector<std::int64_t> k{12, 8, 3};
        std::int64_t sum = 0;
        for (std::size_t r = 0; r < k.size(); ++r) {
            QCOMPARE(state.selected[r].size(1), k[r]);
            sum += 3 * k[r];
            for (std::int64_t b = 0; b < 3; ++b) {
                const at::Tensor row = state.selected[r][b];
                QVERIFY(
                    row.narrow(0, 1, k[r] - 1).gt(row.narrow(0, 0, k[r] - 1)).all().item<bool>());
                QVERIFY(state.depth[b]
                            .index_select(0, row)
                            .gt(static_cast<std::int64_t>(r))
                            .all()
                            .item<bool>());
            }
        }
        QCOMPARE(state.depth.sum().item<std::int64_t>(), sum);
    }

    /// Interventions against sorting by hand; gates stay what the scores say, so that the same
    /// depths forced give the same states.
    void interventionsSelectAsSorted_data() {
        QTest::addColumn<bool>("inverted");
        QTest::addColumn<bool>("given");
        QTest::newRow("inverted") << true << false;
        QTest::newRow("other values") << false << true;
        QTest::newRow("other values, inverted") << true << true;
    }

    void interventionsSelectAsSorted() {
        QFETCH(bool, inverted);
        QFETCH(bool, given);
        RecursionBench bench(smallMore());
        const models::Side side = bench.side(3);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        models::RecursionRequest request;
        request.trace = true;
        request.inverted = inverted;
        if (given) { // few different values: equal ones go to the first
            request.rankBy = at::randint(4, {3, 12}, at::kLong).to(at::kFloat);
        }
        models::RoutedState state;
        const at::Tensor out = bench.run(side, x, state, request);
        const std::vector<std::int64_t> k{12, 8, 4};
        for (std::int64_t b = 0; b < 3; ++b) {
            std::vector<std::int64_t> left(12);
            std::iota(left.begin(), left.end(), std::int64_t{0});
            for (std::size_t r = 0; r < k.size(); ++r) {
                const at::Tensor by = (given ? request.rankBy[b] : state.scores[r][b]);
                std::ranges::stable_sort(left, [&](std::int64_t i, std::int64_t j) {
                    const auto a = by[i].item<double>(), c = by[j].item<double>();
                    return inverted ? a < c : a > c;
                });
                left.resize(static_cast<std::size_t>(k[r]));
                std::ranges::sort(left);
                QVERIFY(at::equal(state.selected[r][b], at::tensor(left, at::kLong)));
            }
        }
        models::RoutedState forced;
        const at::Tensor same = bench.run(side, x, forced, {.forcedDepth = state.depth});
        QVERIFY(apart(out, same) < kDouble);
    }

    void tiesGoToTheFirst() {
        RecursionBench bench(smallMore());
        for (auto& router : bench.weights.recursion.routers) {
            router[0].zero_();
        }
        const models::Side side = bench.side(2);
        models::RoutedState state;
        static_cast<void>(bench.run(side, statesOf(bench.spec, side, at::kDouble), state));
        QVERIFY(at::equal(state.selected[1][1], at::arange(8)));
        QVERIFY(at::equal(state.selected[2][0], at::arange(4)));
    }

    /// Tokens that change places with their positions take their results along.
    void equivariance() {
        RecursionBench bench(smallMore());
        models::Side side = bench.side(1);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        const at::Tensor order = at::randperm(12);
        models::RoutedState one, two;
        const at::Tensor plain = bench.run(side, x, one);
        side.rotary = {side.rotary.cosine.index_select(1, order),
                       side.rotary.sine.index_select(1, order)};
        const at::Tensor moved = bench.run(side, x.index_select(1, order), two);
        QVERIFY(apart(moved, plain.index_select(1, order)) < kDouble);
    }

    /// A clip's result does not depend on its neighbours, to the last bit.
    void neighboursDoNotMatter() {
        for (const RecursionKeys keys :
             {RecursionKeys::Active, RecursionKeys::Frozen, RecursionKeys::Mixed}) {
            RecursionBench bench(smallMore(), at::kFloat);
            bench.spec.recursion->keys = keys;
            const models::Side side = bench.side(3);
            const at::Tensor x = statesOf(bench.spec, side, at::kFloat);
            models::Side other = side;
            other.condition =
                at::cat({side.condition.narrow(0, 0, 1), at::randn({2, bench.spec.width})});
            const at::Tensor neighbours = at::cat(
                {x.narrow(0, 0, 1), statesOf(bench.spec, side, at::kFloat).narrow(0, 1, 2)});
            models::RoutedState one, two;
            const at::Tensor a = bench.run(side, x, one), b = bench.run(other, neighbours, two);
            QVERIFY(at::equal(a[0], b[0]));
        }
    }

    /// Random depths are those of the clip's own seed, wherever it stands in a batch.
    void randomDepthsFollowTheClip_data() {
        QTest::addColumn<bool>("isToken");
        QTest::newRow("expert-choice") << false;
        QTest::newRow("token-choice") << true;
    }

    void randomDepthsFollowTheClip() {
        QFETCH(bool, isToken);
        spec::VideoSpec spec = smallMore();
        if (isToken) {
            spec.recursion->rule = Rule::Token;
            spec.recursion->router.type = spec::RouterType::Token;
            spec.recursion->router.function = spec::RouterFunction::Softmax;
        }
        const RecursionBench bench(spec, at::kFloat);
        const models::Side side = bench.side(3);
        const at::Tensor x = statesOf(spec, side, at::kFloat);
        models::RecursionRequest request;
        request.settings.rule = Rule::Random;
        request.seeds = {7, 8, 9};
        models::RoutedState one, two, three;
        const at::Tensor a = bench.run(side, x, one, request);
        request.seeds = {7, 100, 200};
        const at::Tensor neighbours =
            at::cat({x.narrow(0, 0, 1), statesOf(spec, side, at::kFloat).narrow(0, 1, 2)});
        const at::Tensor b = bench.run(side, neighbours, two, request);
        QVERIFY(at::equal(a[0], b[0]));
        QVERIFY(at::equal(one.depth[0], two.depth[0]));
        QVERIFY(!at::equal(one.depth[1], two.depth[1])); // another seed
        request.seeds = {200, 9, 7};
        static_cast<void>(bench.run(side, x, three, request));
        QVERIFY(at::equal(three.depth[2], one.depth[0]));
        QVERIFY(at::equal(three.depth[1], one.depth[2]));
    }

    /// A KV policy asks for the keys that a spec can have.
    void keysByPolicy() {
        for (const RecursionKeys keys :
             {RecursionKeys::Active, RecursionKeys::Frozen, RecursionKeys::Mixed}) {
            RecursionBench bench(smallMore());
            const models::Side side = bench.side(2);
            const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
            models::RecursionRequest request;
            request.settings.kv = spec::policyOf(keys);
            models::RoutedState asked, trained;
            const at::Tensor byPolicy = bench.run(side, x, asked, request);
            bench.spec.recursion->keys = keys;
            QVERIFY(at::equal(byPolicy, bench.run(side, x, trained)));
            QVERIFY(asked.routing.settings.kv == request.settings.kv);
            QVERIFY(trained.routing.settings.kv == request.settings.kv);
        }
    }

    void tooManyCapacities() {
        const RecursionBench bench(smallMore());
        const models::Side side = bench.side(1);
        models::RecursionRequest request;
        request.settings.capacity = {{1, 1}, {1, 2}, {1, 3}, {1, 4}};
        models::RoutedState state;
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(
                bench.run(side, statesOf(bench.spec, side, at::kDouble), state, request)),
            Error);
    }

    /// The three sets of keys, each written out by hand for two recursions over one block.
    void keys_data() {
        QTest::addColumn<RecursionKeys>("keys");
        QTest::newRow("active") << RecursionKeys::Active;
        QTest::newRow("frozen") << RecursionKeys::Frozen;
        QTest::newRow("mixed") << RecursionKeys::Mixed;
    }

    void keys() {
        QFETCH(RecursionKeys, keys);
        spec::VideoSpec spec = smallMore();
        spec.recursion->recursions = 2;
        spec.recursion->capacity = {{1, 1}, {1, 2}};
        spec.recursion->keys = keys;
        RecursionBench bench(spec);
        const models::Side side = bench.side(1);
        at::Tensor x = statesOf(spec, side, at::kDouble);
        models::RoutedState state;
        const at::Tensor routed = bench.run(side, x, state);
        const models::DitBlock& block = bench.weights.recursion.stack[0];
        nn::KeysValues first;
        for (int r = 0; r < 2; ++r) {
            const models::Modulated m = models::modulationsOf(
                block.modulation, side, bench.weights.recursion.steps.narrow(0, r, 1))[0];
            const models::Projection all = models::projectTokens(
                spec, block.attention, models::modulatedNorm(x, m.shift1, m.scale1), side.rotary);
            first = r == 0 ? all.own : first;
            const at::Tensor rows = state.selected[static_cast<std::size_t>(r)][0];
            nn::KeysValues seen = keys == RecursionKeys::Frozen ? first : all.own;
            if (keys == RecursionKeys::Active) {
                seen = {seen.keys.index_select(2, rows), seen.values.index_select(2, rows)};
            }
            const at::Tensor h = x.index_select(1, rows);
            const at::Tensor mixed =
                h + m.gate1 * models::attendTo(block.attention, all.queries.index_select(2, rows),
                                               {seen, {}});
            const at::Tensor y =
                mixed +
                m.gate2 * models::feedForward(block.feedForward,
                                              models::modulatedNorm(mixed, m.shift2, m.scale2));
            const at::Tensor gate =
                2.0 * at::sigmoid(at::linear(
                          h, bench.weights.recursion.routers[static_cast<std::size_t>(r)][0]));
            x = x.index_add(1, rows, gate * (y - h));
        }
        QVERIFY(apart(routed, x) < kDouble);
    }

    /// Clips at different noise levels keep different numbers of tokens, and each comes out as it
    /// does alone.
    void capacityFollowsTheNoise() {
        spec::VideoSpec spec = smallMore();
        spec.recursion->noise = {{0.5, {1, 2}}, {0.9, {1, 4}}};
        RecursionBench bench(spec);
        models::Side side = bench.side(3);
        side.noise = at::tensor({0.2F, 0.7F, 0.95F});
        const at::Tensor x = statesOf(spec, side, at::kDouble);
        models::RoutedState state;
        const at::Tensor together = bench.run(side, x, state);
        const std::vector<std::vector<std::int64_t>> k{{12, 8, 4}, {12, 4, 2}, {12, 2, 1}};
        for (std::int64_t b = 0; b < 3; ++b) {
            const auto row = static_cast<std::size_t>(b);
            QCOMPARE(state.depth[b].sum().item<std::int64_t>(), k[row][0] + k[row][1] + k[row][2]);
            models::Side alone = side;
            alone.condition = side.condition.narrow(0, b, 1);
            alone.noise = side.noise.narrow(0, b, 1);
            models::RoutedState own;
            const at::Tensor single = bench.run(alone, x.narrow(0, b, 1), own);
            QVERIFY(at::equal(own.depth[0], state.depth[b]));
            QVERIFY(apart(single[0], together[b]) < kDouble);
        }
    }

    /// Token-choice: each token takes as many recursions as the largest p says, and moves towards
    /// where they lead by p.
    void tokenChoice() {
        spec::VideoSpec spec = smallMore();
        spec.recursion->rule = Rule::Token;
        spec.recursion->router.type = spec::RouterType::Token;
        spec.recursion->router.function = spec::RouterFunction::Softmax;
        spec.recursion->router.alpha = 1.0;
        RecursionBench bench(spec);
        const models::Side side = bench.side(2);
        const at::Tensor x = statesOf(spec, side, at::kDouble);
        models::RoutedState state;
        const at::Tensor together = bench.run(side, x, state);
        const at::Tensor p = at::softmax(at::linear(x, bench.weights.recursion.routers[0][0]), -1);
        QVERIFY(at::equal(state.depth, p.argmax(-1) + 1));
        for (std::int64_t b = 0; b < 2; ++b) {
            models::Side alone = side;
            alone.condition = side.condition.narrow(0, b, 1);
            models::RoutedState own;
            QVERIFY(apart(bench.run(alone, x.narrow(0, b, 1), own)[0], together[b]) < kDouble);
        }
    }

    /// The context's states do not depend on the target, and the target's result is the same
    /// whether the context's keys are kept or made again.
    void sidesAreRoutedApart() {
        spec::VideoSpec spec = smallMore();
        spec.clip = {8, 8, 8}; // 2 x 4 context tokens
        spec.contextFrames = 4;
        const models::VideoModel model(spec, busyWeights(spec, at::kFloat));
        const at::Tensor clean = at::randn({2, 8, spec.patchValues()});
        const at::Tensor noisy = at::randn({2, 8, spec.patchValues()});
        const c10::NoGradGuard noGrad;
        models::ContextMemory memory, again;
        const models::SidePass context =
            model.runContext({.patches = clean, .noise = at::zeros({2})}, memory);
        static_cast<void>(model.runContext({.patches = clean, .noise = at::zeros({2})}, again));
        QCOMPARE(context.routed.selected[1].size(1), std::int64_t{6}); // ceil(2/3 of 8)
        const models::SideInput input{.patches = noisy, .noise = at::full({2}, 0.4F)};
        const models::SidePass one = model.runTarget(input, &memory);
        const models::SidePass two = model.runTarget(input, &again);
        QVERIFY(at::equal(one.output, two.output));
        QCOMPARE(one.routed.selected[2].size(1), std::int64_t{3});
        QCOMPARE(memory.places(), std::size_t{1 + 1 + 3}); // entry, Stage 1, recursions
        QVERIFY(memory.bytes() > 0);
        const models::SidePass apartFrom =
            model.runTarget({.patches = noisy, .noise = at::full({2}, 0.4F)}, nullptr);
        QVERIFY(apart(apartFrom.output, one.output) > 1e-3); // it does read the context
    }

    void rulesThatDoNotFit() {
        RecursionBench bench(smallMore());
        const models::Side side = bench.side(1);
        const at::Tensor x = statesOf(bench.spec, side, at::kDouble);
        models::RoutedState state;
        models::RecursionRequest request;
        request.settings.rule = Rule::Token;
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(bench.run(side, x, state, request)), Error);
        request.settings.rule = Rule::Fixed;
        request.settings.fixedDepth = 2;
        models::RoutedState fixed;
        static_cast<void>(bench.run(side, x, fixed, request));
        QVERIFY(fixed.depth.eq(2).all().item<bool>());
    }
};

QTEST_APPLESS_MAIN(TestVideoRecursion)
#include "tst_video_recursion.moc"
