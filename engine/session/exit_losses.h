// SPDX-License-Identifier: MIT
// What each token of a pass would cost after each recursion of a looped model whose exits choose
// the answer (docs/looped.md 2). Each is worked out once, when a threshold first asks for it:
// moving the threshold then needs no output head. Engine thread. Letters: T tokens, R recursions, D
// width, V vocabulary.
#pragma once

#include "engine/models/language_model.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::session {

class ExitLosses {
public:
    /// Of a pass over one sequence of at least two tokens, whose recursions have run.
    explicit ExitLosses(const models::Pass& pass);

    /// Nats of tokens 1..T-1, [T - 1] float, where each is foretold after the recursion `depth`
    /// [1, T] int64, from 1, of the token before it.
    [[nodiscard]] at::Tensor of(const models::LanguageModel& model, const at::Tensor& depth);

private:
    void workOut(const models::LanguageModel& model, std::size_t r, const at::Tensor& columns);

    std::vector<at::Tensor> m_states; ///< R of [T, D]
    at::Tensor m_targets;             ///< [T - 1] int64
    at::Tensor m_nats;                ///< [R, T - 1] float; NaN: not worked out yet
};

} // namespace depthscope::session
