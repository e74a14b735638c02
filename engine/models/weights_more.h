// SPDX-License-Identifier: MIT
// The declaration of the tensors of MORE and its baseline, with the keys of their state dicts
// (routing.md 1.4). Engine thread.
#pragma once

#include "engine/models/weights.h"

namespace depthscope::models {

/// Calls visitor(slot, tensor) for every tensor of a MORE or MORE-baseline model.
void visitMore(const ModelConfig& config,
               Weights& weights,
               const std::function<void(const WeightSlot&, at::Tensor&)>& visitor);

} // namespace depthscope::models
