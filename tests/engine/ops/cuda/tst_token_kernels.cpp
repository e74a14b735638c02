// SPDX-License-Identifier: MIT
// The bodies of our CUDA kernels (but those of routing) and everything around them but the launch,
// run without a GPU, against the operators of the CPU (which tst_token holds against fp64): both
// types, rows that fill no load, memory that is aligned to nothing, heads of every size class, one
// sequence and many.
#include "engine/nn/memory.h"
#include "engine/ops/cuda/layer_host.h"
#include "engine/ops/cuda/token_host.h"
#include "engine/ops/cuda/token_run_host.h"
#include "engine/ops/layer.h"
#include "engine/ops/token.h"
#include "tests/engine/ops/cuda/emulated_launcher.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::ops::cuda;
using tests::BlockEmulator;
using tests::EmulatedLauncher;
using tests::EmulatedThread;

namespace {

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor random(at::IntArrayRef shape, at::ScalarType dtype, double size = 1.0) {
    return (at::randn(shape) * size).to(dtype);
}

/// The same numbers in memory that no vector load may read at once.
at::Tensor unaligned(const at::Tensor& t) {
    at::Tensor memory = at::empty({t.numel() + 1}, t.options());
    at::Tensor moved = memory.narrow(0, 1, t.numel()).view(t.sizes());
    moved.copy_(t);
    return moved;
}

/// bfloat16 keeps 8 bits: results round at 2^-8 of their size, which is at most 8 here.
double toleranceOf(at::ScalarType dtype) {
    return dtype == at::kDouble  ? tests::kDouble
           : dtype == at::kFloat ? tests::kFloatRoutes
                                 : 8.0 / 256.0;
}

void addTypes(const char* shape, std::initializer_list<int> columns) {
    for (const int value : columns) {
        for (const auto type : {at::kFloat, at::kBFloat16}) {
            QTest::addRow("%s %d, %s", shape, value, c10::toString(type))
                << value << static_cast<int>(type);
        }
    }
}

struct Attention {
    at::Tensor x, gain, q, k, v, o, cosine, sine;
    std::vector<at::Tensor> keys, values;
    std::vector<std::int64_t> entries, append;
};

/// Sequences of 1, 41, 81 .. entries; every third appends nothing.
Attention attentionOf(std::int64_t tokens, std::int64_t headDim, at::ScalarType type) {
    constexpr std::int64_t kWidth = 48, kHeads = 4, kKvHeads = 2;
    Attention made{random({tokens, 1, kWidth}, type),
                   random({kWidth}, type),
                   random({kHeads * headDim, kWidth}, type, 0.2),
                   random({kKvHeads * headDim, kWidth}, type, 0.2),
                   random({kKvHeads * headDim, kWidth}, type, 0.2),
                   random({kWidth, kHeads * headDim}, type, 0.1),
                   {},
                   {},
                   {},
                   {},
                   {},
                   {}};
    const at::Tensor angle = at::randn({tokens, 1, headDim / 2});
    made.cosine = angle.cos().to(type);
    made.sine = angle.sin().to(type);
    for (std::int64_t i = 0; i < tokens; ++i) {
        made.entries.push_back(1 + i % 4 * 40);
        made.append.push_back(i % 3 != 2 ? 1 : 0);
        made.keys.push_back(random({1, kKvHeads, made.entries.back() + 5, headDim}, type));
        made.values.push_back(random({1, kKvHeads, made.entries.back() + 5, headDim}, type));
    }
    return made;
}

} // namespace

