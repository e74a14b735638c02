// SPDX-License-Identifier: MIT
#include "engine/evaluate/depth_search.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

namespace depthscope::evaluate {

namespace {

using Gains = std::vector<std::vector<double>>; // [T][R] saved by depth 1.. of token t

/// The depth with the largest gain less its price, for each token.
std::vector<std::int64_t> choose(const Gains& gains, double price, double rounding) {
    std::vector<std::int64_t> depths;
    for (const std::vector<double>& options : gains) {
        std::size_t best = 0;
        for (std::size_t d = 1; d < options.size(); ++d) {
            if (options[d] - price * static_cast<double>(d) >
                options[best] - price * static_cast<double>(best) + rounding) {
                best = d;
            }
        }
        depths.push_back(static_cast<std::int64_t>(best) + 1);
    }
    return depths;
}

std::int64_t sum(const std::vector<std::int64_t>& depths) {
    return std::accumulate(depths.begin(), depths.end(), std::int64_t{0});
}

/// The largest gain whose depths cost at most `budget` steps, by bisection over the price of one.
std::vector<std::int64_t> chooseWithin(const Gains& gains, std::int64_t budget, double rounding) {
    double low = 0, high = 1e3;
    if (sum(choose(gains, low, rounding)) <= budget) {
        return choose(gains, low, rounding);
    }
    constexpr int kHalvings = 60;
    for (int i = 0; i < kHalvings; ++i) {
        const double price = 0.5 * (low + high);
        (sum(choose(gains, price, rounding)) <= budget ? high : low) = price;
    }
    return choose(gains, high, rounding);
}

bool losesLess(const TriedDepths& a, const TriedDepths& b) {
    return a.loss < b.loss;
}

} // namespace

DepthSearch searchDepths(const at::Tensor& own, const DepthSearching& searching) {
    const std::int64_t T = own.size(1), R = searching.recursions;
    at::Tensor tries = own.expand({T * R, T}).clone(); // row t·R + d: token t at depth d + 1
    const at::Tensor rows = at::arange(T * R, own.options());
    tries.scatter_(1, rows.floor_divide(R).unsqueeze(1), rows.remainder(R).add(1).unsqueeze(1));
    DepthSearch search;
    search.routed = {searching.losses(own).front(), own.sum().item<std::int64_t>()};
    const std::vector<double> tried = searching.losses(tries);
    Gains gains(static_cast<std::size_t>(T));
    for (std::size_t i = 0; i < tried.size(); ++i) {
        gains[i / static_cast<std::size_t>(R)].push_back(search.routed.loss - tried[i]);
    }
    const auto runWith = [&](const std::vector<std::int64_t>& depths) {
        const at::Tensor row = at::tensor(depths, at::kLong).unsqueeze(0).to(own.device());
        return TriedDepths{searching.losses(row).front(), sum(depths)};
    };
    const double rounding = searching.rounding;
    search.equalCost = std::min(
        search.routed, runWith(chooseWithin(gains, search.routed.steps, rounding)), losesLess);
    search.best = std::min(search.equalCost, runWith(choose(gains, 0, rounding)), losesLess);
    return search;
}

} // namespace depthscope::evaluate
