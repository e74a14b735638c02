// SPDX-License-Identifier: MIT
// The routing operators: gradients against finite differences in fp64, and what they refuse.
#include "engine/ops/route.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include <QtTest>
#include <functional>

using namespace depthscope;

namespace {

/// Largest difference between the gradient and central differences of sum(f(x) · probe).
double gradientError(const std::function<at::Tensor(const at::Tensor&)>& f,
                     const at::Tensor& start) {
    const at::Tensor x = start.detach().clone().set_requires_grad(true);
    const at::Tensor y = f(x);
    const at::Tensor probe = at::arange(y.numel(), at::kDouble).view(y.sizes()).cos();
    (y * probe).sum().backward();
    constexpr double kStep = 1e-6;
    double worst = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto shifted = [&](double by) {
            const c10::NoGradGuard noGrad;
            at::Tensor moved = start.clone();
            moved.view(-1)[i] += by;
            return (f(moved) * probe).sum().item<double>();
        };
        const double numeric = (shifted(kStep) - shifted(-kStep)) / (2 * kStep);
        worst = std::max(worst, std::abs(numeric - x.grad().view(-1)[i].item<double>()));
    }
    return worst;
}

} // namespace

class TestRoute : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void gradients() {
        constexpr double kCentralDifference = 1e-7; // truncation h² and rounding 1e-16 / h
        const at::Tensor x = at::randn({2, 5, 3}, at::kDouble);
        const at::Tensor positions = at::tensor({0, 2, 3, 1, 2, 4}, at::kLong).view({2, 3});
        const at::Tensor h = at::randn({2, 3, 3}, at::kDouble);
        const at::Tensor gate = at::rand({2, 3}, at::kDouble);
        const auto gather = [&](const at::Tensor& t) { return ops::gatherRows(t, positions); };
        QVERIFY(gradientError(gather, x) < kCentralDifference);
        QVERIFY(gradientError(
                    [&](const at::Tensor& t) { return ops::gatedScatter(t, positions, h, gate); },
                    x) < kCentralDifference);
        QVERIFY(gradientError(
                    [&](const at::Tensor& t) { return ops::gatedScatter(x, positions, t, gate); },
                    h) < kCentralDifference);
        QVERIFY(gradientError(
                    [&](const at::Tensor& t) { return ops::gatedScatter(x, positions, h, t); },
                    gate) < kCentralDifference);
    }

    void scatterUndoesGather() {
        const at::Tensor x = at::randn({1, 6, 4}, at::kDouble);
        const at::Tensor positions = at::tensor({1, 4}, at::kLong).view({1, 2});
        const at::Tensor minusOne = -at::ones({1, 2}, at::kDouble);
        const at::Tensor y =
            ops::gatedScatter(x, positions, ops::gatherRows(x, positions), minusOne);
        QCOMPARE(y.index_select(1, positions[0]).abs().max().item<double>(), 0.0);
        QVERIFY(at::equal(y[0][0], x[0][0]) && at::equal(y[0][5], x[0][5]));
    }

    void refusals() {
        const at::Tensor scores = at::randn({1, 4});
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::topkPositions(scores, 5)), c10::Error);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::topkPositions(scores, 0)), c10::Error);
        const at::Tensor learning = scores.clone().set_requires_grad(true);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::topkPositions(learning, 2)), c10::Error);
    }
};

QTEST_APPLESS_MAIN(TestRoute)
#include "tst_route.moc"
