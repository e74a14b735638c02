// SPDX-License-Identifier: MIT
#include "engine/trace/lanes.h"

#include <algorithm>
#include <cmath>

namespace depthscope::trace {

namespace {

/// Of untrusted milliseconds.
double secondsOf(double milliseconds) {
    constexpr double kMost = 1e12;
    return std::isfinite(milliseconds) ? std::clamp(milliseconds, 0.0, kMost) / 1e3 : 0.0;
}

void join(LaneSpan& one, const LaneSpan& next) {
    one.length = std::max(one.end(), next.end()) - one.start;
    one.seconds += next.seconds;
    one.ownSeconds += next.ownSeconds;
    one.tokens += next.tokens;
    one.rows += next.rows;
    one.room += next.room;
    one.batches += next.batches;
}

void addStages(const StepTrace& step, StepTimes::Stretch when, LaneRecorder& spans) {
    const auto room = static_cast<std::int64_t>(step.routing.places());
    const StepCost& cost = step.routing.cost;
    double at = when.from;
    for (const StageCost& stage : cost.stages) {
        const double seconds = secondsOf(stage.milliseconds);
        const Lane lane{stage.recursion > 0 ? LaneKind::Recursion : LaneKind::Outside,
                        stage.recursion};
        const std::int64_t most = std::max(room, stage.tokens);
        spans.add({lane, at, seconds, seconds, seconds, stage.tokens, stage.tokens, most, 1});
        at += seconds;
    }
    const double rest = when.to - at;
    if (rest > 0) {
        spans.add({{LaneKind::Rest, 0}, at, rest, rest, rest, room, room, room, 1});
    }
}

} // namespace

std::map<Lane, LaneTotal> laneTotals(const Lanes& lanes) {
    std::map<Lane, LaneTotal> totals;
    for (const LaneSpan& span : lanes.spans) {
        LaneTotal& total = totals[span.lane];
        total.seconds += span.ownSeconds;
        total.tokens += span.tokens;
        total.rows += span.rows;
        total.room += span.room;
        total.batches += span.batches;
    }
    return totals;
}

double idleSeconds(const Lanes& lanes) {
    double busy = 0;
    for (const LaneSpan& span : lanes.spans) {
        busy += span.ownSeconds;
    }
    return std::max(0.0, lanes.seconds - busy);
}

double meanBatchSeconds(const Lanes& lanes, double low, double high) {
    constexpr std::int64_t kEnough = 3;
    BatchCost sum;
    for (std::size_t i = 0; i < lanes.costs.size(); ++i) {
        const double share = static_cast<double>(i + 1) / static_cast<double>(lanes.rows);
        if (share >= low && share <= high) {
            sum.batches += lanes.costs[i].batches;
            sum.seconds += lanes.costs[i].seconds;
        }
    }
    return sum.batches >= kEnough ? sum.seconds / static_cast<double>(sum.batches)
                                  : std::numeric_limits<double>::quiet_NaN();
}

StepTimes::Stretch StepTimes::next(const StepCost& cost) {
    const double began = secondsOf(cost.beganMilliseconds);
    m_first = m_began ? m_first : began;
    m_began = true;
    const double from = std::max(m_end, began - m_first);
    m_end = from + secondsOf(cost.milliseconds);
    return {from, m_end};
}

Lanes lanesOf(std::span<const StepPtr> steps) {
    Lanes lanes;
    if (steps.empty()) {
        return lanes;
    }
    LaneRecorder spans;
    StepTimes times;
    for (const StepPtr& step : steps) {
        const StepCost& cost = step->routing.cost;
        const StepTimes::Stretch when = times.next(cost);
        if (!cost.stages.empty()) {
            addStages(*step, when, spans);
        }
        lanes.seconds = when.to;
        lanes.tokens += step->kind == StepKind::Decode ? 1 : 0;
        lanes.flops += cost.flops;
        lanes.fullFlops += cost.fullFlops;
    }
    const StepTrace& latest = *steps.back();
    lanes.model = latest.model ? latest.model->name : std::string();
    lanes.routing = latest.settings;
    lanes.recursions = latest.routing.recursions;
    lanes.texts = 1;
    lanes.spans = spans.spans();
    return lanes;
}

void LaneRecorder::put(const LaneSpan& span) {
    const auto last = m_last.find(span.lane);
    if (m_stretch > 0 && last != m_last.end()) {
        LaneSpan& held = m_spans[last->second];
        if (std::floor(held.start / m_stretch) == std::floor(span.start / m_stretch)) {
            join(held, span);
            return;
        }
    }
    m_last[span.lane] = m_spans.size();
    m_spans.push_back(span);
}

void LaneRecorder::add(const LaneSpan& span) {
    put(span);
    while (m_spans.size() > kMostLaneSpans) {
        // Half of them remain where the lanes are equally busy.
        const double lanes = static_cast<double>(m_last.size());
        const double even = 2 * lanes * span.end() / static_cast<double>(kMostLaneSpans);
        m_stretch = std::max(2 * m_stretch, even);
        const std::vector<LaneSpan> before = std::exchange(m_spans, {});
        m_last.clear();
        for (const LaneSpan& one : before) {
            put(one);
        }
    }
}

std::vector<LaneSpan> LaneRecorder::spans() const {
    std::vector<LaneSpan> sorted = m_spans;
    std::ranges::stable_sort(sorted, {}, &LaneSpan::start);
    return sorted;
}

} // namespace depthscope::trace
