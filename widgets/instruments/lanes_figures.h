// SPDX-License-Identifier: MIT
// What LANES shows of a view: its lanes, their names and figures, what was saved, and words for the
// gap between FLOPs and time. Pure; any thread.
#pragma once

#include "engine/trace/lanes.h"
#include "widgets/instruments/instrument.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::instruments {

/// The lanes on screen. Refers to the view; lives for one call.
class ShownLanes {
public:
    /// Of texts generated together, or of the text on screen where `state` chooses it or there are
    /// no others.
    ShownLanes(const trace::TraceView& view, const ViewState& state);

    [[nodiscard]] const trace::Lanes& lanes() const { return m_together ? *m_together : m_own; }

    [[nodiscard]] bool areTogether() const { return m_together != nullptr; }

    /// Nothing was timed.
    [[nodiscard]] bool empty() const { return lanes().spans.empty(); }

    /// From the bottom up; those in which nothing ran too.
    [[nodiscard]] const std::vector<trace::Lane>& order() const { return m_order; }

    [[nodiscard]] trace::LaneTotal total(const trace::Lane& lane) const;

    /// Of one text: the place that was decoded at this second; nothing: none, or many.
    [[nodiscard]] std::optional<int> placeAt(double second) const;

    /// Of one text: when the step of a place ran.
    [[nodiscard]] std::optional<trace::StepTimes::Stretch> stretchOf(int place) const;

private:
    struct Step {
        trace::StepTimes::Stretch when;
        int firstPlace = 0;
        int places = 0;
    };

    const trace::Lanes* m_together = nullptr;
    trace::Lanes m_own;
    std::vector<Step> m_steps; ///< of one text
    std::vector<trace::Lane> m_order;
    std::map<trace::Lane, trace::LaneTotal> m_totals;
};

/// "recursion 2", "other layers", "prompts", "rest"
[[nodiscard]] std::string laneName(const trace::Lane& lane, const scene::TextService& text);

/// "1.84 s, 512 tokens, 278 tokens/s"
[[nodiscard]] std::string lanesHeadline(const ShownLanes& shown, const scene::TextService& text);

/// How far a time against full depth can be relied on.
enum class Trust : std::uint8_t {
    None,  ///< one pass each, or of settings that have changed: nothing follows
    Once,  ///< all texts once each, in turn: what it says holds for these runs
    Turns, ///< medians in turns that differ by more than their noise
};

/// Against full depth.
struct LanesSaved {
    double flops = 0;  ///< percent, negative: fewer; NaN: there is nothing to skip
    double time = 0;   ///< percent; NaN: not measured
    double spread = 0; ///< of time, percent points
    Trust trust = Trust::None;
    std::string timeWhy; ///< why there is no time
    std::string how;     ///< it was measured
    std::string gap;     ///< what is known of time and FLOPs, in whole sentences
};

[[nodiscard]] LanesSaved
lanesSaved(const trace::TraceView& view, const ShownLanes& shown, const scene::TextService& text);

/// The span of a lane at a second, or the next one within `slack` seconds; null: none.
[[nodiscard]] const trace::LaneSpan*
spanAt(const trace::Lanes& lanes, const trace::Lane& lane, double second, double slack);

[[nodiscard]] std::string laneTip(const trace::TraceView& view,
                                  const ShownLanes& shown,
                                  const trace::LaneSpan& span,
                                  const scene::TextService& text);

[[nodiscard]] Table lanesTable(const ShownLanes& shown, const scene::TextService& text);

} // namespace depthscope::instruments
