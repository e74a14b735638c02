// SPDX-License-Identifier: MIT
// The bootstrap's interval against what is known of independent and of repeated values.
#include "engine/base/bootstrap.h"
#include "engine/base/random.h"

#include <QTest>
#include <cmath>
#include <vector>

using namespace depthscope;

namespace {

/// About normal: twelve uniform numbers, mean 0, variance 1.
double noise(SplitMix& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
        sum += static_cast<double>(random.below(1U << 30U)) / (1U << 30U);
    }
    return sum;
}

std::vector<double> independent(std::size_t count, std::uint64_t seed, double mean) {
    SplitMix random(seed);
    std::vector<double> values(count);
    for (double& value : values) {
        value = mean + noise(random);
    }
    return values;
}

} // namespace

class TestBootstrap : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Of independent values the half width is 1.96 sigma / sqrt(n), within the noise of 1,000
    /// rounds (about 5 %) and of the sample's own deviation.
    void independentValues() {
        const auto values = independent(4000, 3, 0.5);
        const Interval found = bootstrapMean(values, 1);
        const double half = 1.96 / std::sqrt(4000.0);
        QVERIFY(std::abs((found.high - found.low) / 2 - half) < 0.15 * half);
        QVERIFY(found.low < 0.5 && 0.5 < found.high);
    }

    /// 95 % of the intervals hold the true mean: of 200 at least 180, which chance alone fails
    /// once in 300 times; the seeds are fixed.
    void coverage() {
        int held = 0;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const Interval found = bootstrapMean(independent(480, 100 + seed, 0), seed);
            held += found.low <= 0 && 0 <= found.high ? 1 : 0;
        }
        QVERIFY2(held >= 180 && held <= 199, qPrintable(QString::number(held)));
    }

    /// Sixteen equal neighbours count as one value, not as sixteen.
    void neighboursThatResembleEachOther() {
        const auto seeds = independent(250, 5, 0);
        std::vector<double> values;
        for (const double value : seeds) {
            values.insert(values.end(), 16, value);
        }
        const Interval found = bootstrapMean(values, 1);
        const double half = 1.96 / std::sqrt(250.0);
        QVERIFY((found.high - found.low) / 2 > 0.7 * half); // sixteen-fold alone would give 0.25
    }

    void sameSeedSameInterval() {
        const auto values = independent(200, 9, 1);
        QCOMPARE(bootstrapMean(values, 4).low, bootstrapMean(values, 4).low);
        QVERIFY(bootstrapMean(values, 4).low != bootstrapMean(values, 5).low);
    }

    void tooFewOrEqual() {
        QVERIFY(std::isnan(bootstrapMean({}, 1).low));
        QVERIFY(std::isnan(bootstrapMean(std::vector<double>(159, 1.0), 1).high));
        const Interval equal = bootstrapMean(std::vector<double>(2'000'000, 0.25), 1);
        QVERIFY(std::abs(equal.low - 0.25) < 1e-9 && std::abs(equal.high - 0.25) < 1e-9);
    }
};

QTEST_APPLESS_MAIN(TestBootstrap)
#include "tst_bootstrap.moc"
