// SPDX-License-Identifier: MIT
// Initialises the shared layers of a recursive model from a trained model without sharing
// (docs/routing.md 2.3, "init options"): which source layers become, or are averaged into, the
// shared slots. Pure functions of weights; engine thread.
#pragma once

#include "engine/models/language_model.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace depthscope::models {

enum class Initialisation : std::uint8_t {
    Stepwise, ///< evenly spaced layers, the ends included
    Average,  ///< the mean of all layers that share the slot
    Lower,    ///< the first layers
    Upper,    ///< the last layers
    Random,   ///< a sorted random subset
};

/// Throws Error{Usage} that lists the names.
[[nodiscard]] Initialisation parseInitialisation(std::string_view name);

/// For each slot of a block of `block` layers, the layers of the `inner` (block · count of them)
/// that initialise it.
[[nodiscard]] std::vector<std::vector<std::int64_t>> seedsOf(Initialisation method,
                                                             spec::Sharing sharing,
                                                             int count,
                                                             std::int64_t block,
                                                             std::uint64_t seed);

/// Copies embedding, norm, head and layers of `source` into the tensors of `target`, which keep
/// their storage; routers stay. Throws Error{BadInput} naming what does not fit.
void initialiseFrom(const LanguageModel& source,
                    LanguageModel& target,
                    Initialisation method,
                    std::uint64_t seed);

} // namespace depthscope::models
