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
                    set->dotBrain(brains, stride, rows, columns, from, to);
                    set->mixBrain(brains, stride, rows, columns, weights, onto);
                } else {
                    const auto* data = floats.const_data_ptr<float>();
                    set->dotFloat(data, stride, rows, columns, from, to);
                    set->mixFloat(data, stride, rows, columns, weights, onto);
                }
                QVERIFY2(worst(out, dots) <= tests::kFloatRoutes, set->name);
                QVERIFY2(worst(sum, mixed) <= tests::kFloatRoutes, set->name);
            }
        }
    }

    void projection_data() { addTypes(); }

    void projection() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 24}, type), gain = random({24}, type),
                         q = random({40, 24}, type, 0.2), k = random({20, 24}, type, 0.2),
                         v = random({20, 24}, type, 0.2), angle = at::randn({1, 1, 5});
        const at::Tensor c = angle.cos().to(type), s = angle.sin().to(type);
        const auto [queries, keys, values] = ops::tokenProject(x, {gain, q, k, v, c, s, 1e-5});
        const at::Tensor h = normed(x, gain);
        const auto turned = [&](const at::Tensor& weight) {
            const auto parts = at::linear(h, wide(weight)).view({1, -1, 1, 10}).chunk(2, -1);
            return at::cat(
                {parts[0] * wide(c) - parts[1] * wide(s), parts[1] * wide(c) + parts[0] * wide(s)},
                -1);
        };
        QVERIFY(worst(queries, turned(q)) <= toleranceOf(type));
        QVERIFY(worst(keys, turned(k)) <= toleranceOf(type));
        QVERIFY(worst(values, at::linear(h, wide(v)).view({1, 2, 1, 10})) <= toleranceOf(type));
    }

    void attention_data() { addTypes(); }

    void attention() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const at::Tensor q = random({1, 6, 1, 10}, type);
        // A cache with head room: strided, not contiguous.
        const at::Tensor keys = random({1, 2, 40, 10}, type).narrow(2, 0, 23),
                         values = random({1, 2, 40, 10}, type).narrow(2, 0, 23);
        const auto repeat = [](const at::Tensor& t) { return wide(t).repeat_interleave(3, 1); };
        const at::Tensor scores =
            at::matmul(wide(q), repeat(keys).transpose(-1, -2)) / std::sqrt(10.0);
        const at::Tensor wanted =
            at::matmul(at::softmax(scores, -1), repeat(values)).view({1, 1, 60});
        QVERIFY(worst(ops::tokenAttend(q, keys, values), wanted) <= toleranceOf(type));
    }

    void layers_data() { addTypes(); }

    void layers() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 24}, type), gain = random({24}, type),
                         gate = random({40, 24}, type, 0.2), up = random({40, 24}, type, 0.2),
                         down = random({24, 40}, type, 0.2), other = random({1, 1, 40}, type);
        QVERIFY(worst(ops::tokenFeedForward(x, {gain, gate, up, down, 1e-5}),
                      feedForward(x, gain, gate, up, down)) <= toleranceOf(type));
        QVERIFY(worst(ops::tokenLinearAdd(x, other, down),
                      wide(x) + at::linear(wide(other), wide(down))) <= toleranceOf(type));
        QVERIFY(worst(ops::tokenLinear(x, gate), at::linear(wide(x), wide(gate))) <=
                toleranceOf(type));
    }

    /// The recursive expert with grouped heads, against its formula (routing.md 1.2).
    void expert() {
        const c10::NoGradGuard noGrad;
        const auto type = at::kFloat;
        const at::Tensor h = random({1, 24}, type), norm = random({24}, type),
                         v = random({12, 24}, type, 0.2), o = random({24, 24}, type, 0.2),
                         gain = random({24}, type), gate = random({40, 24}, type, 0.2),
                         up = random({40, 24}, type, 0.2), down = random({24, 40}, type, 0.2),
                         steps = random({3, 24}, type), out = random({24}, type);
        at::Tensor z = wide(h);
        for (int s = 0; s < 2; ++s) {
            z = z + wide(steps[s]);
            const at::Tensor value =
                at::linear(normed(z, norm), wide(v)).view({2, 6}).repeat_interleave(2, 0);
            z = z + at::linear(value.view({1, 24}), wide(o));
            z = feedForward(z, gain, gate, up, down);
        }
        const at::Tensor made =
            ops::tokenExpert(h, {norm, v, o, gain, gate, up, down, steps, out, 6, 2, 1e-5});
        QVERIFY(worst(made, normed(z, out)) <= tests::kFloatRoutes);
    }

    void noGradient() {
        const c10::AutoGradMode grad(true);
        const at::Tensor x = at::randn({1, 1, 8}).requires_grad_();
        const at::Tensor weight = at::randn({4, 8});
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::tokenLinear(x, weight)), c10::Error);
    }

    /// Large enough for several threads to share the rows; sums of 576 products round more.
    void manyRows() {
        const c10::NoGradGuard noGrad;
        const at::Tensor x = random({1, 1, 576}, at::kFloat),
                         weight = random({3000, 576}, at::kFloat);
        QVERIFY(worst(ops::tokenLinear(x, weight), at::linear(wide(x), wide(weight))) <= 2e-4);
    }
};

QTEST_APPLESS_MAIN(TestToken)
#include "tst_token.moc"
