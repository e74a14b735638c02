// SPDX-License-Identifier: MIT
// Many texts that are generated together: their request and what comes of it. Plain values, passed
// between threads.
#pragma once

#include "engine/base/error.h"
#include "engine/runtime/request_parts.h"
#include "engine/settings/batch.h"
#include "engine/settings/lab.h"
#include "engine/trace/lanes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::runtime {

/// One of the texts.
struct BatchPrompt {
    std::size_t number = 0; ///< the caller's, each once
    Prompt prompt;          ///< longer than the model's context: an error
    int tokens = 64;        ///< to generate
    std::uint64_t seed = 1;
};

using BatchPrompts = std::vector<BatchPrompt>;

struct BatchRequest {
    std::shared_ptr<const BatchPrompts> prompts; ///< never null
    settings::RoutingSettings routing;
    settings::GenerationSettings generation; ///< of all; their number and seed are the prompts'
    settings::BatchSettings batch;

    [[nodiscard]] Priority priority() const { return Priority::Generation; }

    [[nodiscard]] bool replaces(const BatchRequest&) const { return false; }
};

/// One text as soon as it has ended, or as it was when the job was stopped.
struct BatchAnswer {
    JobId job = 0;
    std::size_t number = 0;
    std::vector<std::int32_t> tokens;
    std::vector<int> depth; ///< of each token
    std::string text;       ///< bytes of the tokens
    bool hasText = false;   ///< the model has a tokenizer
    bool isWhole = true;    ///< false: stopped before its end
    std::optional<Error> error;
};

/// How full the batches of a part of the model were.
struct BatchFill {
    std::int64_t tokens = 0; ///< that ran it
    double meanRows = 0;     ///< of the batches that had any of them
};

/// Where the time has gone so far, about once a second and at the end.
struct LanesReport {
    JobId job = 0;
    trace::LanesPtr lanes; ///< never null
};

/// At the end of all of them.
struct BatchReport {
    JobId job = 0;
    std::int64_t tokens = 0;
    double seconds = 0;        ///< all of it
    double prefillSeconds = 0; ///< of them, in prompts
    double layerSeconds = 0;   ///< of them, in the layers of decoding
    std::vector<BatchFill> recursions;
    BatchFill between; ///< layers outside the block, head
    /// In the layers, for each token of a full batch; 0: no batch was full.
    double fullRecursionSeconds = 0, fullBetweenSeconds = 0;
    double kvBytes = 0, kvReservedBytes = 0, kvLimitBytes = 0; ///< the most at a time
};

} // namespace depthscope::runtime
