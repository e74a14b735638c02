// SPDX-License-Identifier: MIT
// The shared block of a language model: one layer at one recursion under the KV policy in force
// (docs/routing.md 3.7: who makes keys and values, who keeps them, who reads another recursion's),
// and the recursions of models that have no router. Engine thread.
#pragma once

#include "engine/models/pass.h"
#include "engine/models/weights.h"
#include "engine/spec/language_spec.h"

#include <cstdint>

namespace depthscope::models {

/// A model and a pass.
struct BlockRun {
    const spec::LanguageSpec& config;
    const Weights& weights;
    Pass& pass;
};

/// What a pass keeps its keys and values in: the job's cache, or the one that it made for itself;
/// null: none.
[[nodiscard]] nn::KvCache* cacheOf(Pass& pass);

/// Throws Error{Usage} for several rows, of which tokens can neither stop nor run one by one.
void requireOneRow(const Pass& pass);

/// Where a pass takes its tokens one by one (settings::runsTokenByToken): makes the next one, whose
/// column is returned, the only active token.
[[nodiscard]] std::int64_t takeToken(Pass& pass);

/// The only active token, at `column`, runs recursion r: counts it.
void recordToken(Pass& pass, std::int64_t column, int r);

/// Writes the only active token's `value` [1, 1] or [1, 1, D] into row r of `rows` [1, T] or
/// [1, T, D], which has NaN where no token has written.
void writeToken(std::vector<at::Tensor>& rows,
                std::size_t r,
                const Pass& pass,
                const at::Tensor& value);

/// The active tokens that `goesOn` [1, K] does not mark stop after recursion r, which they ran
/// last: they are not active any more, and later ones find their entries as the KV policy says.
void stopAfter(const BlockRun& run, const at::Tensor& goesOn, int r);

/// A KV policy and the cache that it is kept in.
struct PolicyCache {
    const spec::LanguageSpec& config;
    settings::KvPolicy policy;
    nn::KvCache& cache;
};

/// What block layer j makes, keeps and reads at recursion r. Recursion 1's keys and values, where
/// they are read, are put into `first`, which outlives the access. Positions, and what depends on
/// them, are for the caller to set.
[[nodiscard]] nn::KvAccess
cachedAccess(const PolicyCache& in, int r, std::int64_t j, nn::KeysValues& first);

/// All layers of the block at recursion r over h [B, K, D] of the active tokens.
[[nodiscard]] at::Tensor
runBlock(const BlockRun& run, const at::Tensor& h, const ActiveSet& active, int r);

/// Of the states behind the last layer, x [B, K, D] -> [B, K, V]; not of looped models.
[[nodiscard]] at::Tensor
logitsOf(const spec::LanguageSpec& config, const Weights& weights, const at::Tensor& x);

/// Runs recursion r of the recursive baseline with a Cycle sharing: no router, no gate.
void runPlainRecursion(const BlockRun& run, int r);

/// The same with a Sequence sharing: block layer j as often as the depth in force says.
void runRepeatedLayer(const BlockRun& run, std::int64_t j);

} // namespace depthscope::models
