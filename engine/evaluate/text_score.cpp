// SPDX-License-Identifier: MIT
#include "engine/evaluate/text_score.h"

#include "engine/spec/flops.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope::evaluate {

using models::Pass;

double TextScore::deadTokenRatio() const {
    if (lastRecursionCounts.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const auto dead = std::count(lastRecursionCounts.begin(), lastRecursionCounts.end(), 0);
    return static_cast<double>(dead) / static_cast<double>(lastRecursionCounts.size());
}

double TextScore::depthAuc(std::uint8_t difficulty) const {
    const std::vector<std::int64_t>& own = classes.at(difficulty).depthCounts;
    std::vector<std::int64_t> others(depthCounts.size(), 0);
    for (std::size_t other = 0; other < trace::kNoClass; ++other) {
        const std::vector<std::int64_t>& counts = classes.at(other).depthCounts;
        for (std::size_t d = 0; other != difficulty && d < counts.size(); ++d) {
            others[d] += counts[d];
        }
    }
    double below = 0, won = 0, ownCount = 0;
    for (std::size_t d = 0; d < others.size(); ++d) {
        const double here = own.empty() ? 0.0 : static_cast<double>(own[d]);
        won += here * (below + 0.5 * static_cast<double>(others[d]));
        below += static_cast<double>(others[d]);
        ownCount += here;
    }
    return ownCount > 0 && below > 0 ? won / (ownCount * below)
                                     : std::numeric_limits<double>::quiet_NaN();
}

TextScorer::TextScorer(const models::LanguageModel& model,
                       const data::Tokens& tokens,
                       spec::ResolvedRouting routing,
                       std::int64_t window)
    : m_model(model)
    , m_tokens(tokens)
    , m_routing(std::move(routing))
    , m_window(static_cast<std::size_t>(window)) {
    const auto recursions = static_cast<std::size_t>(
        std::max(model.config().recursions(), m_routing.depth)); // more may be asked for
    m_score.depthCounts.assign(recursions + 1, 0);
    if (recursions > 1 && tokens.ids.size() >= m_window) {
        m_score.lastRecursionCounts.assign(m_window, 0);
    }
}

double TextScorer::fraction() const {
    return m_tokens.ids.empty()
               ? 1.0
               : static_cast<double>(m_next) / static_cast<double>(m_tokens.ids.size());
}

bool TextScorer::step() {
    const std::size_t length = std::min(m_window, m_tokens.ids.size() - m_next);
    if (length < 2) {
        return false;
    }
    const c10::NoGradGuard noGrad;
    Pass pass;
    const std::span ids = std::span(m_tokens.ids).subspan(m_next, length);
    pass.ids = models::idsRow(ids, m_model.device());
    pass.routing = m_routing;
    pass.losses = true;
    pass.trace = false;
    m_model.run(pass);
    count(pass, m_next, length);
    m_next += length;
    ++m_routing.seed; // the random rule draws anew in each window
    return m_next < m_tokens.ids.size();
}

void TextScorer::count(const Pass& pass, std::size_t begin, std::size_t length) {
    const auto tokens = static_cast<std::int64_t>(length);
    const at::Tensor targets = pass.ids[0].narrow(0, 1, tokens - 1).unsqueeze(1);
    const at::Tensor nll = at::log_softmax(pass.logits[0].narrow(0, 0, tokens - 1), -1, at::kFloat)
                               .gather(1, targets)
                               .neg()
                               .squeeze(1);
    const at::Tensor all = at::cat({pass.depth[0].to(at::kFloat), nll}).cpu();
    const float* data = all.const_data_ptr<float>();
    const std::vector<std::uint8_t> depths(data, data + length);
    for (std::size_t t = 0; t < length; ++t) {
        const auto depth = static_cast<std::size_t>(data[t]);
        const std::uint8_t difficulty =
            m_tokens.classes.empty() ? trace::kNoClass : m_tokens.classes[begin + t];
        TextScore::Class& entry = m_score.classes.at(difficulty);
        m_score.depthSum += static_cast<double>(depth);
        ++m_score.depthTokens;
        ++m_score.depthCounts.at(depth);
        if (length == m_score.lastRecursionCounts.size() &&
            depth + 1 == m_score.depthCounts.size()) {
            ++m_score.lastRecursionCounts[t];
        }
        if (t > 0) {
            const double loss = data[length + t - 1];
            m_score.nllSum += loss;
            m_score.losses.push_back(data[length + t - 1]);
            ++m_score.tokens;
            entry.nllSum += loss;
            entry.depthSum += static_cast<double>(depth);
            entry.depthCounts.resize(m_score.depthCounts.size(), 0);
            ++entry.depthCounts[depth];
            ++entry.tokens;
        }
    }
    m_score.flopsSum += spec::stepFlops(
        m_model.config(), spec::stepWork(m_model.config(), pass.routing, {depths, 0, {}}));
    if (pass.routerLosses.accuracy.defined() && m_routing.settings.rule == settings::Rule::TopK) {
        m_score.accuracySum += pass.routerLosses.accuracy.item<double>() *
                               static_cast<double>(length) /
                               static_cast<double>(pass.activeTokens.size());
        m_score.accuracyTokens += tokens;
    }
}

} // namespace depthscope::evaluate
