// SPDX-License-Identifier: MIT
// The single-token operators: the kernels of this processor and the portable ones against sums in
// fp64, the operators against their formulas in fp64, and no gradient without a complaint.
#include "engine/ops/cpu/kernels.h"
#include "engine/ops/token.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <cmath>
#include <limits>

using namespace depthscope;

namespace {

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor random(at::IntArrayRef shape, at::ScalarType dtype, double size = 1.0) {
    return (at::randn(shape) * size).to(dtype);
}

at::Tensor wide(const at::Tensor& t) {
    return t.to(at::kDouble);
}

at::Tensor normed(const at::Tensor& x, const at::Tensor& gain) {
    return wide(x) * at::rsqrt(wide(x).square().mean(-1, true) + 1e-5) * wide(gain);
}

/// bfloat16 keeps 8 bits: results round at 2^-8 of their size, which is at most 8 here.
double toleranceOf(at::ScalarType dtype) {
    return dtype == at::kFloat ? tests::kFloatRoutes : 8.0 / 256.0;
}

void addTypes() {
    QTest::addColumn<int>("dtype");
    QTest::newRow("float") << static_cast<int>(at::kFloat);
    QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16);
}

at::Tensor feedForward(const at::Tensor& x,
                       const at::Tensor& gain,
                       const at::Tensor& gate,
                       const at::Tensor& up,
                       const at::Tensor& down) {
    const at::Tensor h = normed(x, gain);
    return wide(x) +
           at::linear(at::silu(at::linear(h, wide(gate))) * at::linear(h, wide(up)), wide(down));
}

} // namespace

