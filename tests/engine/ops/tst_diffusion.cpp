// SPDX-License-Identifier: MIT
// The kernels of a diffusion transformer's block against ATen's operators in fp64, on views with
// strides and on widths that do not fill a vector; with gradients they are ATen's.
#include "engine/ops/diffusion.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

double apart(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

} // namespace

class TestDiffusion : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void modulatedNorm_data() {
        QTest::addColumn<int>("width");
        for (const int width : {1, 7, 16, 24, 96, 100, 512}) {
            QTest::addRow("%d", width) << width;
        }
    }

    void modulatedNorm() {
        QFETCH(int, width);
        at::manual_seed(3);
        const c10::NoGradGuard noGrad;
        const at::Tensor wide = at::randn({3, 5, 2 * width}) * 3 + 40;
        const at::Tensor x = wide.narrow(2, 0, width); // rows with a stride
        const auto vectors = at::randn({3, 2, width}).split(1, 1);
        const at::Tensor made = ops::modulatedNorm(x, vectors[0], vectors[1], 1e-6);
        const at::Tensor d = x.to(at::kDouble);
        const at::Tensor exact = (d - d.mean(2, true)) / (d.var(2, false, true) + 1e-6).sqrt() *
                                     (1 + vectors[1].to(at::kDouble)) +
                                 vectors[0].to(at::kDouble);
        QVERIFY(made.is_contiguous());
        // Numbers about 40 have 4e-6 of rounding, which a row's spread of 3 makes relative.
        QVERIFY2(apart(made, exact) < kFloatRoutes,
                 qPrintable(QString::number(apart(made, exact))));
    }

    /// One clip's vectors do not reach another, and each row of a batch is what it is alone.
    void rowsAreApart() {
        const c10::NoGradGuard noGrad;
        const at::Tensor x = at::randn({4, 6, 32}), shift = at::randn({4, 1, 32}),
                         scale = at::randn({4, 1, 32});
        const at::Tensor together = ops::modulatedNorm(x, shift, scale, 1e-6);
        for (std::int64_t b = 0; b < 4; ++b) {
            QVERIFY(at::equal(together.narrow(0, b, 1),
                              ops::modulatedNorm(x.narrow(0, b, 1), shift.narrow(0, b, 1),
                                                 scale.narrow(0, b, 1), 1e-6)));
        }
    }

    void turnedHeads_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("clips"); // of the angles
        QTest::newRow("one table") << 32 << 1;
        QTest::newRow("a table each") << 12 << 3;
        QTest::newRow("short heads") << 2 << 1;
    }

    void turnedHeads() {
        QFETCH(int, width);
        QFETCH(int, clips);
        at::manual_seed(4);
        const at::Tensor qkv = at::randn({3, 5, 3, 2, width});
        const at::Tensor angles = at::randn({clips, 5, width / 2});
        const at::Tensor cosine = angles.cos(), sine = angles.sin();
        at::Tensor made;
        {
            const c10::NoGradGuard noGrad;
            made = ops::turnedHeads(qkv.narrow(2, 0, 2), cosine, sine);
        }
        const at::Tensor d = qkv.to(at::kDouble);
        const at::Tensor c = cosine.to(at::kDouble).view({clips, 5, 1, width / 2}),
                         s = sine.to(at::kDouble).view({clips, 5, 1, width / 2});
        for (std::int64_t part = 0; part < 2; ++part) {
            const auto halves = d.select(2, part).chunk(2, -1);
            const at::Tensor exact =
                at::cat({halves[0] * c - halves[1] * s, halves[1] * c + halves[0] * s}, -1)
                    .transpose(1, 2);
            QVERIFY(apart(made[part], exact) < kFloatRoutes);
        }
        const at::Tensor learned = qkv.clone().requires_grad_();
        const at::Tensor byAten = ops::turnedHeads(learned.narrow(2, 0, 2), cosine, sine);
        QVERIFY(byAten.requires_grad());
        QVERIFY(apart(byAten.detach(), made) < kFloatRoutes);
    }

    void refused() {
        const at::Tensor x = at::randn({1, 2, 8});
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(ops::modulatedNorm(x, at::randn({1, 1, 7}), x, 1e-6)), c10::Error);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(ops::turnedHeads(x, x, x)), c10::Error);
    }
};

QTEST_APPLESS_MAIN(TestDiffusion)
#include "tst_diffusion.moc"
