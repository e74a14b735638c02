// SPDX-License-Identifier: MIT
// What programs ask of the engine, and what it tells them. Plain values without tensors that cross
// threads whole. A request becomes a job; a job publishes events and ends with exactly one
// JobEnded.
#pragma once

#include "engine/base/error.h"
#include "engine/settings/lab.h"
#include "engine/settings/recipe.h"
#include "engine/trace/step_trace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace depthscope::runtime {

using JobId = std::uint64_t;

/// Which loaded model a job works on. Training and scoring of other folders load their own.
enum class Slot : std::uint8_t { Main, Vanilla };

/// What the model shall read: text (any bytes) or token ids, with the difficulty class of byte
/// ranges.
struct Prompt {
    std::string text;
    std::vector<std::int32_t> ids;          ///< used instead of text when not empty
    std::vector<trace::ClassRange> classes; ///< byte offsets into text
    [[nodiscard]] bool operator==(const Prompt&) const = default;
};

/// In which order requests take their turn; of equal ones the oldest. Every request declares its
/// own, and which older request of its kind it makes pointless (`replaces`).
enum class Priority : std::uint8_t {
    Short,    ///< loads and questions that are answered at once
    MainPass, ///< what is on screen
    Generation,
    Reference,  ///< what it is compared with
    Background, ///< trainings, measurements
};

struct LoadRequest {
    std::string folder;
    Slot slot = Slot::Main;

    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const LoadRequest& older) const { return slot == older.slot; }
};

struct PassRequest {
    Prompt prompt;
    settings::RoutingSettings routing;
    std::uint64_t revision = 0;
    trace::RunRole role = trace::RunRole::Main;
    bool logits = false;
    bool losses = false;
    /// For a reference: run it in turns with this routing, so that a drift of the machine falls on
    /// both, and tell the medians of their times.
    std::optional<settings::RoutingSettings> timedWith;

    [[nodiscard]] Priority priority() const {
        return role == trace::RunRole::Main ? Priority::MainPass : Priority::Reference;
    }

    [[nodiscard]] bool replaces(const PassRequest& older) const { return role == older.role; }
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
    settings::RoutingSettings routing;
    double meanDepth = 0; ///< choose the threshold that reaches it; 0: none asked
    int regretTokens = 0; ///< measure routing regret on so many tokens

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
    std::vector<settings::RecipeChange> recipe; ///< what differs from the preset's
    int steps = 0;                              ///< 0: the preset's
    double minutes = 0;                         ///< stop after this long; 0: no limit
    bool resume = false;
    bool trace = false;     ///< publish a step at each evaluation: a pass over validation text
    std::uint64_t seed = 0; ///< 0: the preset's

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const TrainRequest&) const { return false; }
};

/// A table of trainings (docs/results.md). Finished cells are kept; `resume` goes on with the rest.
struct ExperimentRequest {
    std::string name; ///< "mor-small"
    std::string outFolder;
    std::string textFile; ///< the second data set; empty: graded text alone
    double minutes = 0;   ///< stop after this long; 0: no limit
    bool resume = false;

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
    std::uint32_t bytes = 1000;   ///< about so long, whole exercises
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

/// The named recipes that can be trained; or one of them with changes, in detail.
struct PresetsRequest {
    std::string preset; ///< empty: all
    std::vector<settings::RecipeChange> recipe;
    bool forgiving = false; ///< leave out changes without effect, rather than refuse them

    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const PresetsRequest&) const { return false; }
};

using Request = std::variant<LoadRequest,
                             PassRequest,
                             GenerateRequest,
                             ScoreRequest,
                             TrainRequest,
                             ExperimentRequest,
                             TokenizerTrainRequest,
                             TokenizeRequest,
                             GradedTextRequest,
                             BenchRequest,
                             SelftestRequest,
                             InfoRequest,
                             PresetsRequest>;

// ---- events -------------------------------------------------------------------------------------

// Each carries the id of its job, but for EngineStatus, which is of no job.

struct ModelLoaded {
    JobId job = 0;
    Slot slot = Slot::Main;
    std::shared_ptr<const trace::ModelInfo> model;
};

struct StepPublished {
    JobId job = 0;
    trace::StepPtr step;
};

struct JobStarted {
    JobId job = 0;
};

struct JobProgress {
    JobId job = 0;
    double fraction = 0;     ///< 0..1
    double secondsLeft = -1; ///< an estimate; negative: unknown
    std::string what;        ///< "reading weights", "step 120 of 900"
};

