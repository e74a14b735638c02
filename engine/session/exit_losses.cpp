// SPDX-License-Identifier: MIT
#include "engine/session/exit_losses.h"

#include "engine/nn/linear.h"

#include <ATen/ATen.h>

#include <limits>

namespace depthscope::session {

ExitLosses::ExitLosses(const models::Pass& pass)
    : m_targets(pass.ids[0].slice(0, 1)) {
    for (const at::Tensor& states : pass.loopStates) {
        m_states.push_back(states[0]);
    }
    m_nats =
        at::full({std::ssize(m_states), m_targets.size(0)}, std::numeric_limits<float>::quiet_NaN(),
                 at::TensorOptions(m_targets.device()).dtype(at::kFloat));
}

at::Tensor ExitLosses::of(const models::LanguageModel& model, const at::Tensor& depth) {
    const at::Tensor chosen = depth.slice(1, 0, -1) - 1; // [1, T - 1]
    const at::Tensor missing = m_nats.gather(0, chosen).isnan();
    for (std::size_t r = 0; r < m_states.size(); ++r) {
        const at::Tensor wanted = missing.logical_and(chosen.eq(static_cast<std::int64_t>(r)));
        const at::Tensor columns = wanted[0].nonzero().squeeze(1);
        if (columns.size(0) > 0) {
            workOut(model, r, columns);
        }
    }
    return m_nats.gather(0, chosen).squeeze(0);
}

void ExitLosses::workOut(const models::LanguageModel& model,
                         std::size_t r,
                         const at::Tensor& columns) {
    const at::Tensor logits =
        nn::linear(m_states[r].index_select(0, columns), model.weights().head);
    const at::Tensor nats = at::log_softmax(logits, -1, at::kFloat)
                                .gather(1, m_targets.index_select(0, columns).unsqueeze(1))
                                .squeeze(1)
                                .neg();
    m_nats[static_cast<std::int64_t>(r)].index_copy_(0, columns, nats);
}

} // namespace depthscope::session
