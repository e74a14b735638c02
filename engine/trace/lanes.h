// SPDX-License-Identifier: MIT
// Where the time of a run or of texts generated together goes: which part of the model ran when,
// for how many tokens. A *lane* is one part of the model over time, a *span* a stretch of a lane.
// Times are wall time by the engine's clock; on a GPU, work counts where it is waited for. Values;
// any thread.
#pragma once

#include "engine/settings/batch.h"
#include "engine/settings/routing.h"
#include "engine/trace/step_trace.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::trace {

enum class LaneKind : std::uint8_t {
    Outside,   ///< layers outside the recursions, head; of a batch also the choice of a token
    Recursion, ///< the shared block
    Prompts,   ///< of a batch: prompts, one after the other
    Rest,      ///< of one text: the choice of a token, the trace
};

/// Lanes in the order of the model: outside, recursion 1 to R, prompts, rest.
struct Lane {
    LaneKind kind = LaneKind::Outside;
    int recursion = 0; ///< from 1; 0: none

    [[nodiscard]] bool operator==(const Lane&) const = default;
    [[nodiscard]] auto operator<=>(const Lane&) const = default;
};

/// One batch, or several that follow each other in a lane; then all but start and length are sums.
struct LaneSpan {
    Lane lane;
    double start = 0;        ///< s since the beginning
    double length = 0;       ///< s, to the end of its last batch
    double seconds = 0;      ///< that its batches ran, whoever was in them
    double ownSeconds = 0;   ///< of them this lane's, by its share of the rows
    std::int64_t tokens = 0; ///< of this lane
    std::int64_t rows = 0;   ///< of its batches, tokens of other lanes included
    std::int64_t room = 0;   ///< rows that there could have been
    std::int64_t batches = 1;

    [[nodiscard]] double end() const { return start + length; }

    [[nodiscard]] bool operator==(const LaneSpan&) const = default;
};

/// What batches of one size cost a recursion.
struct BatchCost {
    std::int64_t batches = 0;
    double seconds = 0; ///< of all of them
    [[nodiscard]] bool operator==(const BatchCost&) const = default;
};

inline constexpr std::size_t kMostLaneSpans = 4096;

struct Lanes {
    std::string model; ///< its name
    settings::RoutingSettings routing;
    settings::Batching batching = settings::Batching::Depth;
    int recursions = 0;           ///< 0: no part of the model is repeated
    int rows = 1;                 ///< tokens in a batch at most
    std::int64_t texts = 0;       ///< that have ended
    std::int64_t tokens = 0;      ///< generated
    double seconds = 0;           ///< since the beginning
    std::vector<LaneSpan> spans;  ///< by their start
    std::vector<BatchCost> costs; ///< of recursions, by rows from 1; of one text none
    double flops = 0;             ///< by formula, with the depths that the tokens had
    double fullFlops = 0;         ///< the same at full depth
    /// The same prompts at full depth, measured after this; NaN: they were not generated.
    double fullSeconds = std::numeric_limits<double>::quiet_NaN();
    std::int64_t fullTokens = 0;

    [[nodiscard]] bool operator==(const Lanes&) const = default;
};

using LanesPtr = std::shared_ptr<const Lanes>;

/// Sums over a lane. Those of several lanes add up without counting a batch twice.
struct LaneTotal {
    double seconds = 0; ///< its own share
    std::int64_t tokens = 0;
    std::int64_t rows = 0;
    std::int64_t room = 0;
    std::int64_t batches = 0;

    /// Share of the room that is taken, 0..1; NaN where nothing ran.
    [[nodiscard]] double fill() const {
        return room > 0 ? static_cast<double>(rows) / static_cast<double>(room)
                        : std::numeric_limits<double>::quiet_NaN();
    }
};

[[nodiscard]] std::map<Lane, LaneTotal> laneTotals(const Lanes& lanes);

/// Seconds in which no lane ran.
[[nodiscard]] double idleSeconds(const Lanes& lanes);

/// Mean seconds of batches with a share of `low` to `high` of the rows; NaN where fewer than three
/// were measured.
[[nodiscard]] double meanBatchSeconds(const Lanes& lanes, double low, double high);

/// When the steps of a run ran, in their order.
class StepTimes {
public:
    struct Stretch {
        double from = 0, to = 0; ///< s since the beginning
    };

    [[nodiscard]] Stretch next(const StepCost& cost);

private:
    double m_first = 0, m_end = 0;
    bool m_began = false;
};

/// Of one text: the stages of its steps; no spans where they were not timed. `steps` are of one
/// run, oldest first.
[[nodiscard]] Lanes lanesOf(std::span<const StepPtr> steps);

/// Collects spans, at most kMostLaneSpans: beyond that, those of a lane that begin in the same
/// stretch of time become one. Sums stay exact. One owner, one thread.
class LaneRecorder {
public:
    void add(const LaneSpan& span);

    /// By their start.
    [[nodiscard]] std::vector<LaneSpan> spans() const;

private:
    void put(const LaneSpan& span);

    std::vector<LaneSpan> m_spans;
    std::map<Lane, std::size_t> m_last; ///< index of the newest span of each lane
    double m_stretch = 0;               ///< s; 0: every batch is a span of its own
};

} // namespace depthscope::trace
