// SPDX-License-Identifier: MIT
#include "engine/generate/generator.h"

#include <ATen/ATen.h>

#include <span>

namespace depthscope::generate {

using models::Pass;

namespace {

/// What a pass over the whole sequence says of its last token. Its work was that of all of them.
void keepLastColumn(const spec::LanguageSpec& config, Pass& pass) {
    const std::int64_t last = pass.ids.size(1) - 1;
    const at::Tensor all = pass.depth[0].to(at::kByte).cpu().contiguous();
    ++pass.syncs;
    const std::span depths(all.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(last + 1));
    pass.work = spec::stepWork(config, pass.routing, {depths, 0, {}});
    pass.work->headTokens = pass.logits.size(1);
    pass.ids = pass.ids.narrow(1, last, 1);
    pass.depth = pass.depth.narrow(1, last, 1);
    for (at::Tensor& row : pass.scores) {
        row = row.narrow(1, last, 1);
    }
    for (models::ExpertRouting& layer : pass.experts) {
        layer.index = layer.index.narrow(1, last, 1);
        layer.weight = layer.weight.narrow(1, last, 1);
    }
    for (std::size_t r = 0; r < pass.activeTokens.size(); ++r) {
        pass.activeTokens[r] = depths.back() > r ? 1 : 0;
    }
    pass.firstPosition = last;
}

} // namespace

Generator::Generator(const models::LanguageModel& model,
                     spec::ResolvedRouting routing,
                     bool useCache,
                     bool trace)
    : m_model(model)
    , m_routing(std::move(routing))
    , m_trace(trace) {
    if (useCache) {
        m_cache.emplace(model.makeCache(m_routing.settings.kv));
    }
}

const Pass& Generator::run(std::int64_t first) {
    m_pass = Pass{};
    m_pass.ids =
        models::idsRow(std::span(m_ids).subspan(static_cast<std::size_t>(first)), m_model.device());
    m_pass.firstPosition = first;
    m_pass.routing = m_routing;
    m_pass.cache = m_cache ? &*m_cache : nullptr;
    m_pass.trace = m_trace;
    m_pass.lastLogitsOnly = !(m_trace && first == 0);
    m_stages = {};
    while (m_pass.stage < m_model.stages()) {
        m_stages.runStage(m_model, m_pass);
    }
    return m_pass;
}

const Pass& Generator::prefill(const std::vector<std::int32_t>& ids) {
    m_ids.assign(ids.begin(), ids.end());
    return run(0);
}

const Pass& Generator::feed(std::int32_t id) {
    m_ids.push_back(id);
    if (m_model.config().isMoreFamily() && held() > m_model.config().context) {
        m_cache.reset();
        m_ids.erase(m_ids.begin());
        ++m_dropped;
    }
    if (m_cache) {
        return run(held() - 1);
    }
    run(0);
    keepLastColumn(m_model.config(), m_pass);
    return m_pass;
}

at::Tensor Generator::lastRow() const {
    return m_pass.logits[0][m_pass.logits.size(1) - 1].to(at::kFloat);
}

std::vector<float> Generator::lastLogits() const {
    const at::Tensor row = lastRow().cpu().contiguous();
    const float* data = row.const_data_ptr<float>();
    return {data, data + row.numel()};
}

Choice Generator::choose(Sampler& sampler) const {
    const at::Tensor row = lastRow();
    if (row.is_cpu() || !sampler.isGreedy()) {
        return sampler.choose(lastLogits());
    }
    const auto [most, best] = at::max(row, 0);
    const at::Tensor nll = at::logsumexp(row, 0) - most;
    const at::Tensor answer = at::stack({best.to(at::kDouble), nll.to(at::kDouble)}).cpu();
    const auto* numbers = answer.const_data_ptr<double>();
    return Sampler::likeliest(static_cast<std::int32_t>(numbers[0]), numbers[1]);
}

} // namespace depthscope::generate
