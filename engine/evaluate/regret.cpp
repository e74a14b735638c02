// SPDX-License-Identifier: MIT
#include "engine/evaluate/regret.h"

#include "engine/evaluate/depth_search.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace depthscope::evaluate {

using models::Pass;

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

    const DepthSearch found = searchDepths(
        own, {.recursions = static_cast<int>(R),
              .losses = [&](const at::Tensor& depths) { return totals(routed.ids, depths); }});
    m_regret.routedSum += found.routed.loss;
    m_regret.bestSum += found.best.loss;
    m_regret.equalCostSum += found.equalCost.loss;
    m_regret.routedDepthSum += static_cast<double>(found.routed.steps);
    m_regret.bestDepthSum += static_cast<double>(found.best.steps);
    m_regret.depthTokens += T;
    m_regret.tokens += T - 1;
    m_next += length;
    ++m_routing.seed;
    return m_next < m_ids.size();
}

} // namespace depthscope::evaluate