class TestToken : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { at::manual_seed(5); }

    void kernels_data() {
        QTest::addColumn<int>("columns");
        for (const int columns : {1, 7, 8, 33, 64, 190}) {
            QTest::addRow("%d columns", columns) << columns;
        }
    }

    void kernels() {
        QFETCH(int, columns);
        const std::int64_t rows = 11, stride = columns + 3;
        const at::Tensor matrix = random({rows, stride}, at::kBFloat16);
        const at::Tensor floats = matrix.to(at::kFloat);
        const at::Tensor x = random({columns}, at::kFloat), mixing = random({rows}, at::kFloat);
        const at::Tensor used = wide(floats.narrow(1, 0, columns));
        const at::Tensor dots = used.mv(wide(x)), mixed = used.t().mv(wide(mixing));
        const auto* brains =
            reinterpret_cast<const ops::cpu::Brain*>(matrix.const_data_ptr<at::BFloat16>());
        for (const ops::cpu::Kernels* set : {&ops::cpu::portableKernels(), &ops::cpu::kernels()}) {
            for (const bool brain : {false, true}) {
                at::Tensor out = at::zeros({rows}), sum = at::zeros({columns});
                auto* to = out.mutable_data_ptr<float>();
                auto* onto = sum.mutable_data_ptr<float>();
                const auto* from = x.const_data_ptr<float>();
                const auto* weights = mixing.const_data_ptr<float>();
                if (brain) {
                    set->dotBrain({brains, stride, rows, columns}, from, to);
                    set->mixBrain({brains, stride, rows, columns}, weights, onto);
                } else {
                    const auto* data = floats.const_data_ptr<float>();
                    set->dotFloat({data, stride, rows, columns}, from, to);
                    set->mixFloat({data, stride, rows, columns}, weights, onto);
                }
                QVERIFY2(worst(out, dots) <= tests::kFloatRoutes, set->name);
                QVERIFY2(worst(sum, mixed) <= tests::kFloatRoutes, set->name);
            }
        }
    }

    void attention_data() { addTypes(); }

    /// Six heads over two key heads, a cache with head room: strided, not contiguous.
    void attention() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 24}, type), gain = random({24}, type),
                         q = random({60, 24}, type, 0.2), k = random({20, 24}, type, 0.2),
                         v = random({20, 24}, type, 0.2), o = random({24, 60}, type, 0.2),
                         angle = at::randn({1, 1, 5});
        const at::Tensor c = angle.cos().to(type), s = angle.sin().to(type);
        const at::Tensor keys = random({1, 2, 40, 10}, type), values = random({1, 2, 40, 10}, type);
        const at::Tensor h = normed(x, gain);
        const auto turned = [&](const at::Tensor& weight) {
            const auto parts = at::linear(h, wide(weight)).view({1, -1, 1, 10}).chunk(2, -1);
            return at::cat(
                {parts[0] * wide(c) - parts[1] * wide(s), parts[1] * wide(c) + parts[0] * wide(s)},
                -1);
        };
        const auto over = [&](const at::Tensor& allKeys, const at::Tensor& allValues) {
            const auto repeat = [](const at::Tensor& t) { return t.repeat_interleave(3, 1); };
            const at::Tensor scores =
                at::matmul(turned(q), repeat(allKeys).transpose(-1, -2)) / std::sqrt(10.0);
            const at::Tensor mixed = at::matmul(at::softmax(scores, -1), repeat(allValues));
            return wide(x) + at::linear(mixed.view({1, 1, 60}), wide(o));
        };
        const at::Tensor before = wide(keys.narrow(2, 0, 22)).clone(),
                         beforeValues = wide(values.narrow(2, 0, 22)).clone();
        const auto run = [&](std::int64_t entries, bool append) {
            const ops::TokenEntries own[] = {{keys, values, entries, append}};
            return ops::tokenAttention(x, {gain, q, k, v, o, c, s, own, 1e-5});
        };
        QVERIFY(worst(run(22, false), over(before, beforeValues)) <= toleranceOf(type));
        QVERIFY(worst(keys.narrow(2, 0, 22), before) == 0); // nothing was written
        const at::Tensor ownValues = at::linear(h, wide(v)).view({1, 2, 1, 10});
        QVERIFY(worst(run(23, true), over(at::cat({before, turned(k)}, 2),
                                          at::cat({beforeValues, ownValues}, 2))) <=
                toleranceOf(type));
        QVERIFY(worst(keys.narrow(2, 22, 1), turned(k)) <= toleranceOf(type));
        QVERIFY(worst(values.narrow(2, 22, 1), ownValues) <= toleranceOf(type));
    }

    void layers_data() { addTypes(); }

    void layers() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 24}, type), gain = random({24}, type),
                         gate = random({40, 24}, type, 0.2), up = random({40, 24}, type, 0.2),
                         down = random({24, 40}, type, 0.2);
        QVERIFY(worst(ops::tokenFeedForward(x, {gain, gate, up, down, 1e-5}),
                      feedForward(x, gain, gate, up, down)) <= toleranceOf(type));
        QVERIFY(worst(ops::tokenHead(x, gain, gate, 1e-5),
                      at::linear(normed(x, gain), wide(gate))) <= toleranceOf(type));
    }

    void tokensTogether_data() { addTypes(); }

    /// Tokens of several sequences, with widths that fill no vector: each has the bits that it has
    /// alone, and the reference agrees.
    void tokensTogether() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const std::int64_t S = 19;
        const at::Tensor x = random({S, 1, 27}, type), gain = random({27}, type),
                         q = random({60, 27}, type, 0.2), k = random({20, 27}, type, 0.2),
                         v = random({20, 27}, type, 0.2), o = random({27, 60}, type, 0.2),
                         gate = random({301, 27}, type, 0.2), up = random({301, 27}, type, 0.2),
                         down = random({27, 301}, type, 0.2), angle = at::randn({S, 1, 5});
        const at::Tensor c = angle.cos().to(type), s = angle.sin().to(type);
        std::vector<ops::TokenEntries> all, copies;
        for (std::int64_t i = 0; i < S; ++i) {
            const at::Tensor keys = random({1, 2, 40, 10}, type),
                             values = random({1, 2, 40, 10}, type);
            all.push_back({keys, values, 1 + i * 2, i % 3 != 0});
            copies.push_back({keys.clone(), values.clone(), 1 + i * 2, i % 3 != 0});
        }
        const at::Tensor attended = ops::tokenAttention(x, {gain, q, k, v, o, c, s, all, 1e-5});
        const at::Tensor fed = ops::tokenFeedForward(x, {gain, gate, up, down, 1e-5});
        const at::Tensor logits = ops::tokenHead(x, gain, gate, 1e-5);
        for (std::int64_t i = 0; i < S; ++i) {
            const at::Tensor own = x.narrow(0, i, 1), cosine = c.narrow(0, i, 1),
                             sine = s.narrow(0, i, 1);
            const ops::TokenEntries entries[] = {copies[static_cast<std::size_t>(i)]};
            QVERIFY(at::equal(
                attended.narrow(0, i, 1),
                ops::tokenAttention(own, {gain, q, k, v, o, cosine, sine, entries, 1e-5})));
            QVERIFY(at::equal(all[static_cast<std::size_t>(i)].keys, entries[0].keys));
            QVERIFY(at::equal(all[static_cast<std::size_t>(i)].values, entries[0].values));
            QVERIFY(at::equal(fed.narrow(0, i, 1),
                              ops::tokenFeedForward(own, {gain, gate, up, down, 1e-5})));
            QVERIFY(at::equal(logits.narrow(0, i, 1), ops::tokenHead(own, gain, gate, 1e-5)));
        }
        QVERIFY(worst(fed, feedForward(x, gain, gate, up, down)) <= toleranceOf(type));
    }

    void mixture_data() { addTypes(); }

    /// Three experts with grouped heads, two of them a token, against the formula
    /// (docs/routing.md 1.2).
    void mixture() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 24}, type), gain = random({24}, type),
                         router = random({3, 24}, type);
        std::vector<at::Tensor> parts;
        for (int e = 0; e < 3; ++e) {
            for (const at::Tensor& part :
                 {random({24}, type), random({12, 24}, type, 0.2), random({24, 24}, type, 0.2),
                  random({24}, type), random({40, 24}, type, 0.2), random({40, 24}, type, 0.2),
                  random({24, 40}, type, 0.2), random({3, 24}, type), random({24}, type)}) {
                parts.push_back(part);
            }
        }
        const at::Tensor h = normed(x, gain);
        const auto expert = [&](std::int64_t e) {
            const auto part = [&](std::int64_t i) {
                return parts[static_cast<std::size_t>(e * 9 + i)];
            };
            at::Tensor z = h;
            for (int s = 0; s < 2; ++s) {
                z = z + wide(part(7)[s]);
                const at::Tensor value = at::linear(normed(z, part(0)), wide(part(1)))
                                             .view({2, 6})
                                             .repeat_interleave(2, 0);
                z = z + at::linear(value.view({1, 1, 24}), wide(part(2)));
                z = feedForward(z, part(3), part(4), part(5), part(6));
            }
            return normed(z, part(8));
        };
        const auto [p, order] =
            at::softmax(at::linear(h, wide(router)), -1).flatten().sort(0, /*descending=*/true);
        const at::Tensor kept = p.narrow(0, 0, 2) / p.narrow(0, 0, 2).sum();
        const at::Tensor wanted = wide(x) + expert(order[0].item<std::int64_t>()) * kept[0] +
                                  expert(order[1].item<std::int64_t>()) * kept[1];
        const auto [mixed, index, weight] =
            ops::tokenMixture(x, {gain, router, parts, 2, 6, 2, 1e-5});
        QVERIFY(at::equal(index.flatten(), order.narrow(0, 0, 2)));
        QVERIFY(worst(weight.flatten(), kept) <= toleranceOf(type));
        QVERIFY(worst(mixed, wanted) <= toleranceOf(type));
    }

    void gating_data() {
        QTest::addColumn<int>("count");
        QTest::newRow("tail only") << 3;
        QTest::newRow("vectors and tail") << 1003;
    }

    /// silu(gate) · up against fp64, from where exp underflows to where it overflows.
    void gating() {
        QFETCH(int, count);
        const at::Tensor gate = at::linspace(-200, 200, count), up = at::full({count}, 3.0F);
        const at::Tensor wanted = at::silu(wide(gate)) * 3.0;
        for (const ops::cpu::Kernels* set : {&ops::cpu::portableKernels(), &ops::cpu::kernels()}) {
            at::Tensor out = gate.clone();
            set->gated(out.mutable_data_ptr<float>(), up.const_data_ptr<float>(), count);
            const at::Tensor error = (wide(out) - wanted).abs() / (wanted.abs() + 1e-6);
            QVERIFY2(error.max().item<double>() <= 1e-6, set->name); // 8 units of 2^-23
        }
    }

    /// No answer depends on the place of an element: what ends nowhere is 0, NaN stays NaN.
    void gatingAtTheEnds() {
        const float infinite = std::numeric_limits<float>::infinity();
        const std::vector<float> gates{-88, -1e30F, -3.4e38F, -infinite, 1e30F, infinite, NAN};
        for (const ops::cpu::Kernels* set : {&ops::cpu::portableKernels(), &ops::cpu::kernels()}) {
            for (const float gate : gates) {
                std::vector<float> out(37, gate);
                const std::vector<float> up(out.size(), 1.0F);
                set->gated(out.data(), up.data(), 37);
                for (const float value : out) {
                    const bool right = std::isnan(gate) ? std::isnan(value)
                                       : gate > 0       ? value == gate
                                                        : std::abs(value) < 1e-30F;
                    QVERIFY2(right, qPrintable(QString("%1: silu(%2) is %3")
                                                   .arg(set->name)
                                                   .arg(static_cast<double>(gate))
                                                   .arg(static_cast<double>(value))));
                }
            }
        }
    }

    void noGradient() {
        const c10::AutoGradMode grad(true);
        const at::Tensor x = at::randn({1, 1, 8}).requires_grad_();
        const at::Tensor weight = at::randn({4, 8}), gain = at::ones({8});
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::tokenHead(x, gain, weight, 1e-5)),
                                 c10::Error);
    }

    /// Large enough for several threads to share the rows; sums of 576 products round more.
    void manyRows() {
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 576}, at::kFloat),
                         weight = random({3000, 576}, at::kFloat), gain = at::ones({576});
        QVERIFY(worst(ops::tokenHead(x, gain, weight, 1e-5),
                      at::linear(normed(x, gain), wide(weight))) <= 2e-4);
    }
};

QTEST_APPLESS_MAIN(TestToken)
#include "tst_token.moc"
