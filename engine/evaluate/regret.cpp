// SPDX-License-Identifier: MIT
#include "engine/evaluate/regret.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace depthscope::evaluate {

using models::Pass;

namespace {

using Gains = std::vector<std::vector<double>>; // [T][R] nats saved by depth 1.. of token t

/// The depth with the largest gain less its price, for each token; a deeper one must save more
/// than rounding.
std::vector<std::int64_t> choose(const Gains& gains, double price) {
    constexpr double kRounding = 1e-5;
    std::vector<std::int64_t> depths;
    for (const std::vector<double>& options : gains) {
        std::size_t best = 0;
        for (std::size_t d = 1; d < options.size(); ++d) {
            if (options[d] - price * static_cast<double>(d) >
                options[best] - price * static_cast<double>(best) + kRounding) {
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
std::vector<std::int64_t> chooseWithin(const Gains& gains, std::int64_t budget) {
    double low = 0, high = 1e3;
    if (sum(choose(gains, low)) <= budget) {
        return choose(gains, low);
    }
    constexpr int kHalvings = 60;
    for (int i = 0; i < kHalvings; ++i) {
        const double price = 0.5 * (low + high);
        (sum(choose(gains, price)) <= budget ? high : low) = price;
    }
    return choose(gains, high);
}

/// Depths of a whole window, run together.
struct Tried {
    double nats;
    std::int64_t steps;
};

bool savesMore(const Tried& a, const Tried& b) {
    return a.nats < b.nats;
}

/// [1, T] beside `like`.
at::Tensor rowOf(const std::vector<std::int64_t>& depths, const at::Tensor& like) {
    return at::tensor(depths, at::kLong).unsqueeze(0).to(like.device());
}

} // namespace

RegretMeter::RegretMeter(const models::LanguageModel& model,
                         std::span<const std::int32_t> ids,
                         spec::ResolvedRouting routing,
                         std::int64_t window)
    : m_model(model)
    , m_ids(ids)
    , m_routing(std::move(routing))
    , m_window(static_cast<std::size_t>(window)) {}

/// Summed next-token nats of each row. depths [N, T].
std::vector<double> RegretMeter::totals(const at::Tensor& ids, const at::Tensor& depths) const {
    constexpr std::int64_t kRows = 32; // as many at once as fit a cache
    std::vector<double> sums;
    const std::int64_t last = ids.size(1) - 1;
    for (std::int64_t begin = 0; begin < depths.size(0); begin += kRows) {
        Pass pass;
        pass.forcedDepth = depths.narrow(0, begin, std::min(kRows, depths.size(0) - begin));
        pass.ids = ids.expand({pass.forcedDepth.size(0), ids.size(1)});
        pass.routing = m_routing;
        pass.trace = false;
        m_model.run(pass);
        const at::Tensor likelihoods =
            at::log_softmax(pass.logits.narrow(1, 0, last), -1, at::kFloat)
                .gather(2, pass.ids.narrow(1, 1, last).unsqueeze(2));
        const at::Tensor rows = likelihoods.neg().sum(at::IntArrayRef{1, 2}).to(at::kDouble).cpu();
        const auto* data = rows.const_data_ptr<double>();
        sums.insert(sums.end(), data, data + rows.numel());
    }
    return sums;
}

bool RegretMeter::step() {
    const std::size_t length = std::min(m_window, m_ids.size() - m_next);
    if (length < 2) {
        return false;
    }
    const c10::NoGradGuard noGrad;
    const auto T = static_cast<std::int64_t>(length),
               R = static_cast<std::int64_t>(m_model.config().recursions());
    const std::span ids = std::span(m_ids).subspan(m_next, length);
    Pass routed;
    routed.ids = models::idsRow(ids, m_model.device());
    routed.routing = m_routing;
    routed.trace = false;
    m_model.run(routed);
    const at::Tensor own = routed.depth.clamp_min(1);

    at::Tensor tries = own.expand({T * R, T}).clone(); // row t·R + d: token t at depth d + 1
    const at::Tensor rows = at::arange(T * R, own.options());
    tries.scatter_(1, rows.floor_divide(R).unsqueeze(1), rows.remainder(R).add(1).unsqueeze(1));
    const double routedNats = totals(routed.ids, own).front();
    const std::vector<double> tried = totals(routed.ids, tries);
    Gains gains(length);
    for (std::size_t i = 0; i < tried.size(); ++i) {
        gains[i / static_cast<std::size_t>(R)].push_back(routedNats - tried[i]);
    }
    const auto spent = own.sum().item<std::int64_t>();
    const auto runWith = [&](const std::vector<std::int64_t>& depths) {
        return Tried{totals(routed.ids, rowOf(depths, own)).front(), sum(depths)};
    };
    const Tried asRouted{routedNats, spent};
    const Tried within = std::min(asRouted, runWith(chooseWithin(gains, spent)), savesMore);
    const Tried best = std::min(within, runWith(choose(gains, 0)), savesMore);
    m_regret.routedSum += routedNats;
    m_regret.bestSum += best.nats;
    m_regret.equalCostSum += within.nats;
    m_regret.routedDepthSum += static_cast<double>(spent);
    m_regret.bestDepthSum += static_cast<double>(best.steps);
    m_regret.depthTokens += T;
    m_regret.tokens += T - 1;
    m_next += length;
    ++m_routing.seed;
    return m_next < m_ids.size();
}

} // namespace depthscope::evaluate
