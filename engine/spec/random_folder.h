// SPDX-License-Identifier: MIT
// A model folder of a true shape with random weights, so that loading, memory and speed of large
// models can be measured without them. Any thread.
#pragma once

#include "engine/spec/language_spec.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace depthscope::spec {

/// Writes config.json and bfloat16 safetensors, of several files where they are large: matrices
/// about N(0, 0.02²), norms 1, biases 0, the same bytes on every machine for a seed. config.json
/// says `random_weights`, which every reader of ours repeats. `progress` is called with 0..1 and
/// throws to interrupt. Throws Error{Usage} where the folder holds a model, what AtomicFile throws;
/// what was written by then is removed.
void writeRandomFolder(const LanguageSpec& spec,
                       const std::filesystem::path& folder,
                       std::uint64_t seed,
                       const std::function<void(double)>& progress);

} // namespace depthscope::spec
