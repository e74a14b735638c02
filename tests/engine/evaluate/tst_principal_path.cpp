// SPDX-License-Identifier: MIT
// Principal components of paths whose axes are known.
#include "engine/evaluate/principal_path.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <vector>

using namespace depthscope;

class TestPrincipalPath : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// An ellipse in a plane of five dimensions: its axes are the components.
    void axesOfAnEllipse() {
        const double wide = 3, low = 2;
        std::vector<double> flat;
        for (int i = 0; i < 4; ++i) { // a quarter turn a point, far from the origin
            const double a = wide * std::cos(i * M_PI / 2), b = low * std::sin(i * M_PI / 2);
            const double along = a / std::sqrt(2.0), across = b / std::sqrt(2.0);
            flat.insert(flat.end(), {7 + along, -3 + along, 5 + across, 1 - across, 2});
        }
        const evaluate::PrincipalPath path =
            evaluate::principalPath(at::tensor(flat, at::kDouble).reshape({1, 4, 5}));
        const double first[] = {wide, 0, -wide, 0}, second[] = {0, low, 0, -low};
        const double signs[] = {path.points[0][0][0].item<double>() > 0 ? 1.0 : -1.0,
                                path.points[0][1][1].item<double>() > 0 ? 1.0 : -1.0};
        for (int i = 0; i < 4; ++i) {
            QVERIFY(std::abs(path.points[0][i][0].item<double>() - signs[0] * first[i]) < 1e-5);
            QVERIFY(std::abs(path.points[0][i][1].item<double>() - signs[1] * second[i]) < 1e-5);
        }
        QVERIFY(path.points[0][3][1].item<double>() > 0); // ends on the positive side
        QVERIFY(std::abs(path.shares[0][0].item<double>() - 9.0 / 13) < 1e-5);
        QVERIFY(std::abs(path.shares[0][1].item<double>() - 4.0 / 13) < 1e-5);
        const evaluate::PrincipalPath still = evaluate::principalPath(at::ones({1, 3, 5}));
        QVERIFY(still.shares.isnan().all().item<bool>());
    }
};

QTEST_APPLESS_MAIN(TestPrincipalPath)
#include "tst_principal_path.moc"
