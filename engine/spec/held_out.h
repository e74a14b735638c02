// SPDX-License-Identifier: MIT
// What a model's training.json says of its loss on held-out text. Pure; any thread.
#pragma once

#include <optional>
#include <string>

namespace depthscope::spec {

struct HeldOutLoss {
    double mean = 0;       ///< nats per token
    double hardest = 0;    ///< of the class with the largest; the mean where no class is known
    std::string className; ///< of `hardest`; empty: no class is known
};

/// From `validation.as_trained` of a training.json. Nothing where it is none, or does not say.
[[nodiscard]] std::optional<HeldOutLoss> heldOutLoss(const std::string& training);

} // namespace depthscope::spec
