// SPDX-License-Identifier: MIT
// The routing of the places of one step, independent of their content. Letters: N places of
// this step, R recursions. A value; any thread.
#pragma once

#include "engine/trace/class_set.h"
#include "engine/trace/experts.h"
#include "engine/trace/layout.h"

#include <cstdint>
#include <limits>
#include <vector>

namespace depthscope::trace {

/// One horizontal layer of the KV cache: the unshared layers (recursion 0) or the block at
/// recursion r.
struct KvGroup {
    int recursion = 0;              ///< 0: layers outside the recursion
    std::int64_t bytesPerToken = 0; ///< what one kept token costs here
    std::int64_t entries = 0;       ///< tokens kept so far (whole run)
};

struct KvMemory {
    std::vector<KvGroup> groups;
    std::int64_t measuredBytes = 0;  ///< bytes in use by the cache's tensors, whole run
    std::int64_t reservedBytes = 0;  ///< bytes allocated for it, head room included
    std::int64_t predictedBytes = 0; ///< closed form of docs/routing.md 3.7 for this routing
    std::int64_t fullBytes = 0;      ///< every token at every recursion
};

/// The wall time of one stage of a step, measured.
struct StageCost {
    int recursion = 0;       ///< from 1; 0: layers outside the recursions, embedding, head
    std::int64_t tokens = 0; ///< that ran it
    double milliseconds = 0;
};

struct StepCost {
    double flops = 0;        ///< of this step, by docs/routing.md 4.2 with the actual token counts
    double fullFlops = 0;    ///< the same step at full depth
    double milliseconds = 0; ///< wall time of this step, measured
    int syncs = 0;           ///< device synchronisations in this step
    bool traced = true;
    /// Of a reference that ran in turns with the routing that it is compared with: how many times
    /// each; then `milliseconds` is a median, as is the other's. 0: it ran once, alone.
    int rounds = 0;
    /// Half the interquartile range of the other's time against this one's, round by round, in
    /// percent of this one's; NaN: too few rounds, or not recorded.
    float roundsSpread = std::numeric_limits<float>::quiet_NaN();
    double routedMilliseconds = 0;
    /// In their order; what is left of `milliseconds` is the choice of a token and the trace.
    /// Empty: not measured.
    std::vector<StageCost> stages;
    double beganMilliseconds = std::numeric_limits<double>::quiet_NaN(); ///< since the run's
                                                                         ///< beginning; NaN:
                                                                         ///< not recorded
};

/// Losses of the router where they were asked for, before their coefficients
/// (docs/routing.md 3.4, 3.5).
struct RouterFigures {
    double aux = 0;
    double balance = 0;
    double z = 0;
};

struct RoutingStep {
    Layout layout;                      ///< of the run, this step included
    std::int32_t firstPlace = 0;        ///< in the run. Existing places are revisited.
    std::int32_t recursions = 1;        ///< R
    std::vector<std::uint8_t> depth;    ///< [N] recursion steps passed, 0..R; 1 without recursion
    std::vector<float> scores;          ///< [R * N], row r: router function before alpha; NaN: not
                                        ///< considered; empty: no router
    std::vector<std::uint8_t> classes;  ///< [N] number in classSet or kNoClass; empty: none known
    ClassSetPtr classSet;               ///< null where classes is empty
    std::vector<ExpertChoices> experts; ///< one per layer of experts; empty without any
    KvMemory kv;                        ///< after this step
    StepCost cost;
    RouterFigures losses;
    /// Of a denoising step: how much of the content is noise, 0..1; NaN: no such step.
    double noiseLevel = std::numeric_limits<double>::quiet_NaN();

    [[nodiscard]] std::size_t places() const { return depth.size(); }
};

} // namespace depthscope::trace
