// SPDX-License-Identifier: MIT
// The steps of one run joined into one table of its places. A value; any thread.
#pragma once

#include "engine/trace/step_trace.h"

#include <cstddef>
#include <string>
#include <vector>

namespace depthscope::trace {

/// All places of one run so far, each as its newest step left it. Arrays have one entry per place;
/// scores one row per recursion.
struct RunView {
    StepPtr latest; ///< the newest step: model, settings, kv, flags. Never null.
    Layout layout;
    std::int32_t firstPlace = 0;  ///< in the run, of the entries below: a recording may begin late
    std::size_t promptPlaces = 0; ///< those of the first step; later ones were generated
    std::vector<std::uint8_t> depth;
    std::vector<std::uint8_t> classes;      ///< kNoClass where unknown
    ClassSetPtr classSet;                   ///< null: no place has a class
    std::vector<std::vector<float>> scores; ///< [R][N]; NaN: not considered
    std::vector<ExpertChoices> experts;     ///< by layer, of all places; empty without experts
    std::vector<StepCost> costs;            ///< one per step

    std::vector<std::int32_t> ids; ///< empty where the content is no text
    std::vector<float> nll;        ///< NaN where unknown
    /// Text of each place. A character whose bytes are spread over tokens stands whole at the first
    /// of them, so that the others may be empty. Empty where the content is no text.
    std::vector<std::string> pieces;

    [[nodiscard]] std::size_t places() const { return depth.size(); }

    [[nodiscard]] bool isText() const { return !ids.empty(); }

    [[nodiscard]] int recursions() const { return latest->routing.recursions; }

    [[nodiscard]] bool hasClasses() const;
    /// Sum over the steps so far.
    [[nodiscard]] StepCost totalCost() const;
    /// Mean of the known nll, nats per token; NaN if none is known.
    [[nodiscard]] double meanNll() const;

    /// Appends the places of a step, or visits them again.
    void add(const StepPtr& step);

    /// The same layout, and the same ids where both are texts, the same source where both are
    /// clips: the two can be compared.
    [[nodiscard]] bool sameContent(const RunView& other) const;
};

} // namespace depthscope::trace