/// Exactly one per request, also for requests that a newer one replaced (`replaced`).
struct JobEnded {
    JobId job = 0;
    bool replaced = false;
    std::optional<Error> error;
};

/// Health of the engine, sent when it changes, at most a few times a second.
struct EngineStatus {
    std::string device;
    int threads = 0;
    std::int64_t memoryBytes = 0; ///< in use by tensors
    std::int64_t memoryReservedBytes = 0;
    std::uint64_t syncs = 0;      ///< device synchronisations since the start
    std::uint64_t queueWaits = 0; ///< times the engine waited for a full event queue
};

struct ClassScore {
    std::string name;
    std::int64_t tokens = 0;
    double nll = 0; ///< nats per token
    double meanDepth = 0;
};

struct ScoreReport {
    JobId job = 0;
    std::int64_t tokens = 0;
    double nll = 0; ///< nats per token
    double bitsPerCharacter = 0;
    double meanDepth = 0;
    double decisionAccuracy = 0; ///< NaN where there is no router
    double deadTokenRatio = 0;   ///< NaN where there is no router
    double maxVio = 0;           ///< NaN unless token-choice
    double entropy = 0;
    double flopsPerToken = 0;
    double tau = 0;                  ///< of the threshold rule; NaN under another
    double regret = 0;               ///< nats a token the best depths would save; NaN: not asked
    double regretAtEqualCost = 0;    ///< with no more recursion steps than the router spent
    std::vector<ClassScore> classes; ///< those that the text has, where it has any
};

struct TrainReport {
    JobId job = 0;
    std::int64_t step = 0;
    std::int64_t steps = 0;
    double trainLoss = 0;
    double valLoss = 0;
    double tokensPerSecond = 0;
    std::int64_t peakBytes = 0;
    double seconds = 0;
    double meanDepth = 0;     ///< of the validation tokens
    std::vector<double> load; ///< share of the validation tokens that run each recursion
    std::string sample;       ///< generated text of the early and the last evaluations
};

/// A finished cell, or the whole table at the end.
struct ExperimentReport {
    JobId job = 0;
    std::string cell; ///< "mor3-expert, graded, seed 2"
    double valLoss = 0;
    int done = 0; ///< cells finished so far
    int cells = 0;
    std::string page; ///< the results in Markdown; in the last report
};

struct TokenizeReport {
    JobId job = 0;
    std::vector<std::int32_t> ids;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges; ///< of encode: bytes of each piece
    std::string text;
    int vocabulary = 0;
};

struct GradedTextReport {
    JobId job = 0;
    Prompt prompt; ///< text and class ranges
};

struct BenchCase {
    std::string name;
    std::string unit; ///< "ms", "tokens/s", "GB/s", "%"
    double value = 0;
    double limit = 0; ///< of this machine, measured in the same run; 0: none
    std::string note;
    double bytes = 0; ///< that one token must read from memory; 0: does not bound it
    double flops = 0; ///< that one token must compute; 0: does not bound it
};

struct BenchReport {
    JobId job = 0;
    std::string suite;
    std::string device;
    int threads = 0;
    std::vector<BenchCase> cases;
};

struct SelftestReport {
    JobId job = 0;

    struct Check {
        std::string name;
        bool passed = false;
        std::string detail;
    };

    std::vector<Check> checks;
};

struct InfoReport {
    JobId job = 0;
    std::vector<std::pair<std::string, std::string>> versions;
    std::vector<std::string> devices;
    std::vector<std::string> kernels;
};

struct PresetInfo {
    std::string name;
    std::string help;
    std::string family;          ///< model_type of design.md 5
    std::int64_t parameters = 0; ///< distinct
    std::int64_t steps = 0;
    double trainingBytes = 0; ///< an estimate of the memory that training takes
    double flopsPerToken = 0; ///< forward, every recursion run, mean over a sequence
    std::vector<trace::ParameterPart> parts{};
    std::vector<settings::RecipeField> fields{}; ///< where one preset was asked for
};

struct PresetsReport {
    JobId job = 0;
    std::vector<PresetInfo> presets;
};

using Event = std::variant<ModelLoaded,
                           StepPublished,
                           JobStarted,
                           JobProgress,
                           JobEnded,
                           EngineStatus,
                           ScoreReport,
                           TrainReport,
                           ExperimentReport,
                           TokenizeReport,
                           GradedTextReport,
                           BenchReport,
                           SelftestReport,
                           InfoReport,
                           PresetsReport>;

} // namespace depthscope::runtime
