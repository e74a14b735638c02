// SPDX-License-Identifier: MIT
// What a layer does to every element: against formulas in fp64, gradients against those that ATen
// derives from the formulas.
#include "engine/ops/layer.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>

#include <QtTest>

using namespace depthscope;

namespace {

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor leaf(at::IntArrayRef shape) {
    return at::randn(shape, at::kDouble).set_requires_grad(true);
}

at::Tensor rotated(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    const auto halves = x.chunk(2, -1);
    return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine},
                   -1);
}

} // namespace

class TestLayer : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { at::manual_seed(9); }

    void rotation() {
        const at::Tensor x = leaf({2, 3, 5, 8}), y = x.detach().clone().set_requires_grad(true);
        const at::Tensor angle = at::randn({2, 1, 5, 4}, at::kDouble);
        const at::Tensor toward = at::randn({2, 3, 5, 8}, at::kDouble);
        const at::Tensor ours = ops::rotateHalves(x, angle.cos(), angle.sin());
        const at::Tensor wanted = rotated(y, angle.cos(), angle.sin());
        QVERIFY(worst(ours.detach(), wanted.detach()) == 0);
        (ours * toward).sum().backward();
        (wanted * toward).sum().backward();
        QVERIFY(worst(x.grad(), y.grad()) <= tests::kDouble);
    }

    /// Where products run in bfloat16 and angles are floats, the gradient has the type of x.
    void rotationOfMixedTypes() {
        const at::Tensor x = at::randn({1, 2, 3, 4}).to(at::kBFloat16).set_requires_grad(true);
        const at::Tensor angle = at::randn({1, 1, 3, 2});
        const at::Tensor turned = ops::rotateHalves(x, angle.cos(), angle.sin());
        QCOMPARE(turned.scalar_type(), at::kFloat);
        turned.sum().backward();
        QCOMPARE(x.grad().scalar_type(), at::kBFloat16);
    }

    void gating() {
        const at::Tensor gate = leaf({4, 7}), up = leaf({4, 7});
        const at::Tensor gate2 = gate.detach().clone().set_requires_grad(true),
                         up2 = up.detach().clone().set_requires_grad(true);
        const at::Tensor toward = at::randn({4, 7}, at::kDouble);
        const at::Tensor ours = ops::gated(gate, up), wanted = at::silu(gate2) * up2;
        QVERIFY(worst(ours.detach(), wanted.detach()) == 0);
        (ours * toward).sum().backward();
        (wanted * toward).sum().backward();
        QVERIFY(worst(gate.grad(), gate2.grad()) <= tests::kDouble);
        QVERIFY(worst(up.grad(), up2.grad()) <= tests::kDouble);
    }

    /// The norm of a GPU is LibTorch's own: the same formula.
    void norms() {
        const at::Tensor x = at::randn({3, 4, 16}), gain = at::randn({16});
        const at::Tensor wide = x.to(at::kDouble);
        const at::Tensor wanted =
            wide * at::rsqrt(wide.square().mean(-1, true) + 1e-5) * gain.to(at::kDouble);
        QVERIFY(worst(ops::rmsNorm(x, gain, 1e-5), wanted) <= tests::kFloatRoutes);
        QVERIFY(worst(at::rms_norm(x, {16}, gain, 1e-5), wanted) <= tests::kFloatRoutes);
    }
};

QTEST_APPLESS_MAIN(TestLayer)
#include "tst_layer.moc"