class TestTokenKernels : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        nn::installCountingAllocator();
        at::manual_seed(7);
    }

    void attention_data() {
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("dtype");
        addTypes("heads of", {10, 64, 96, 130});
    }

    void attention() {
        QFETCH(int, headDim);
        QFETCH(int, dtype);
        const c10::NoGradGuard noGrad;
        const auto type = static_cast<at::ScalarType>(dtype);
        for (const std::int64_t tokens : {1, 3, 9}) {
            const Attention own = attentionOf(tokens, headDim, type);
            std::vector<ops::TokenEntries> entries;
            std::vector<at::Tensor> keys, values;
            for (std::size_t i = 0; i < own.keys.size(); ++i) {
                keys.push_back(own.keys[i].clone());
                values.push_back(own.values[i].clone());
                entries.push_back({own.keys[i], own.values[i], own.entries[i], own.append[i] != 0});
            }
            const at::Tensor wanted = ops::tokenAttention(
                own.x, {own.gain, own.q, own.k, own.v, own.o, own.cosine, own.sine, entries, 1e-5});
            EmulatedLauncher launcher;
            const at::Tensor weights[] = {own.gain, own.q, own.k, own.v, own.o};
            const at::Tensor got =
                ops::cuda::tokenAttention(launcher, own.x, weights, own.cosine, own.sine, keys,
                                          values, own.entries, own.append, 1e-5);
            QCOMPARE(launcher.launches, tokens > kFewTokens ? 1 : 3);
            QVERIFY(worst(got, wanted) <= toleranceOf(type));
            for (std::size_t i = 0; i < keys.size(); ++i) {
                QVERIFY(worst(keys[i], own.keys[i]) <= toleranceOf(type));
                QVERIFY(worst(values[i], own.values[i]) <= toleranceOf(type));
            }
        }
    }

    void products_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("dtype");
        addTypes("width", {27, 64, 1500, 1536});
    }

    void products() {
        QFETCH(int, width);
        QFETCH(int, dtype);
        const c10::NoGradGuard noGrad;
        const auto type = static_cast<at::ScalarType>(dtype);
        const double size = 1.0 / std::sqrt(static_cast<double>(width));
        for (const std::int64_t tokens : {1, 3, 9}) {
            const at::Tensor x = random({tokens, 1, width}, type), gain = random({width}, type),
                             gate = random({72, width}, type, size),
                             up = random({72, width}, type, size),
                             down = random({width, 72}, type, 0.1);
            const at::Tensor fed = ops::tokenFeedForward(x, {gain, gate, up, down, 1e-5});
            const at::Tensor logits = ops::tokenHead(x, gain, gate, 1e-5);
            EmulatedLauncher launcher;
            QVERIFY(worst(ops::cuda::tokenFeedForward(launcher, x, gain, gate, up, down, 1e-5),
                          fed) <= toleranceOf(type));
            QVERIFY(worst(ops::cuda::tokenHead(launcher, x, gain, gate, 1e-5), logits) <=
                    toleranceOf(type));
            QCOMPARE(launcher.launches, tokens > kFewTokens ? 0 : 3);
            QCOMPARE(launcher.wide, tokens <= kFewTokens);
            EmulatedLauncher narrow;
            QVERIFY(worst(ops::cuda::tokenHead(narrow, x, gain, unaligned(gate), 1e-5), logits) <=
                    toleranceOf(type));
            QVERIFY(!narrow.wide);
        }
    }

    void mixture_data() {
        QTest::addColumn<int>("loops");
        QTest::addColumn<int>("dtype");
        addTypes("loops", {0, 1, 3});
    }

    /// Five experts with grouped heads, two of them a token; the router cannot tell two apart.
    void mixture() {
        QFETCH(int, loops);
        QFETCH(int, dtype);
        const c10::NoGradGuard noGrad;
        const auto type = static_cast<at::ScalarType>(dtype);
        const at::Tensor x = random({1, 1, 24}, type), gain = random({24}, type),
                         router = random({5, 24}, type, 0.1);
        std::vector<at::Tensor> parts;
        for (int e = 0; e < 5; ++e) {
            for (const at::Tensor& part :
                 {random({24}, type), random({12, 24}, type, 0.2), random({24, 24}, type, 0.2),
                  random({24}, type), random({40, 24}, type, 0.2), random({40, 24}, type, 0.2),
                  random({24, 40}, type, 0.2), random({3, 24}, type), random({24}, type)}) {
                parts.push_back(part);
            }
        }
        const at::Tensor h = ops::rmsNorm(x, gain, 1e-5).flatten();
        router[3] = h * 0.3;
        router[1] = router[3];
        for (const std::int64_t perToken : {1, 2, 5}) {
            const auto [mixed, index, weight] =
                ops::tokenMixture(x, {gain, router, parts, perToken, 6, loops, 1e-5});
            EmulatedLauncher launcher;
            const auto [ours, ourIndex, ourWeight] =
                ops::cuda::tokenMixture(launcher, x, gain, router, parts, perToken, 6, loops, 1e-5);
            QVERIFY(at::equal(ourIndex, index));
            QCOMPARE(ourIndex[0][0][0].item<std::int64_t>(), 1);
            QVERIFY(worst(ourWeight, weight) <= toleranceOf(type));
            QVERIFY(worst(ours, mixed) <= toleranceOf(type));
            QCOMPARE(launcher.launches, 2 + 4 * loops);
        }
    }

    void runs_data() {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<bool>("records");
        QTest::newRow("float") << static_cast<int>(at::kFloat) << true;
        QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16) << true;
        QTest::newRow("a GPU that cannot record") << static_cast<int>(at::kFloat) << false;
    }

    /// Three layers over token after token: launched, recorded without allocating, then replayed
    /// with other tokens and more entries than there were when it was recorded.
    void runs() {
        QFETCH(int, dtype);
        QFETCH(bool, records);
        const c10::NoGradGuard noGrad;
        const auto type = static_cast<at::ScalarType>(dtype);
        constexpr std::int64_t kLayers = 3, kWidth = 48, kHeadDim = 16, kRoom = 80;
        std::vector<at::Tensor> weights, keys, values, ownKeys, ownValues;
        for (std::int64_t i = 0; i < kLayers; ++i) {
            for (const at::Tensor& part :
                 {random({kWidth}, type), random({4 * kHeadDim, kWidth}, type, 0.2),
                  random({2 * kHeadDim, kWidth}, type, 0.2),
                  random({2 * kHeadDim, kWidth}, type, 0.2),
                  random({kWidth, 4 * kHeadDim}, type, 0.05), random({kWidth}, type),
                  random({64, kWidth}, type, 0.1), random({64, kWidth}, type, 0.1),
                  random({kWidth, 64}, type, 0.1)}) {
                weights.push_back(part);
            }
            keys.push_back(random({1, 2, kRoom, kHeadDim}, type));
            values.push_back(random({1, 2, kRoom, kHeadDim}, type));
            ownKeys.push_back(keys.back().clone());
            ownValues.push_back(values.back().clone());
        }
        const auto wanted = ops::prepareTokenRun(weights, keys, values, 1e-5);
        const auto emulated = std::make_shared<EmulatedLauncher>();
        EmulatedLauncher& launcher = *emulated;
        launcher.records = records;
        LayersRun run([&](const at::Tensor&) { return emulated; }, weights, ownKeys, ownValues,
                      1e-5);
        for (const std::int64_t entries : {1, 2, 3, 4, 60, 80}) {
            const at::Tensor x = random({1, 1, kWidth}, type),
                             angle = at::randn({1, 1, kHeadDim / 2});
            const at::Tensor c = angle.cos().to(type), s = angle.sin().to(type);
            QVERIFY(worst(run.run(x, c, s, entries), wanted->run(x, c, s, entries)) <=
                    toleranceOf(type));
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            QVERIFY(worst(ownKeys[i], keys[i]) <= toleranceOf(type));
            QVERIFY(worst(ownValues[i], values[i]) <= toleranceOf(type));
        }
        QCOMPARE(launcher.replays, records ? 5 : 0);
        QCOMPARE(launcher.launches, records ? 6 + 5 * kLayers : 6 * (1 + 5 * kLayers));
        QVERIFY(!launcher.allocated);
        const at::Tensor angle = random({1, 1, kHeadDim / 2}, type);
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(run.run(random({1, 1, kWidth}, type), angle, angle, kRoom + 1)),
            c10::Error);
    }

    void blocks_data() {
        QTest::addColumn<int>("dtype");
        QTest::newRow("float") << static_cast<int>(at::kFloat);
        QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16);
    }

    /// Blocks of MORE, of which each token's choices differ, as one recorded run.
    void blocks() {
        QFETCH(int, dtype);
        const c10::NoGradGuard noGrad;
        const auto type = static_cast<at::ScalarType>(dtype);
        std::vector<at::Tensor> weights, experts, keys, values, ownKeys, ownValues;
        for (int block = 0; block < 2; ++block) {
            for (const at::Tensor& part :
                 {random({24}, type), random({24, 24}, type, 0.2), random({12, 24}, type, 0.2),
                  random({12, 24}, type, 0.2), random({24, 24}, type, 0.2), random({24}, type),
                  random({4, 24}, type)}) {
                weights.push_back(part);
            }
            for (int e = 0; e < 4; ++e) {
                for (const at::Tensor& part :
                     {random({24}, type), random({12, 24}, type, 0.2), random({24, 24}, type, 0.2),
                      random({24}, type), random({40, 24}, type, 0.2), random({40, 24}, type, 0.2),
                      random({24, 40}, type, 0.1), random({2, 24}, type),
                      random({24}, type, 0.5)}) {
                    experts.push_back(part);
                }
            }
            keys.push_back(random({1, 2, 12, 6}, type));
            values.push_back(random({1, 2, 12, 6}, type));
            ownKeys.push_back(keys.back().clone());
            ownValues.push_back(values.back().clone());
        }
        const auto wanted = ops::prepareTokenRun({weights, experts, keys, values, 2, 6, 2, 1e-5});
        const auto emulated = std::make_shared<EmulatedLauncher>();
        EmulatedLauncher& launcher = *emulated;
        BlocksRun run([&](const at::Tensor&) { return emulated; }, weights, experts, ownKeys,
                      ownValues, {2, 6, 2}, 1e-5);
        for (const std::int64_t entries : {1, 2, 3, 9, 12}) {
            const at::Tensor x = random({1, 1, 24}, type), angle = at::randn({1, 1, 3});
            const at::Tensor c = angle.cos().to(type), s = angle.sin().to(type);
            QVERIFY(worst(run.run(x, c, s, entries), wanted->run(x, c, s, entries)) <=
                    toleranceOf(type));
            QVERIFY(at::equal(run.chosen().first, wanted->chosen().first));
            QVERIFY(worst(run.chosen().second, wanted->chosen().second) <= toleranceOf(type));
        }
        QCOMPARE(launcher.replays, 4);
        QVERIFY(!launcher.allocated);
    }

    void elements_data() {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<int>("angles");
        const auto add = [](const char* name, at::ScalarType type, at::ScalarType angles) {
            QTest::newRow(name) << static_cast<int>(type) << static_cast<int>(angles);
        };
        add("float", at::kFloat, at::kFloat);
        add("bfloat16", at::kBFloat16, at::kBFloat16);
        add("double", at::kDouble, at::kDouble);
        add("bfloat16 by float", at::kBFloat16, at::kFloat);
        add("half, by ATen", at::kHalf, at::kHalf);
    }

    /// Views of any strides, angles that many rows share.
    void elements() {
        QFETCH(int, dtype);
        QFETCH(int, angles);
        const c10::NoGradGuard noGrad;
        const auto type = static_cast<at::ScalarType>(dtype),
                   angleType = static_cast<at::ScalarType>(angles);
        EmulatedLauncher launcher;
        const at::Tensor angle = at::randn({2, 1, 5, 6});
        const at::Tensor c = angle.cos().to(angleType), s = angle.sin().to(angleType);
        const at::Tensor x = random({2, 5, 3, 12}, type).transpose(1, 2);
        const at::Tensor turned = ops::cuda::rotateHalves(launcher, x, c, s);
        QCOMPARE(turned.scalar_type(), angleType);
        QVERIFY(worst(turned, ops::rotateHalves(x, c, s)) <= toleranceOf(type));
        const at::Tensor deep = random({3, 2, 4, 5, 12}, type).permute({2, 1, 0, 3, 4});
        const at::Tensor few = c.narrow(0, 0, 1).unsqueeze(1),
                         fewer = s.narrow(0, 0, 1).unsqueeze(1);
        QVERIFY(worst(ops::cuda::rotateHalves(launcher, deep, few, fewer),
                      ops::rotateHalves(deep, few, fewer)) <= toleranceOf(type));
        const at::Tensor gate = random({7, 40}, type).t(), up = random({7, 40}, type).t(),
                         gradient = random({40, 7}, type);
        QVERIFY(worst(ops::cuda::gated(launcher, gate, up), ops::gated(gate, up)) <=
                toleranceOf(type));
        const auto [byGate, byUp] = ops::cuda::gatedBackward(launcher, gradient, gate, up);
        const auto [wantedGate, wantedUp] = ops::gatedBackward(gradient, gate, up);
        QVERIFY(worst(byGate, wantedGate) <= toleranceOf(type));
        QVERIFY(worst(byUp, wantedUp) <= toleranceOf(type));
        QCOMPARE(launcher.launches, type == at::kHalf ? 0 : 4);
    }

    /// What the reference refuses, or memory that is too small, is refused before a launch.
    void refusals() {
        const c10::NoGradGuard noGrad;
        Attention own = attentionOf(1, 64, at::kFloat);
        EmulatedLauncher launcher;
        const at::Tensor weights[] = {own.gain, own.q, own.k, own.v, own.o};
        own.entries[0] = own.keys[0].size(2) + 1;
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::cuda::tokenAttention(
                                     launcher, own.x, weights, own.cosine, own.sine, own.keys,
                                     own.values, own.entries, own.append, 1e-5)),
                                 c10::Error);
        const at::Tensor narrow = at::randn({8, 40});
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(ops::cuda::tokenHead(launcher, own.x, own.gain, narrow, 1e-5)),
            c10::Error);
        QCOMPARE(launcher.launches, 0);
    }

    /// A thread that leaves while others wait is told, or no test would see a kernel that hangs.
    void missedMeetings() {
        Grid grid;
        grid.threads = 64;
        QVERIFY_EXCEPTION_THROWN(BlockEmulator::run(grid,
                                                    [](EmulatedThread& thread) {
                                                        if (thread.index() != 40) {
                                                            thread.sync();
                                                        }
                                                    }),
                                 std::logic_error);
    }
};

QTEST_APPLESS_MAIN(TestTokenKernels)

#include "tst_token_kernels.moc"
