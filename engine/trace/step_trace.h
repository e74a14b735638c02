// SPDX-License-Identifier: MIT
// An immutable record of one engine step: its run, the routing of its places, and their content. A
// pass is one step with all places; a generation is a prefill step and then one step per decoded
// token; a denoising run visits the same places at each step. Built by the engine thread, published
// as shared_ptr<const StepTrace>, then read by any thread.
#pragma once

#include "engine/settings/routing.h"
#include "engine/spec/model_info.h"
#include "engine/trace/content.h"
#include "engine/trace/routing_step.h"
#include "engine/trace/run_key.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace depthscope::trace {

enum class StepKind : std::uint8_t { Pass, Prefill, Decode };

struct StepTrace {
    // whose
    RunKey key = kMainRun;
    std::uint64_t run = 0;  ///< unique within one runtime; grows
    std::uint32_t step = 0; ///< from 0 within the run
    StepKind kind = StepKind::Pass;
    std::uint64_t revision = 0; ///< settings revision in force
    std::shared_ptr<const spec::ModelInfo> model;
    settings::RoutingSettings
        settings;                 ///< resolved: rule is never Model, capacity filled in for top-k
    bool causal = true;           ///< false: a decision may have looked at later tokens
    bool offDistribution = false; ///< capacity, rule or KV policy differ from training
    std::string notice;           ///< e.g. "first 512 of 800 tokens used"; empty mostly

    RoutingStep routing;
    Content content;

    /// Null if the content is not text.
    [[nodiscard]] const TextContent* text() const { return std::get_if<TextContent>(&content); }

    /// Null if the content is not a clip.
    [[nodiscard]] const ClipContent* clip() const { return std::get_if<ClipContent>(&content); }

    /// The text, to be filled in; replaces any content that is not text.
    TextContent& makeText() {
        auto* text = std::get_if<TextContent>(&content);
        return text != nullptr ? *text : content.emplace<TextContent>();
    }
};

using StepPtr = std::shared_ptr<const StepTrace>;

} // namespace depthscope::trace
