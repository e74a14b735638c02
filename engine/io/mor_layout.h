// SPDX-License-Identifier: MIT
// What the keys and shapes of a checkpoint say about Mixture-of-Recursions (routing.md 3.10): its
// official config.json is a plain Llama one. Engine thread. Throws Error{BadInput} naming both
// files where a side-car contradicts the weights.
#pragma once

#include "engine/io/weight_reader.h"
#include "engine/models/config.h"

#include <optional>
#include <string>
#include <vector>

namespace depthscope::io {

struct MorLayout {
    models::RouterType type = models::RouterType::Expert;
    models::RouterNet net = models::RouterNet::Linear;
    int wideFactor = 2;
    bool auxRouter = false;
    models::Sharing sharing = models::Sharing::MiddleCycle;
    int recursions = 0;
    std::int64_t blockLayers = 0;
};

/// Empty where no key names a block of a recursion.
[[nodiscard]] std::optional<MorLayout>
findMorLayout(const std::map<std::string, TensorEntry>& entries);

/// Brings a configuration and the weights beside it together. A plain Llama configuration becomes
/// that of the layout, or of the recursive baseline where layers repeat themselves; what the
/// weights cannot say is taken from the folder's name or assumed, and `notes` tells which. One that
/// comes from mor_config.json must agree with the weights.
void reconcileLayout(models::ModelConfig& config,
                     WeightReader& reader,
                     const std::filesystem::path& folder,
                     std::vector<std::string>& notes);

} // namespace depthscope::io
