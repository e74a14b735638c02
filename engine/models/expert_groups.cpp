// SPDX-License-Identifier: MIT
#include "engine/models/expert_groups.h"

#include "engine/ops/route.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace depthscope::models {

namespace {

constexpr std::int64_t kExperts = spec::kPatterns;

/// Rows of a tile: so many that the tiles which are not full waste an eighth at most.
std::int64_t tileOf(std::int64_t rows) {
    constexpr std::int64_t kFullTiles = 8 * kExperts;
    return std::max<std::int64_t>(1, (rows + kFullTiles - 1) / kFullTiles);
}

/// x [M, D] -> [index, D]
at::Tensor rowsOf(const at::Tensor& x, const at::Tensor& index) {
    return ops::gatherRows(x.unsqueeze(0), index.unsqueeze(0)).squeeze(0);
}

at::Tensor stacked(const std::array<FeedForwardWeights, kExperts>& experts,
                   const at::Tensor& index,
                   at::Tensor (*part)(const FeedForwardWeights&)) {
    std::vector<at::Tensor> parts;
    parts.reserve(experts.size());
    for (const FeedForwardWeights& expert : experts) {
        parts.push_back(part(expert));
    }
    return at::stack(parts).index_select(0, index);
}

/// x [tiles, rows, D]
at::Tensor tiledFeedForward(const std::array<FeedForwardWeights, kExperts>& experts,
                            const at::Tensor& index,
                            const at::Tensor& x) {
    const auto of = [&](at::Tensor (*part)(const FeedForwardWeights&)) {
        return stacked(experts, index, part);
    };
    using Weights = FeedForwardWeights;
    const at::Tensor up =
        at::baddbmm(of([](const Weights& w) { return w.up.bias; }).unsqueeze(1), x,
                    of([](const Weights& w) { return w.up.weight; }).transpose(1, 2));
    return at::baddbmm(of([](const Weights& w) { return w.down.bias; }).unsqueeze(1),
                       at::gelu(up, "tanh"),
                       of([](const Weights& w) { return w.down.weight; }).transpose(1, 2));
}

} // namespace

ExpertGroups groupRows(const at::Tensor& experts) {
    if (!experts.is_cpu()) {
        return groupIntoTiles(experts);
    }
    const at::Tensor dense = experts.contiguous();
    const std::span rows(dense.const_data_ptr<std::int64_t>(),
                         static_cast<std::size_t>(dense.numel()));
    ExpertGroups groups;
    for (const std::int64_t expert : rows) {
        ++groups.counts.at(static_cast<std::size_t>(expert));
    }
    std::array<std::int64_t, kExperts> next{};
    for (std::size_t e = 1; e < next.size(); ++e) {
        next[e] = next[e - 1] + groups.counts[e - 1];
    }
    groups.order = at::empty_like(dense);
    groups.place = at::empty_like(dense);
    auto* order = groups.order.mutable_data_ptr<std::int64_t>();
    auto* place = groups.place.mutable_data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::int64_t to = next[static_cast<std::size_t>(rows[i])]++;
        order[to] = static_cast<std::int64_t>(i);
        place[i] = to;
    }
    return groups;
}

ExpertGroups groupIntoTiles(const at::Tensor& experts) {
    const std::int64_t rows = experts.size(0), tile = tileOf(rows);
    const std::int64_t tiles = (rows + tile - 1) / tile + kExperts - 1;
    const at::Tensor isOf =
        experts.unsqueeze(1).eq(at::arange(kExperts, experts.options())).to(at::kLong);
    const at::Tensor ranks = isOf.cumsum(0).sub(1).gather(1, experts.unsqueeze(1)).squeeze(1);
    const at::Tensor needed = isOf.sum(0).add(tile - 1).div(tile, "floor");
    const at::Tensor ends = needed.cumsum(0);
    ExpertGroups groups;
    groups.place = ranks + (ends - needed).index_select(0, experts) * tile;
    groups.order = at::zeros({tiles * tile}, experts.options())
                       .scatter_(0, groups.place, at::arange(rows, experts.options()));
    // The expert of a tile is the first that ends behind it; tiles past all ends may be anybody's.
    groups.tileExperts =
        at::arange(tiles, experts.options()).unsqueeze(1).ge(ends).sum(1).clamp_max(kExperts - 1);
    return groups;
}

at::Tensor groupedFeedForward(const std::array<FeedForwardWeights, kExperts>& experts,
                              const ExpertGroups& groups,
                              const at::Tensor& x) {
    const at::Tensor together = rowsOf(x, groups.order);
    if (groups.tileExperts.defined()) {
        const at::Tensor tiles = together.view({groups.tileExperts.size(0), -1, x.size(1)});
        return rowsOf(tiledFeedForward(experts, groups.tileExperts, tiles).flatten(0, 1),
                      groups.place);
    }
    const std::vector<at::Tensor> parts = together.split_with_sizes(groups.counts);
    std::vector<at::Tensor> made;
    for (std::size_t e = 0; e < parts.size(); ++e) {
        if (parts[e].size(0) > 0) {
            made.push_back(feedForward(experts[e], parts[e]));
        }
    }
    return rowsOf(at::cat(made), groups.place);
}

} // namespace depthscope::models
