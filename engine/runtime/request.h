// SPDX-License-Identifier: MIT
// What programs request from the engine. Plain values without tensors, passed between threads by
// value. A request becomes a job, which reports by events (event.h).
#pragma once

#include "engine/runtime/batch_request.h"
#include "engine/runtime/clip_request.h"
#include "engine/runtime/convergence_request.h"
#include "engine/runtime/request_parts.h"
#include "engine/runtime/video_request.h"
#include "engine/settings/lab.h"
#include "engine/settings/recipe.h"
#include "engine/trace/run_key.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace depthscope::runtime {

struct LoadRequest {
    std::string folder;
    ModelRole role = ModelRole::Main;

    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const LoadRequest& older) const { return role == older.role; }
};

struct PassRequest {
    Prompt prompt;
    settings::RoutingSettings routing;
    std::uint64_t revision = 0;
    trace::RunKey run = trace::kMainRun; ///< the steps' key
    ModelRole role = ModelRole::Main;    ///< Main where it is timed in turns
    bool logits = false;
    bool losses = false;
    /// For a reference: alternate it with this routing, so that drift of the machine affects both,
    /// and report the medians of their times.
    std::optional<settings::RoutingSettings> timedWith;

    [[nodiscard]] Priority priority() const {
        return run == trace::kMainRun ? Priority::MainPass : Priority::Reference;
    }

    [[nodiscard]] bool replaces(const PassRequest& older) const { return run == older.run; }
};

struct GenerateRequest {
    Prompt prompt;
    settings::RoutingSettings routing;
    settings::GenerationSettings generation;
    std::uint64_t revision = 0;
    bool trace = true; ///< false: tokens only, to measure what tracing costs

    [[nodiscard]] Priority priority() const { return Priority::Generation; }

    [[nodiscard]] bool replaces(const GenerateRequest&) const { return true; }
};

struct ScoreRequest {
    std::string textFile;
    Prompt prompt; ///< instead of a file
    ModelRole role = ModelRole::Main;
    settings::RoutingSettings routing;
    double meanDepth = 0; ///< choose the threshold that reaches it; 0: none asked
    int regretTokens = 0; ///< measure routing regret on this many tokens

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const ScoreRequest&) const { return false; }
};

struct TrainRequest {
    std::string preset;
    std::string outFolder;
    std::string textFile;          ///< a text, mixed with the corpus where both are given
    std::string corpus;            ///< "graded"
    std::string tokenFile;         ///< instead of both
    std::string tokenizer;         ///< tokenizer.json; empty: the preset's
    std::string initFrom;          ///< llama folder that seeds shared layers; empty: from scratch
    std::string init = "stepwise"; ///< how: stepwise, average, lower, upper, random
    std::string cacheFolder;       ///< keeps the frames of own videos; empty: decoded every time
    std::vector<settings::RecipeChange> recipe; ///< what differs from the preset's
    int steps = 0;                              ///< 0: the preset's
    double minutes = 0;                         ///< stop after this long; 0: no limit
    bool resume = false;
    bool trace = false;     ///< publish a step at each evaluation: a pass over validation text
    bool pictures = false;  ///< evaluations have a clip, as a video model predicts it
    std::uint64_t seed = 0; ///< 0: the preset's

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const TrainRequest&) const { return false; }
};

/// A table of trainings (docs/results.md). Finished cells are kept; `resume` runs the rest.
struct ExperimentRequest {
    std::string name; ///< "mor-small", "looped", "more-dit"
    std::string outFolder;
    std::string textFile; ///< the second data set of mor-small; empty: graded text alone
    double minutes = 0;   ///< stop after this long; 0: no limit
    bool resume = false;
    // of looped and more-dit
    std::string clips;                ///< of more-dit, spec::clipPresets(); empty: its own
    std::vector<std::string> systems; ///< empty: all
    int seeds = 0;                    ///< 1 to this; 0: the experiment's own number
    double trainMinutes = 0;          ///< processor time of each training; 0: the experiment's own
    std::int64_t steps = 0;           ///< ends each training instead; 0: time does

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const ExperimentRequest&) const { return false; }
};

struct TokenizerTrainRequest {
    std::vector<std::string> files;
    std::string corpus; ///< "graded" adds generated text
    std::string outFile;
    int vocabulary = 1024;

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const TokenizerTrainRequest&) const { return false; }
};

struct TokenizeRequest {
    std::string folder;  ///< of the model whose tokenizer is asked
    Prompt prompt;       ///< text to encode, or ids to decode
    std::string outFile; ///< token stream; empty: none

    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const TokenizeRequest&) const { return false; }
};

/// Procedural text with a known difficulty class for every byte (engine/data/graded.h).
struct GradedTextRequest {
    std::uint64_t seed = 1;
    std::uint32_t bytes = 1000;   ///< approximate length; whole exercises
    std::uint32_t classes = 0x7f; ///< bit per trace::Difficulty

    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const GradedTextRequest&) const { return false; }
};

struct BenchRequest {
    std::string suite;

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const BenchRequest&) const { return false; }
};

struct SelftestRequest {
    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const SelftestRequest&) const { return false; }
};

struct InfoRequest {
    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const InfoRequest&) const { return false; }
};

using Request = std::variant<LoadRequest,
                             PassRequest,
                             ConvergenceRequest,
                             GenerateRequest,
                             BatchRequest,
                             ScoreRequest,
                             TrainRequest,
                             ExperimentRequest,
                             VideoSampleRequest,
                             VideoScoreRequest,
                             VideoProbeRequest,
                             TokenizerTrainRequest,
                             TokenizeRequest,
                             GradedTextRequest,
                             ClipRequest,
                             BenchRequest,
                             SelftestRequest,
                             InfoRequest>;

} // namespace depthscope::runtime
