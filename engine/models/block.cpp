// SPDX-License-Identifier: MIT
#include "engine/models/block.h"

#include "engine/base/error.h"
#include "engine/models/language_model.h"
#include "engine/nn/layer_run.h"
#include "engine/nn/linear.h"
#include "engine/nn/token_layer.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace depthscope::models {

using settings::KvPolicy;

namespace {

/// Angles and absolute positions of the active tokens, shared by the layers of one recursion.
struct Positions {
    nn::Rotary rotary;
    at::Tensor absolute;                     // [B, K]
    const std::vector<std::int64_t>& counts; // of the active set
};

Positions positionsOf(const Pass& pass, const ActiveSet& active) {
    if (isEveryToken(pass, active)) {
        return {pass.rotary, pass.positions, active.counts};
    }
    const at::Tensor& columns = active.positions;
    const at::Tensor rows = columns.unsqueeze(-1).expand(
        {columns.size(0), columns.size(1), pass.rotary.cosine.size(2)});
    return {{pass.rotary.cosine.gather(1, rows), pass.rotary.sine.gather(1, rows)},
            pass.positions.gather(1, columns),
            active.counts};
}

/// The last entries of tokens that stopped before recursion r, which its slot lacks.
void addOlder(nn::KvAccess& kv,
              nn::KeysValues& older,
              const spec::LanguageSpec& config,
              const nn::KvCache& cache,
              int r,
              std::int64_t j) {
    std::vector<at::Tensor> keys, values, positions;
    for (int before = 0; before < r; ++before) {
        const at::Tensor entries = cache.stopped(static_cast<std::size_t>(before));
        if (entries.defined()) {
            const nn::KvSlot& slot = cache.slot(config.unrolledLayer(before, j));
            keys.push_back(slot.keys().index_select(2, entries));
            values.push_back(slot.values().index_select(2, entries));
            positions.push_back(slot.positions().index_select(1, entries));
        }
    }
    if (!keys.empty()) {
        older = {at::cat(keys, 2), at::cat(values, 2)};
        kv.older = &older;
        kv.olderPositions = at::cat(positions, 1);
    }
}

/// Later recursions read recursion 1's keys and values.
bool sharesKeys(KvPolicy policy) {
    return policy == KvPolicy::Share || policy == KvPolicy::Hybrid;
}

/// Recursions beyond those of the training run the same layers.
const nn::LayerWeights& blockLayer(const Weights& weights, int r, std::int64_t j) {
    const std::size_t own = std::min(static_cast<std::size_t>(r), weights.block.size() - 1);
    return weights.block[own][static_cast<std::size_t>(j)];
}

/// The block's layers at recursion r where each has a slot of its own; else none.
std::vector<nn::CachedLayer> ownLayers(const BlockRun& run, const ActiveSet& active, int r) {
    const settings::RoutingSettings& routing = run.pass.routing.settings;
    nn::KvCache* cache = cacheOf(run.pass);
    std::vector<nn::CachedLayer> layers;
    if (cache == nullptr || routing.kv != KvPolicy::Recursion ||
        settings::keptRecursions(routing) > 0 || !active.counts.empty()) {
        return layers;
    }
    for (std::int64_t j = 0; j < run.config.blockLayers(); ++j) {
        layers.push_back(
            {&blockLayer(run.weights, r, j), &cache->slot(run.config.unrolledLayer(r, j))});
    }
    return layers;
}

/// Runs block layer j at recursion r over h [B, K, D].
at::Tensor runLayer(const BlockRun& run,
                    const Positions& positions,
                    const at::Tensor& h,
                    int r,
                    std::int64_t j) {
    const auto& [config, weights, pass] = run;
    const KvPolicy policy = pass.routing.settings.kv;
    const int kept = settings::keptRecursions(pass.routing.settings);
    nn::KvAccess kv;
    nn::KeysValues first; // recursion 1's, of every token so far
    nn::KeysValues older;
    if (nn::KvCache* cache = cacheOf(pass); cache != nullptr) {
        kv = cachedAccess({config, policy, *cache}, kept > 0 ? r % kept : r, j, first);
        if (kept > 0 && r >= kept) {
            kv.slot->dropLast(); // the token's own, of recursion r - kept
        }
        kv.lastOnly = kv.given != nullptr && pass.tokens() == 1 &&
                      !cache->slot(config.unrolledLayer(0, j)).ragged();
        if (policy == KvPolicy::Latest) {
            addOlder(kv, older, config, *cache, r, j);
        }
    } else if (sharesKeys(policy)) {
        pass.shared.resize(static_cast<std::size_t>(config.blockLayers()));
        nn::KeysValues& shared = pass.shared[static_cast<std::size_t>(j)];
        if (r == 0) {
            kv.made = &shared;
        } else {
            kv.given = &shared;
            kv.refresh = policy == KvPolicy::Hybrid;
        }
    }
    kv.positions = positions.absolute;
    kv.counts = positions.counts;
    return nn::decoderLayer(blockLayer(weights, r, j), layerShape(config), positions.rotary, h, kv);
}

} // namespace

