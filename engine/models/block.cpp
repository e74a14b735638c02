// SPDX-License-Identifier: MIT
#include "engine/models/block.h"

#include "engine/models/language_model.h"

#include <ATen/ATen.h>

#include <numeric>

namespace depthscope::models {

using settings::KvPolicy;

ActiveSet everyToken(const Pass& pass) {
    ActiveSet active;
    const at::Tensor all = at::arange(pass.ids.size(1), pass.ids.options());
    active.positions = all.unsqueeze(0).expand(pass.ids.sizes()).contiguous();
    active.counts = pass.rowCounts;
    return active;
}

bool isEveryToken(const Pass& pass, const ActiveSet& active) {
    return active.counts.empty() && active.positions.sizes() == pass.ids.sizes();
}

Places placesOf(const Pass& pass, const ActiveSet& active) {
    if (isEveryToken(pass, active)) {
        return {pass.rotary, pass.positions};
    }
    const at::Tensor& columns = active.positions;
    const at::Tensor rows = columns.unsqueeze(-1).expand(
        {columns.size(0), columns.size(1), pass.rotary.cosine.size(2)});
    return {{pass.rotary.cosine.gather(1, rows), pass.rotary.sine.gather(1, rows)},
            pass.positions.gather(1, columns)};
}

at::Tensor runBlockLayer(const BlockRun& run,
                         const Places& places,
                         const at::Tensor& x,
                         int r,
                         std::int64_t j) {
    const auto& [config, weights, pass, active] = run;
    const KvPolicy policy = pass.routing.settings.kv;
    const bool shares = policy == KvPolicy::Share || policy == KvPolicy::Hybrid;
    nn::KvUse kv;
    kv.positions = places.positions;
    kv.counts = active.counts;
    nn::KeysValues first; // recursion 1's, of every token so far
    if (pass.cache != nullptr && (!shares || r == 0 || policy == KvPolicy::Hybrid)) {
        kv.slot = &pass.cache->slot(config.unrolledLayer(r, j));
    }
    if (shares && r == 0 && pass.cache == nullptr) {
        pass.shared.resize(static_cast<std::size_t>(config.blockLayers()));
        kv.made = &pass.shared[static_cast<std::size_t>(j)];
    }
    if (shares && r > 0) {
        if (pass.cache != nullptr) {
            const nn::KvSlot& slot = pass.cache->slot(config.unrolledLayer(0, j));
            first = {slot.keys(), slot.values()};
            kv.lastOnly = pass.ids.size(1) == 1 && !slot.ragged();
        } else {
            first = pass.shared[static_cast<std::size_t>(j)];
        }
        kv.given = &first;
        kv.refresh = policy == KvPolicy::Hybrid;
    }
    const auto& layer = weights.block[static_cast<std::size_t>(r)][static_cast<std::size_t>(j)];
    return nn::decoderLayer(layer, layerShape(config), places.rotary, x, kv);
}

at::Tensor runBlock(const BlockRun& run, const at::Tensor& input, int r) {
    const Places places = placesOf(run.pass, run.active);
    at::Tensor x = input;
    for (std::int64_t j = 0; j < run.config.blockLayers(); ++j) {
        x = runBlockLayer(run, places, x, r, j);
    }
    return x;
}

void recordDepth(Pass& pass, const ActiveSet& active) {
    pass.selected.push_back(active.positions);
    const at::Tensor valid =
        nn::validColumns(active.counts, active.positions.size(1), active.positions);
    pass.activeTokens.push_back(
        valid.defined()
            ? std::accumulate(active.counts.begin(), active.counts.end(), std::int64_t{0})
            : active.positions.numel());
    const at::Tensor one = valid.defined() ? valid.to(at::kLong) : at::ones_like(active.positions);
    pass.depth.scatter_add_(1, active.positions, one);
}

} // namespace depthscope::models
