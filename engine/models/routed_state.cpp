// SPDX-License-Identifier: MIT
#include "engine/models/routed_state.h"

#include "engine/base/error.h"
#include "engine/nn/layers.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace depthscope::models {

ActiveSet everyToken(const RoutedState& state) {
    ActiveSet active;
    const at::Tensor all = at::arange(state.tokens(), state.x.options().dtype(at::kLong));
    active.positions = all.unsqueeze(0).expand({state.rows(), state.tokens()}).contiguous();
    active.counts = state.rowCounts;
    return active;
}

bool isEveryToken(const RoutedState& state, const ActiveSet& active) {
    return active.counts.empty() && active.positions.size(0) == state.rows() &&
           active.positions.size(1) == state.tokens();
}

at::Tensor validOf(const ActiveSet& active) {
    return nn::validColumns(active.counts, active.positions.size(1), active.positions);
}

void recordDepth(RoutedState& state) {
    const ActiveSet& active = state.active;
    state.selected.push_back(active.positions);
    const at::Tensor valid = validOf(active);
    state.activeTokens.push_back(
        valid.defined()
            ? std::accumulate(active.counts.begin(), active.counts.end(), std::int64_t{0})
            : active.positions.numel());
    if (isEveryToken(state, active)) {
        state.depth.add_(1);
        return;
    }
    const at::Tensor one = valid.defined() ? valid.to(at::kLong) : at::ones_like(active.positions);
    state.depth.scatter_add_(1, active.positions, one);
}

void recordScores(RoutedState& state, const at::Tensor& scores) {
    if (!state.trace) {
        return;
    }
    const float nobody = std::numeric_limits<float>::quiet_NaN();
    at::Tensor wide = scores.detach().to(at::kFloat);
    const at::Tensor valid = validOf(state.active);
    if (valid.defined()) {
        wide = wide.masked_fill(valid.logical_not(), nobody);
    }
    if (isEveryToken(state, state.active)) {
        state.scores.push_back(std::move(wide));
        return;
    }
    const auto options = state.x.options().dtype(at::kFloat);
    at::Tensor row = at::full({state.rows(), state.tokens()}, nobody, options);
    row.scatter_(1, state.active.positions, wide);
    state.scores.push_back(row);
}

namespace {

Kept packMarked(RoutedState& state, const at::Tensor& marked) {
    if (marked.numel() == 1) { // decoding: no order to find
        ++state.syncs;
        const std::int64_t count = marked.item<bool>() ? 1 : 0;
        return {at::zeros({1, count}, marked.options().dtype(at::kLong)), {}};
    }
    const at::Tensor sums = marked.sum(1).cpu();
    ++state.syncs;
    const auto* data = sums.const_data_ptr<std::int64_t>();
    std::vector<std::int64_t> counts(data, data + sums.size(0));
    const std::int64_t most = *std::max_element(counts.begin(), counts.end());
    const at::Tensor order =
        std::get<1>(at::sort(marked.logical_not().to(at::kByte), /*stable=*/true, 1, false));
    if (std::all_of(counts.begin(), counts.end(), [most](auto count) { return count == most; })) {
        counts.clear();
    }
    return {order.narrow(1, 0, most), std::move(counts)};
}

} // namespace

Kept keepMarked(RoutedState& state, const at::Tensor& marked) {
    const at::Tensor valid = validOf(state.active);
    return packMarked(state, valid.defined() ? marked.logical_and(valid) : marked);
}

Kept keepRanked(const RoutedState& state, const at::Tensor& scores, std::int64_t k) {
    if (!state.active.counts.empty()) {
        throw Error(ErrorCode::Usage, "top-k routing of sequences of different lengths",
                    "Padding would compete for capacity: pass one sequence at a time.");
    }
    return {ops::topkPositions(scores, k), {}};
}

Kept keepRankedEach(const RoutedState& state,
                    const at::Tensor& scores,
                    std::vector<std::int64_t> counts) {
    const std::int64_t considered = scores.size(1);
    const std::int64_t most = *std::max_element(counts.begin(), counts.end());
    const at::Tensor valid = validOf(state.active);
    const at::Tensor ranked =
        valid.defined()
            ? scores.masked_fill(valid.logical_not(), -std::numeric_limits<double>::infinity())
            : scores;
    const at::Tensor order =
        std::get<1>(at::sort(ranked, /*stable=*/true, /*dim=*/1, /*descending=*/true))
            .narrow(1, 0, most);
    // What a row does not keep goes behind what it keeps.
    const at::Tensor isKept = nn::validColumns(counts, most, order);
    const at::Tensor sorted =
        std::get<0>(at::where(isKept, order, order + considered).sort(1)).remainder(considered);
    if (std::all_of(counts.begin(), counts.end(), [most](auto count) { return count == most; })) {
        counts.clear();
    }
    return {sorted, std::move(counts)};
}

Kept keepAll(const RoutedState& state) {
    const at::Tensor& positions = state.active.positions;
    const at::Tensor all = at::arange(positions.size(1), positions.options());
    return {all.unsqueeze(0).expand(positions.sizes()), state.active.counts};
}

bool isEveryActive(const ActiveSet& active, const Kept& kept) {
    // In a ragged batch an index of full length may move pads to the end of their row.
    return active.counts.empty() && kept.counts.empty() &&
           kept.index.size(1) == active.positions.size(1);
}

void keepOnly(ActiveSet& active, const Kept& kept) {
    active.positions = active.positions.gather(1, kept.index);
    if (active.choice.defined()) {
        active.choice = active.choice.gather(1, kept.index);
        active.weight = active.weight.gather(1, kept.index);
        active.packed = ops::gatherRows(active.packed, kept.index);
    }
    active.counts = kept.counts;
}

} // namespace depthscope::models
