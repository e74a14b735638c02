// SPDX-License-Identifier: MIT
// MORE, the mixture of recursive experts (docs/routing.md 1): each token goes through k of E
// experts, each of which loops over itself. Weights and the fractal block. Engine thread. Letters:
// B batch, T tokens, D width, E experts, F feed-forward width, N loops, H·C query and G·C key-value
// features.
#pragma once

#include "engine/models/pass.h"
#include "engine/nn/layers.h"
#include "engine/spec/language_spec.h"
#include "engine/spec/language_weights.h"

#include <ATen/core/Tensor.h>

#include <span>

namespace depthscope::models {

using RecursiveExpert = spec::RecursiveExpert<at::Tensor>;
using MoreBlock = spec::MoreBlock<at::Tensor>;

/// x + Attn(RMS(x)), then x + MoRE(RMS(x)) on pass.x; records the choices. `layer` is the KV slot
/// of the first block, which alone is run, or of a token on a GPU all; how many.
int runFractalBlocks(const spec::LanguageSpec& config,
                     std::span<const MoreBlock> blocks,
                     Pass& pass,
                     std::int64_t layer);

/// One expert over h [n, D], `loops` times (docs/routing.md 1.2).
[[nodiscard]] at::Tensor runExpert(const spec::LanguageSpec& config,
                                   const RecursiveExpert& expert,
                                   const at::Tensor& h,
                                   int loops);

} // namespace depthscope::models
