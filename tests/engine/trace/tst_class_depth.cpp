// SPDX-License-Identifier: MIT
// Depth by class against figures that were worked out by hand, and how often the interval holds
// the true mean where it is known.
#include "engine/base/random.h"
#include "engine/trace/class_depth.h"
#include "engine/trace/graded_classes.h"
#include "tests/engine/trace/made_step.h"

#include <QTest>
#include <cmath>
#include <numeric>
#include <vector>

using namespace depthscope;
using namespace depthscope::trace;

namespace {

constexpr auto kFrame = static_cast<std::uint8_t>(Difficulty::Frame);
constexpr auto kSum = static_cast<std::uint8_t>(Difficulty::Sum);
constexpr auto kMemorised = static_cast<std::uint8_t>(Difficulty::Memorised);

/// A text of stretches of some classes, with a token of the frame before each.
struct Stretches {
    std::vector<std::uint8_t> classes;
    std::vector<std::uint8_t> depth;

    void add(std::uint8_t number, const std::vector<std::uint8_t>& depths) {
        classes.push_back(kFrame);
        depth.push_back(1);
        for (const std::uint8_t one : depths) {
            classes.push_back(number);
            depth.push_back(one);
        }
    }

    [[nodiscard]] RunView view() const {
        auto step = tests::textStep(1, 0, 0, std::vector<std::string>(depth.size(), "x"));
        step->routing.recursions = 3;
        step->routing.depth = depth;
        step->routing.classes = classes;
        step->routing.classSet = gradedClasses();
        RunView view;
        view.add(step);
        return view;
    }
};

/// Sums of 26 recursions over 13 tokens, phrases of 14 over 10.
Stretches worked() {
    Stretches text;
    for (const std::vector<std::uint8_t>& one : std::vector<std::vector<std::uint8_t>>{
             {1, 2}, {1, 2, 3}, {2}, {2, 2}, {3, 3, 3}, {1, 1}}) {
        text.add(kSum, one);
    }
    for (const std::vector<std::uint8_t>& one :
         std::vector<std::vector<std::uint8_t>>{{1, 1}, {1, 1, 1}, {2, 2}, {2}, {1, 2}}) {
        text.add(kMemorised, one);
    }
    return text;
}

const ClassDepth& of(const std::vector<ClassDepth>& depths, std::uint8_t number) {
    for (const ClassDepth& one : depths) {
        if (one.number == number) {
            return one;
        }
    }
    qFatal("no such class");
}

} // namespace

class TestClassDepth : public QObject {
    Q_OBJECT

private Q_SLOTS:

    // Worked out from the formulas of the header with the table's quantiles 2.570582 and 2.776445;
    // the tolerance is that of studentQuantile.
    void asWorkedOutByHand() {
        const std::vector<ClassDepth> depths = classDepths(worked().view());
        const ClassDepth& sums = of(depths, kSum);
        QCOMPARE(sums.count, std::size_t{13});
        QCOMPARE(sums.stretches, std::size_t{6});
        QVERIFY(std::abs(sums.mean - 2.0) < 1e-12);
        QVERIFY(std::abs(sums.standardError - 0.3152907927987569) < 1e-12);
        QVERIFY(std::abs(sums.margin() - 0.810480836734214) < 1e-3);
        const ClassDepth& phrases = of(depths, kMemorised);
        QVERIFY(std::abs(phrases.mean - 1.4) < 1e-12);
        QVERIFY(std::abs(phrases.margin() - 0.6145922998730335) < 1e-3);
        const std::optional<Interval> difference = depthDifference(sums, phrases);
        QVERIFY(difference.has_value());
        QVERIFY(std::abs((difference->low + difference->high) / 2 - 0.6) < 1e-12);
        // Welch's 8.55 degrees of freedom lie between the table's 8 (2.306004) and 9 (2.262157).
        const double half = (difference->high - difference->low) / 2;
        QVERIFY(half < 0.38523795766210345 * 2.306004);
        QVERIFY(half > 0.38523795766210345 * 2.262157);
    }

    void tooFewStretchesHaveNoInterval() {
        Stretches text;
        for (int i = 0; i < 4; ++i) {
            text.add(kSum, {1, 2, 3});
        }
        const std::vector<ClassDepth> depths = classDepths(text.view());
        QVERIFY(std::isnan(of(depths, kSum).margin()));
        QVERIFY(!depthDifference(of(depths, kSum), of(depths, kFrame)).has_value());
    }

    void equalDepthsHaveNoWidth() {
        Stretches text;
        for (int i = 0; i < 5; ++i) {
            text.add(kSum, {2, 2});
            text.add(kMemorised, {2});
        }
        const std::vector<ClassDepth> depths = classDepths(text.view());
        const std::optional<Interval> none =
            depthDifference(of(depths, kSum), of(depths, kMemorised));
        QVERIFY(none.has_value());
        QCOMPARE(none->low, 0.0);
        QCOMPARE(none->high, 0.0);
    }

    /// Stretches whose tokens share one drawn depth: tokens taken alone would give an interval half
    /// as wide, which would hold the mean of 2 in two of three texts. Of 1,000 texts 95 % give or
    /// take four standard errors of 0.7 % are within 92 to 98 %.
    void holdsTheTrueMeanAsOftenAsItSays() {
        SplitMix random(11);
        int held = 0;
        for (int trial = 0; trial < 1000; ++trial) {
            Stretches text;
            for (int stretch = 0; stretch < 20; ++stretch) {
                const auto depth = static_cast<std::uint8_t>(1 + random.below(3));
                text.add(kSum, std::vector<std::uint8_t>(2 + random.below(5), depth));
            }
            const std::vector<ClassDepth> depths = classDepths(text.view());
            const ClassDepth& sums = of(depths, kSum);
            held += std::abs(sums.mean - 2) <= sums.margin() ? 1 : 0;
        }
        QVERIFY2(held >= 920 && held <= 980, qPrintable(QString::number(held)));
    }
};

QTEST_APPLESS_MAIN(TestClassDepth)
#include "tst_class_depth.moc"
