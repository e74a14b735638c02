// SPDX-License-Identifier: MIT
// Where time goes: sums stay exact however many spans are merged, and the stages of a run become
// lanes whose sum is its time.
#include "engine/trace/lanes.h"
#include "engine/trace/trace_store.h"
#include "tests/engine/trace/made_step.h"

#include <QtTest>
#include <cmath>
#include <limits>

using namespace depthscope;
using trace::Lane;
using trace::LaneKind;
using trace::Lanes;
using trace::LaneSpan;

namespace {

LaneSpan span(Lane lane, double start, std::int64_t tokens, std::int64_t rows) {
    return {lane,   start, 0.5, 0.5, 0.5 * static_cast<double>(tokens) / static_cast<double>(rows),
            tokens, rows,  8,   1};
}

trace::StepPtr timedStep(std::uint32_t number, double began, std::vector<trace::StageCost> stages) {
    const auto step = tests::madeStep(1, number, number == 0 ? 0 : 3 + static_cast<int>(number),
                                      std::vector<std::uint8_t>(number == 0 ? 4 : 1, 2));
    step->kind = number == 0 ? trace::StepKind::Prefill : trace::StepKind::Decode;
    step->routing.recursions = 2;
    step->routing.cost.milliseconds = 10;
    step->routing.cost.beganMilliseconds = began;
    step->routing.cost.stages = std::move(stages);
    return step;
}

} // namespace

class TestLanes : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Fewer spans, the same sums; none of another lane or far away is in one.
    void mergesIntoABoundedNumber() {
        trace::LaneRecorder recorder;
        Lanes exact;
        for (int i = 0; i < 30'000; ++i) {
            const Lane lane{i % 3 == 0 ? LaneKind::Outside : LaneKind::Recursion, i % 3};
            const LaneSpan one = span(lane, i, 1 + i % 7, 8);
            recorder.add(one);
            exact.spans.push_back(one);
        }
        Lanes merged;
        merged.spans = recorder.spans();
        QVERIFY(merged.spans.size() <= trace::kMostLaneSpans);
        QVERIFY(merged.spans.size() > trace::kMostLaneSpans / 8);
        const auto wanted = trace::laneTotals(exact), made = trace::laneTotals(merged);
        QCOMPARE(made.size(), std::size_t{3});
        for (const auto& [lane, total] : wanted) {
            QCOMPARE(made.at(lane).tokens, total.tokens);
            QCOMPARE(made.at(lane).rows, total.rows);
            QCOMPARE(made.at(lane).batches, total.batches);
            QVERIFY(std::abs(made.at(lane).seconds - total.seconds) < 1e-6);
        }
        double latest = 0;
        for (const LaneSpan& one : merged.spans) {
            QVERIFY(one.start >= latest); // by their start
            latest = one.start;
            QVERIFY(one.length >= one.seconds && one.length < 200);
        }
    }

    void stagesOfARunAddUp() {
        const std::vector<trace::StepPtr> steps{
            timedStep(0, 5, {{0, 4, 1}, {1, 4, 3}, {2, 2, 2}, {0, 4, 2}}),
            timedStep(1, 25, {{0, 1, 4}, {1, 1, 3}, {2, 0, 0}, {0, 1, 1}})};
        const Lanes lanes = trace::lanesOf(steps);
        QVERIFY(std::abs(lanes.seconds - 0.030) < 1e-9); // the gap between them included
        QVERIFY(std::abs(trace::idleSeconds(lanes) - 0.010) < 1e-9);
        const auto totals = trace::laneTotals(lanes);
        QVERIFY(std::abs(totals.at({LaneKind::Recursion, 1}).seconds - 0.006) < 1e-9);
        QVERIFY(std::abs(totals.at({LaneKind::Outside, 0}).seconds - 0.008) < 1e-9);
        QVERIFY(std::abs(totals.at({LaneKind::Rest, 0}).seconds - 0.004) < 1e-9);
        QCOMPARE(totals.at({LaneKind::Recursion, 2}).tokens, std::int64_t{2});
        QCOMPARE(totals.at({LaneKind::Recursion, 2}).room, std::int64_t{5});
        QCOMPARE(lanes.tokens, std::int64_t{1});
    }

    /// Older recordings have none, and files of strangers any numbers.
    void oddTimes() {
        constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        QVERIFY(trace::lanesOf({}).spans.empty());
        QVERIFY(trace::lanesOf(std::vector<trace::StepPtr>{timedStep(0, kNone, {})}).spans.empty());
        for (const double odd : {kNone, kInfinity, -kInfinity, -5.0, 1e300}) {
            auto step = std::make_shared<trace::StepTrace>(*timedStep(0, odd, {{1, 4, odd}}));
            step->routing.cost.milliseconds = odd;
            const Lanes lanes = trace::lanesOf(std::vector<trace::StepPtr>{step, step});
            QVERIFY(std::isfinite(lanes.seconds) && lanes.seconds >= 0);
            for (const LaneSpan& one : lanes.spans) {
                QVERIFY(std::isfinite(one.start) && std::isfinite(one.length));
            }
        }
    }

    void costsOfBatches() {
        Lanes lanes;
        lanes.rows = 4;
        lanes.costs = {{10, 1}, {4, 2}, {0, 0}, {3, 3}};
        QCOMPARE(trace::meanBatchSeconds(lanes, 0.4, 0.6), 0.5);
        QCOMPARE(trace::meanBatchSeconds(lanes, 0.9, 1), 1.0);
        QVERIFY(std::isnan(trace::meanBatchSeconds(lanes, 0.7, 0.8))); // too few
    }

    void storeKeepsThem() {
        trace::TraceStore store;
        QVERIFY(store.view().lanes == nullptr);
        store.setLanes(std::make_shared<Lanes>());
        QVERIFY(store.view().lanes == store.lanes().get());
        store.clear(); // of another text or model: they stay
        QVERIFY(store.view().lanes != nullptr);
    }
};

QTEST_APPLESS_MAIN(TestLanes)
#include "tst_lanes.moc"
