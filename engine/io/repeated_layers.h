// SPDX-License-Identifier: MIT
// Recognises the recursive baseline in an official checkpoint without a side-car: a plain llama
// whose layers repeat themselves (docs/routing.md 2.3, 3.10). Engine thread.
#pragma once

#include "engine/io/weight_reader.h"
#include "engine/spec/language_spec.h"

#include <optional>

namespace depthscope::io {

/// The sharing whose repetitions are just those of the `layers` layers. Told by the first elements
/// of one projection of each; the weight loader compares all of them. Empty where nothing repeats
/// or a layer is missing: without a side-car nobody knows whether it was a repetition.
/// Throws Error{BadInput} for a file that ends early.
[[nodiscard]] std::optional<spec::RecursionSpec> findRepetition(WeightReader& reader,
                                                                std::int64_t layers);

} // namespace depthscope::io
