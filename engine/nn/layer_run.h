// SPDX-License-Identifier: MIT
// Layers that follow each other over the newest token of a sequence, as one piece of work
// (ops/token_run.h): a GPU then has one graph to run instead of five launches a layer. Engine
// thread; no gradient. Faults are c10::Error. Letters: D width.
#pragma once

#include "engine/nn/layers.h"
#include "engine/ops/token_run.h"

#include <functional>
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

/// What runs over these keys and values, one of each slot.
using PrepareRun =
    std::function<c10::intrusive_ptr<ops::TokenRun>(std::span<const at::Tensor> keys,
                                                    std::span<const at::Tensor> values)>;

/// A token on a device that gains by it, over slots of one length. x [B, K, D].
[[nodiscard]] bool runAsOne(std::span<KvSlot* const> slots, const at::Tensor& x);

/// Makes room for x's entry in each slot, and prepares where that is in other memory than the last
/// run's; the run is then for slots[0]->length() entries.
[[nodiscard]] ops::TokenRun& preparedRun(std::span<KvSlot* const> slots,
                                         const LayerShape& shape,
                                         const at::Tensor& x,
                                         const at::Tensor& position,
                                         const PrepareRun& prepare);

} // namespace depthscope::nn