nn::KvCache* cacheOf(Pass& pass) {
    return pass.cache == nullptr && pass.scratch ? &*pass.scratch : pass.cache;
}

void requireOneRow(const Pass& pass) {
    if (pass.rows() > 1) {
        throw Error(ErrorCode::Usage, "this routing takes one sequence at a time",
                    "Leave exits and keys and values as published, or pass single sequences.");
    }
}

std::int64_t takeToken(Pass& pass) {
    if (pass.tokensRun == 0) {
        requireOneRow(pass);
    }
    const std::int64_t column = pass.tokensRun++;
    pass.active = {};
    pass.active.positions = at::full_like(pass.ids.narrow(1, 0, 1), column);
    return column;
}

void recordToken(Pass& pass, std::int64_t column, int r) {
    const auto row = static_cast<std::size_t>(r);
    pass.activeTokens.resize(std::max(pass.activeTokens.size(), row + 1));
    ++pass.activeTokens[row];
    pass.depth.select(1, column).fill_(r + 1);
}

void writeToken(std::vector<at::Tensor>& rows,
                std::size_t r,
                const Pass& pass,
                const at::Tensor& value) {
    if (rows.size() == r) {
        std::vector<std::int64_t> shape = value.sizes().vec();
        shape[1] = pass.tokens();
        rows.push_back(at::full(shape, std::numeric_limits<double>::quiet_NaN(), value.options()));
    }
    rows[r].select(1, pass.tokensRun - 1).copy_(value.select(1, 0));
}

void stopAfter(const BlockRun& run, const at::Tensor& goesOn, int r) {
    Pass& pass = run.pass;
    const std::int64_t count = goesOn.size(1);
    const Kept kept = keepMarked(pass, goesOn);
    if (pass.routing.settings.kv == KvPolicy::Latest && kept.index.size(1) < count) {
        nn::KvCache* cache = cacheOf(pass);
        const std::int64_t length = cache->slot(run.config.unrolledLayer(r, 0)).length();
        const at::Tensor stops = goesOn[0].logical_not().nonzero().squeeze(1);
        ++pass.syncs;
        cache->addStopped(static_cast<std::size_t>(r), stops + (length - count));
    }
    pass.active.positions = pass.active.positions.gather(1, kept.index);
}

nn::KvAccess cachedAccess(const PolicyCache& in, int r, std::int64_t j, nn::KeysValues& first) {
    const auto& [config, policy, cache] = in;
    const bool reads = sharesKeys(policy) && r > 0;
    nn::KvAccess kv;
    if (!reads || policy == KvPolicy::Hybrid) {
        kv.slot = &cache.slot(config.unrolledLayer(r, j));
    }
    if (reads) {
        const nn::KvSlot& slot = cache.slot(config.unrolledLayer(0, j));
        first = {slot.keys(), slot.values()};
        kv.given = &first;
        kv.refresh = policy == KvPolicy::Hybrid;
    }
    return kv;
}

at::Tensor runBlock(const BlockRun& run, const at::Tensor& h, const ActiveSet& active, int r) {
    const Positions positions = positionsOf(run.pass, active);
    if (!h.is_cpu()) {
        const std::vector<nn::CachedLayer> layers = ownLayers(run, active, r);
        const nn::LayerShape shape = layerShape(run.config);
        if (nn::runAsOne(layers, shape, h)) {
            return nn::decoderLayers(layers, shape, positions.rotary, h, positions.absolute);
        }
    }
    at::Tensor x = h;
    for (std::int64_t j = 0; j < run.config.blockLayers(); ++j) {
        x = runLayer(run, positions, x, r, j);
    }
    return x;
}

at::Tensor logitsOf(const spec::LanguageSpec& config, const Weights& weights, const at::Tensor& x) {
    if (nn::areTokens(x)) {
        return ops::tokenHead(x, weights.norm, weights.head, config.normEpsilon);
    }
    return nn::linear(nn::rmsNorm(x, weights.norm, config.normEpsilon), weights.head);
}

void runPlainRecursion(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    pass.active = everyToken(pass);
    recordDepth(pass);
    pass.x = runBlock(run, pass.x, pass.active, r);
}

void runRepeatedLayer(const BlockRun& run, std::int64_t j) {
    Pass& pass = run.pass;
    pass.active = everyToken(pass);
    const Positions positions = positionsOf(pass, pass.active);
    for (int r = 0; r < pass.routing.depth; ++r) {
        if (j == 0) {
            recordDepth(pass);
        }
        pass.x = runLayer(run, positions, pass.x, r, j);
    }
}

} // namespace depthscope::models
