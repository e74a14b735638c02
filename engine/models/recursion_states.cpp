// SPDX-License-Identifier: MIT
#include "engine/models/recursion_states.h"

#include "engine/base/error.h"
#include "engine/models/huginn.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>

namespace depthscope::models {

RecursionStates::RecursionStates(const LanguageModel& model, Pass& pass, std::int64_t kept)
    : m_model(model)
    , m_pass(pass)
    , m_kept(kept) {
    const spec::LanguageSpec& config = model.config();
    if (!config.sharesLayers() || spec::isSequence(config.recursion.sharing)) {
        throw Error(ErrorCode::Usage, "this model has no states between recursions",
                    "Open a model that runs one block of layers several times: MoR, recursive with "
                    "a Cycle sharing, or looped.");
    }
}

bool RecursionStates::step() {
    const int first = m_model.firstRecursion();
    const int r = m_pass.stage - first;
    if (r == 0) {
        m_entry = m_model.config().refinesState() ? initialState(m_pass, m_pass.x)[0] : m_pass.x[0];
        keep(m_entry);
    }
    m_model.runStage(m_pass);
    if (r >= 0) {
        keep(stateAfter(r));
    }
    return r + 1 < m_pass.routing.depth;
}

void RecursionStates::keep(const at::Tensor& states) {
    // A copy of a part, or the whole would stay in memory with it.
    m_states.push_back(m_kept < states.size(0) ? states.narrow(0, 0, m_kept).clone() : states);
}

at::Tensor RecursionStates::stateAfter(int r) const {
    const spec::LanguageSpec& config = m_model.config();
    const ActiveSet& active = m_pass.active;
    if (!config.hasRouter() || config.mor.type != spec::RouterType::Token ||
        active.positions.size(1) == 0) {
        return m_pass.x[0];
    }
    // x^0 + gate · h, or gate · (h - x^0), as where this recursion is the last one.
    const at::Tensor& rows = active.positions[0];
    const at::Tensor before = m_entry.index_select(0, rows);
    at::Tensor change = active.packed[0];
    if (config.mor.movesTowards) {
        change = change - before;
    }
    if (config.mor.weightedGating) {
        const at::Tensor score = m_pass.scores[static_cast<std::size_t>(r)][0];
        const at::Tensor gate = score.index_select(0, rows) * config.mor.alpha;
        change = change * gate.to(change.scalar_type()).unsqueeze(-1);
    }
    return m_pass.x[0].index_copy(0, rows, before + change);
}

at::Tensor RecursionStates::readOut(int r) const {
    return m_model.readOut(m_pass, m_states[static_cast<std::size_t>(r) + 1].unsqueeze(0))[0];
}

at::Tensor RecursionStates::ran(int r) const {
    at::Tensor marks = at::zeros({m_pass.tokens()}, m_pass.ids.options().dtype(at::kBool));
    const auto index = static_cast<std::size_t>(r);
    if (index < m_pass.selected.size()) {
        marks.index_fill_(0, m_pass.selected[index][0], true);
    }
    return marks.slice(0, 0, m_kept);
}

} // namespace depthscope::models
