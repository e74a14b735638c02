// SPDX-License-Identifier: MIT
// One forward pass of a language model in flight: what is routed (routed_state.h), and what text
// adds: ids, positions, a cache, logits. Made by a job, advanced stage by stage by
// LanguageModel::runStage. Engine thread. Letters: B batch, T tokens, D width, V vocabulary.
#pragma once

#include "engine/models/routed_state.h"
#include "engine/nn/kv_cache.h"
#include "engine/nn/layers.h"
#include "engine/spec/flops.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace depthscope::models {

/// Experts that the tokens of one MORE layer chose (docs/routing.md 1.2), the heaviest first.
struct ExpertRouting {
    at::Tensor index;  ///< [B, T, k] int64
    at::Tensor weight; ///< [B, T, k], sums to 1
};

struct Pass : RoutedState {
    // asked
    at::Tensor ids;                      // [B, T] int64
    std::int64_t firstPosition = 0;      // of column 0, with a cache
    std::vector<std::int64_t> rowStarts; // of each row's column 0 where rows differ; else empty
    nn::KvCache* cache = nullptr;
    bool lastLogitsOnly = false; // generation needs those of the last token only

    // state between stages
    int stage = 0;
    at::Tensor positions;               // [B, T] int64
    nn::Rotary rotary;                  // of all T tokens
    std::vector<nn::KeysValues> shared; // recursion 1's, by block layer; sharing without a cache
    std::vector<at::Tensor> loopStates; // looped: [B, T, D] after each recursion's norm
    at::Tensor stays;                   // looped: [B, T] float, has not left by now
    at::Tensor left;                    // looped, stopping: [B, T] float, sum of exits so far
    std::optional<nn::KvCache> scratch; // looped, where entries are read again without a cache
    at::Tensor input;                   // Huginn: [B, T, D], what every recursion reads
    std::int64_t tokensRun = 0;         // looped, token by token

    // results
    std::vector<ExpertRouting> experts; // MORE: one per block
    std::vector<at::Tensor> exits;      // with exit gate: [B, T] float, leaves after it; sum 1
    at::Tensor logits;                  // [B, T, V], or [B, 1, V]
    at::Tensor nll;                     // [T - 1] float, of tokens 1.., instead of the logits
    std::optional<spec::StepWork> work; // what it had to do, where the results were cut since
};

/// Ids as a pass takes them: [1, T] int64 on `device`.
[[nodiscard]] at::Tensor idsRow(std::span<const std::int32_t> ids, at::Device device);

} // namespace depthscope::models
