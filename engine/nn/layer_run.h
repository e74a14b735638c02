// SPDX-License-Identifier: MIT
// Decoder layers that follow each other over the newest token of a sequence, as one piece of work
// (ops/token_run.h): a GPU then has one graph to run instead of five launches a layer. Engine
// thread; no gradient. Faults are c10::Error. Letters: D width.
#pragma once

#include "engine/nn/layers.h"

#include <span>

namespace depthscope::nn {

/// A layer and the slot that it attends to and that grows by its tokens.
struct CachedLayer {
    const LayerWeights* weights;
    KvSlot* slot;
};

/// A token on a device that gains by it, and layers that are nothing but norm, attention and SwiGLU
/// over slots of one length. x [B, K, D].
[[nodiscard]] bool
runAsOne(std::span<const CachedLayer> layers, const LayerShape& shape, const at::Tensor& x);

/// decoderLayer for each, where runAsOne holds. x [1, 1, D]; position [1, 1] int64.
[[nodiscard]] at::Tensor decoderLayers(std::span<const CachedLayer> layers,
                                       const LayerShape& shape,
                                       const Rotary& rotary,
                                       const at::Tensor& x,
                                       const at::Tensor& position);

} // namespace depthscope::nn
