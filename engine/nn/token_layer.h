// SPDX-License-Identifier: MIT
// A decoder layer (layers.cpp) over the newest tokens of several sequences, each with its own keys
// and values. Engine thread; no gradient. Faults are c10::Error. Letters: S sequences, D width.
#pragma once

#include "engine/nn/layers.h"

#include <ATen/core/Tensor.h>

#include <span>

namespace depthscope::nn {

/// One token of each of some sequences, float or bfloat16, without a gradient: what the fused
/// operators serve (ops/token.h). x [S, K, D].
[[nodiscard]] bool areTokens(const at::Tensor& x);

/// decoderLayer of x [S, 1, D], sequence i by its own kv[i]. Where areTokens holds, what becomes of
/// a token is to the last bit what decoderLayer makes of it alone, unless the layer has biases or
/// an access lays entries over others.
[[nodiscard]] at::Tensor decoderLayer(const LayerWeights& weights,
                                      const LayerShape& shape,
                                      const Rotary& rotary,
                                      const at::Tensor& x,
                                      std::span<const KvAccess> kv);

} // namespace depthscope::nn
