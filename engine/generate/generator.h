// SPDX-License-Identifier: MIT
// Decoding token by token: a prefill, then one pass for each token, with a recursion-wise KV cache
// or, to check it, without. The routing rule is causal (docs/routing.md 3.8), so both give the same
// tokens. Past the end of the context Llama and MoR continue at positions never seen in training;
// MORE and its baseline see only the last `context` tokens, recomputed for each token, as in their
// reference (docs/routing.md 1.7). Owned by a job; engine thread.
#pragma once

#include "engine/generate/sampler.h"
#include "engine/generate/stage_clock.h"
#include "engine/models/language_model.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace depthscope::generate {

class Generator {
public:
    /// `model` outlives the generator. `routing` is resolved for generation.
    Generator(const models::LanguageModel& model,
              spec::ResolvedRouting routing,
              bool useCache,
              bool trace = true);

    /// Runs all tokens of the prompt. Call once, first.
    const models::Pass& prefill(const std::vector<std::int32_t>& ids);

    /// Runs one more token; the pass then describes only that token.
    const models::Pass& feed(std::int32_t id);

    /// The logits after the last token, [V] float on the CPU. One synchronisation.
    [[nodiscard]] std::vector<float> lastLogits() const;

    /// The token that `sampler` takes next. One synchronisation; of a greedy one on another device
    /// than the CPU only the answer crosses.
    [[nodiscard]] Choice choose(Sampler& sampler) const;

    /// How long the parts of the model took in the pass that ran last.
    [[nodiscard]] const StageClock& stages() const { return m_stages; }

    /// Of the whole sequence, including tokens dropped at its start.
    [[nodiscard]] std::int64_t tokens() const {
        return m_dropped + static_cast<std::int64_t>(m_ids.size());
    }

private:
    const models::Pass& run(std::int64_t first);
    [[nodiscard]] at::Tensor lastRow() const; // [V] float

    [[nodiscard]] std::int64_t held() const { return static_cast<std::int64_t>(m_ids.size()); }

    const models::LanguageModel& m_model;
    spec::ResolvedRouting m_routing;
    bool m_trace;
    std::optional<nn::KvCache> m_cache;
    std::vector<std::int32_t> m_ids;
    std::int64_t m_dropped = 0;
    models::Pass m_pass;
    StageClock m_stages;
};

} // namespace depthscope::generate
