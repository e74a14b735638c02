// SPDX-License-Identifier: MIT
// The states between the recursions of a pass, and what the model would answer from each of them.
// Engine thread. Letters: T tokens, D width, V vocabulary, R recursions.
#pragma once

#include "engine/models/language_model.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::models {

/// Runs a pass up to its last recursion and keeps the state after each.
class RecursionStates {
public:
    /// Both outlive it. The pass is of one sequence, has ids and no cache, and a routing whose rule
    /// watches no predictions: those run token by token, without states of all tokens. Throws
    /// Error{Usage} for a model that does not run one block several times.
    /// Of the first `kept` tokens alone states are kept.
    RecursionStates(const LanguageModel& model, Pass& pass, std::int64_t kept);

    /// Runs the next stage; false: the last recursion has run.
    bool step();

    /// [kept, D] each: what enters the loop, then the state after each recursion. A token that does
    /// not run a recursion keeps the state that it had. Under token-choice a token's state is set
    /// when it leaves; until then this is what it would be if it left here.
    [[nodiscard]] const std::vector<at::Tensor>& states() const { return m_states; }

    /// [kept, D] after recursion r, from 0, ready for the head: through the layers after the loop,
    /// where each token sees the others as they are after the same recursion, and the last norm.
    [[nodiscard]] at::Tensor readOut(int r) const;

    /// [kept] bool: who ran recursion r.
    [[nodiscard]] at::Tensor ran(int r) const;

private:
    [[nodiscard]] at::Tensor stateAfter(int r) const;
    void keep(const at::Tensor& states);

    const LanguageModel& m_model;
    Pass& m_pass;
    std::int64_t m_kept;
    at::Tensor m_entry; ///< [T, D], what enters the loop
    std::vector<at::Tensor> m_states;
};

} // namespace depthscope::models
