// SPDX-License-Identifier: MIT
// The Fréchet distance against closed forms.
#include "engine/evaluate/frechet.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

using namespace depthscope;
using evaluate::frechetDistance;
using tests::kDouble;

namespace {

constexpr std::int64_t kFeatures = 6;

/// Of random features with correlations.
at::Tensor samples(std::uint64_t seed, double shift) {
    at::manual_seed(seed);
    const at::Tensor mix = at::randn({kFeatures, kFeatures}, at::kDouble);
    return at::matmul(at::randn({200, kFeatures}, at::kDouble), mix) + shift;
}

} // namespace

class TestFrechet : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// (m1 - m2)² + (s1 - s2)² in each direction.
    void diagonalGaussians() {
        const at::Tensor m1 = at::tensor({0.0, 1.0, -2.0}, at::kDouble),
                         m2 = at::tensor({0.5, 1.0, 3.0}, at::kDouble),
                         s1 = at::tensor({1.0, 0.3, 0.0}, at::kDouble),
                         s2 = at::tensor({2.0, 0.3, 1.5}, at::kDouble);
        const double wanted = ((m1 - m2).square() + (s1 - s2).square()).sum().item<double>();
        const double found =
            frechetDistance({m1, at::diag(s1.square())}, {m2, at::diag(s2.square())});
        QVERIFY(std::abs(found - wanted) < kDouble);
    }

    void equalSetsAreNotApart() {
        const at::Tensor a = samples(1, 0);
        QVERIFY(frechetDistance(a, a) < 1e-9); // a difference of traces of about 30
        // One set shifted: the square of the shift alone.
        QVERIFY(std::abs(frechetDistance(a, a + 0.5) - kFeatures * 0.25) < 1e-9);
    }

    void symmetricAndRotated() {
        const at::Tensor a = samples(1, 0), b = samples(2, 0.3);
        const double apart = frechetDistance(a, b);
        QVERIFY(apart > 0.1);
        QVERIFY(std::abs(frechetDistance(b, a) - apart) < 1e-9);
        const auto [turn, rest] = at::linalg_qr(at::randn({kFeatures, kFeatures}, at::kDouble));
        QVERIFY(std::abs(frechetDistance(at::matmul(a, turn), at::matmul(b, turn)) - apart) < 1e-9);
    }

    /// More features than samples: covariances without full rank.
    void fewSamples() {
        const at::Tensor a = samples(1, 0).narrow(0, 0, 3), b = samples(2, 0).narrow(0, 0, 3);
        QVERIFY(std::isfinite(frechetDistance(a, b)));
        QVERIFY(frechetDistance(a, a) < 1e-6); // roots of eigenvalues that are 0 up to rounding
    }
};

QTEST_APPLESS_MAIN(TestFrechet)
#include "tst_frechet.moc"
