// SPDX-License-Identifier: MIT
// Works out what a model would answer after each recursion, and how far its states still move
// (trace/convergence.h, docs/convergence.md), stage by stage and then some tokens at a time, so
// that a job can be interrupted in between. Engine thread. Letters: T tokens, R recursions, V
// vocabulary.
#pragma once

#include "engine/models/recursion_states.h"
#include "engine/trace/convergence.h"

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::evaluate {

class ConvergenceMeter {
public:
    /// The model outlives the meter. Of the first tokens, whose states fit into `mostBytes`, all
    /// is worked out; of the others nothing. Throws Error{Usage} for a model that does not run one
    /// block several times.
    ConvergenceMeter(const models::LanguageModel& model,
                     std::span<const std::int32_t> ids,
                     spec::ResolvedRouting routing,
                     std::int64_t mostBytes = trace::kMostStateBytes);

    ConvergenceMeter(const ConvergenceMeter&) = delete;
    ConvergenceMeter& operator=(const ConvergenceMeter&) = delete;

    /// Does the next part; false: all is done. Throws Error{BadInput} where the model's output is
    /// not finite.
    bool step();

    [[nodiscard]] double fraction() const;

    /// All but the model and the pieces' text. Once, after the last step.
    [[nodiscard]] trace::Convergence take();

private:
    [[nodiscard]] int recursions() const { return m_pass.routing.depth; }

    void beginTokens();
    void measure(std::int64_t first, std::int64_t count);
    void measureMoves(std::int64_t first, std::int64_t count);
    void measurePredictions(std::int64_t first, std::int64_t count);
    void finish();
    [[nodiscard]] double thresholdOf(settings::Rule rule) const;
    [[nodiscard]] std::vector<std::uint8_t> exitsUnder(settings::Rule rule) const;
    void addExits(settings::Rule rule);

    const models::LanguageModel& m_model;
    models::Pass m_pass;
    models::RecursionStates m_states;
    std::vector<at::Tensor> m_outputs; ///< [tokens looked at, D] each, ready for the head
    trace::Convergence m_result;
    std::vector<float> m_entropyStep;    ///< [R * T], |H_r - H_{r-1}|
    std::vector<float> m_kl;             ///< [R * T], of successive predictions
    std::vector<float> m_minpKl;         ///< the same over the likely words alone
    std::vector<std::uint8_t> m_ran;     ///< [R * T]
    std::vector<std::int32_t> m_answers; ///< [R * T], the likeliest pieces
    bool m_looped = false;               ///< the recursions have run
    std::int64_t m_next = 0;             ///< token
    std::int64_t m_chunk = 1;            ///< tokens at a time
};

} // namespace depthscope::evaluate
