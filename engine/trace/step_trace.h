// SPDX-License-Identifier: MIT
// One immutable record of one engine step: everything the routing did to the tokens of that step. A
// pass is one step with all tokens; a generation is a prefill step and then one step per decoded
// token. Built by the engine thread, published as shared_ptr<const StepTrace>, then read by any
// thread. Letters: T tokens of this step, R recursions.
#pragma once

#include "engine/settings/routing.h"
#include "engine/trace/difficulty.h"
#include "engine/trace/model_info.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::trace {

enum class StepKind : std::uint8_t { Pass, Prefill, Decode };

/// What a run is to the laboratory: the thing looked at, or one of its two honest references.
enum class RunRole : std::uint8_t {
    Main,
    FullDepth, ///< the same model and text with every token at full depth
    Vanilla,   ///< the bundled vanilla model of the same data on the same text
};

/// One horizontal layer of the KV cache: the unshared layers (recursion 0) or the block at
/// recursion r.
struct KvGroup {
    int recursion = 0;              ///< 0: layers outside the recursion
    std::int64_t bytesPerToken = 0; ///< what one kept token costs here
    std::int64_t entries = 0;       ///< tokens kept so far (whole run)
};

struct KvUse {
    std::vector<KvGroup> groups;
    std::int64_t measuredBytes = 0;  ///< bytes in use by the cache's tensors, whole run
    std::int64_t reservedBytes = 0;  ///< bytes allocated for it, head room included
    std::int64_t predictedBytes = 0; ///< closed form of routing.md 3.7 for this routing
    std::int64_t fullBytes = 0;      ///< every token at every recursion
};

struct StepCost {
    double flops = 0;        ///< of this step, by routing.md 4.2 with the actual token counts
    double fullFlops = 0;    ///< the same step at full depth
    double milliseconds = 0; ///< wall time of this step, measured
    int syncs = 0;           ///< device synchronisations in this step
    bool traced = true;
    /// Of a reference that ran in turns with the routing that it is compared with: how many times
    /// each; then `milliseconds` is a median, as is the other's. 0: it ran once, alone.
    int rounds = 0;
    double routedMilliseconds = 0;
};

/// Choices of one layer of recursive experts for the tokens of a step (MORE, routing.md 1.2).
struct ExpertChoices {
    int layer = 0;                   ///< block, from 0
    int experts = 0;                 ///< E, at most 255
    int perToken = 0;                ///< k
    std::vector<std::uint8_t> index; ///< [T * k], the heaviest first
    std::vector<float> weight;       ///< [T * k], sums to 1 over a token's k

    /// The same layer of the same model, whatever was chosen there.
    [[nodiscard]] bool sameLayer(const ExpertChoices& other) const {
        return layer == other.layer && experts == other.experts && perToken == other.perToken;
    }
};

struct StepTrace {
    std::uint64_t run = 0;  ///< unique within one runtime; grows
    std::uint32_t step = 0; ///< from 0 within the run
    StepKind kind = StepKind::Pass;
    RunRole role = RunRole::Main;
    std::uint64_t revision = 0; ///< settings revision in force
    std::shared_ptr<const ModelInfo> model;
    settings::RoutingSettings
        routing;                  ///< resolved: rule is never Model, capacity filled in for top-k
    bool causal = true;           ///< false: a decision may have looked at later tokens
    bool offDistribution = false; ///< capacity, rule or KV policy differ from training
    std::string notice;           ///< e.g. "first 512 of 800 tokens used"; empty mostly

    std::int32_t firstToken = 0;       ///< position of the first token of this step in the run
    std::int32_t recursions = 1;       ///< R
    std::vector<std::int32_t> ids;     ///< [T]
    std::vector<std::uint8_t> depth;   ///< [T] recursion steps passed, 0..R; 1 without recursion
    std::vector<std::uint8_t> classes; ///< [T] difficulty class or kNoClass; empty: none known
    std::vector<float> nll; ///< [T] nats of this token given those before; NaN if unknown
    std::vector<float>
        scores; ///< [R * T], row r: router function before alpha; NaN: not considered
    std::vector<ExpertChoices> experts;   ///< one per layer of experts; empty without any
    std::string text;                     ///< bytes of all pieces of this step, in order
    std::vector<std::uint32_t> pieceEnds; ///< [T] end of piece t in `text`; empty without tokenizer

    KvUse kv; ///< after this step
    StepCost cost;

    std::vector<float> logits; ///< [T * V] only where they were asked for
    double lossLm = 0, lossAux = 0, lossBalance = 0, lossZ = 0; ///< where losses were asked for

    [[nodiscard]] std::size_t tokens() const { return ids.size(); }

    /// Bytes of piece t; "#17" stands for id 17 where the model has no tokenizer.
    [[nodiscard]] std::string piece(std::size_t t) const {
        if (pieceEnds.empty()) {
            return "#" + std::to_string(ids[t]);
        }
        const std::size_t begin = t == 0 ? 0 : pieceEnds[t - 1];
        return text.substr(begin, pieceEnds[t] - begin);
    }
};

using StepPtr = std::shared_ptr<const StepTrace>;

} // namespace depthscope::trace
