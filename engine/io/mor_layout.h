// SPDX-License-Identifier: MIT
// What the keys and shapes of a checkpoint say about Mixture-of-Recursions (docs/routing.md 3.10):
// its official config.json is a plain Llama one. Engine thread. Throws Error{BadInput} naming both
// files where a side-car contradicts the weights.
#pragma once

#include "engine/io/weight_reader.h"
#include "engine/spec/language_spec.h"

#include <optional>
#include <string>
#include <vector>

namespace depthscope::io {

struct MorLayout {
    spec::RouterType type = spec::RouterType::Expert;
    spec::RouterNet net = spec::RouterNet::Linear;
    int wideFactor = 2;
    bool auxRouter = false;
    spec::Sharing sharing = spec::Sharing::MiddleCycle;
    int recursions = 0;
    std::int64_t blockLayers = 0;
};

/// Empty where no key names a block of a recursion.
[[nodiscard]] std::optional<MorLayout>
findMorLayout(const std::map<std::string, TensorEntry>& entries);

/// Brings a configuration and the weights beside it together. A plain Llama configuration becomes
/// that of the layout, or of the recursive baseline where layers repeat themselves; what the
/// weights cannot say is taken from the folder name or assumed, and `notes` tells which. One that
/// comes from mor_config.json must agree with the weights.
void reconcileLayout(spec::LanguageSpec& config,
                     WeightReader& reader,
                     const std::filesystem::path& folder,
                     std::vector<std::string>& notes);

} // namespace depthscope::io
