// SPDX-License-Identifier: MIT
// What a window or a recording needs to know about a loaded model. A value without tensors; any
// thread.
#pragma once

#include "engine/settings/routing.h"
#include "engine/spec/clip_preset.h"
#include "engine/spec/held_out.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::spec {

/// Which kind of router the checkpoint was trained with.
/// Exit: the gate of a looped model, whose scores are exit probabilities. Change: a looped model
/// without a gate, whose scores are what its rule watches.
enum class RouterKind : std::uint8_t { None, Expert, Token, Exit, Change };

struct ParameterPart {
    std::string name;       ///< "embedding", "first layer", "shared block", "routers", ...
    std::int64_t count = 0; ///< distinct parameters (a shared storage counts once)
    std::string sharedBy;   ///< e.g. "recursions 1-3"; empty where nothing is shared
};

/// The rules that a model can follow in one use, and the one that Rule::Model stands for there.
struct RuleSet {
    std::vector<settings::Rule> possible; ///< never Model; of generation empty in old recordings
    settings::Rule standard = settings::Rule::Fixed;

    [[nodiscard]] bool operator==(const RuleSet&) const = default;
};

/// What a video model takes and makes.
struct ClipTraits {
    ClipSize size;                  ///< of a clip, in frames and pixels
    ClipSize patch;                 ///< of the pixels that become one token
    std::int32_t contextFrames = 0; ///< that it was trained to continue; 0: none
    std::int32_t classes = 0;       ///< labels; 0: none
    std::string clips; ///< name of the procedural clips that it was trained on; empty: not known

    [[nodiscard]] bool operator==(const ClipTraits&) const = default;
};

struct ModelInfo {
    std::string name;    ///< folder name
    std::string folder;  ///< absolute path; empty in a recording, which travels
    std::string family;  ///< model_type of docs/models.md: "llama", "mor_llama", "recursive_llama",
                         ///< "more", "more_baseline"
    std::string dtype;   ///< of the loaded weights
    std::string device;  ///< "cpu", "cuda:0"
    std::string kernels; ///< "cpu", "cuda (depthscope plug-in)"
    RouterKind router = RouterKind::None;
    std::string routerFunction;           ///< "sigmoid", "tanh", "softmax"; empty without router
    std::int64_t parameters = 0;          ///< distinct
    int layers = 0;                       ///< unrolled depth
    int recursions = 1;                   ///< 1 where there is no recursion
    int blockLayers = 0;                  ///< layers in the shared block
    int unsharedLayers = 0;               ///< layers outside the recursion (2 with Middle-Cycle)
    int kvWidth = 0;                      ///< numbers that a layer keeps of a token: 2·G·E
    int contextLength = 0;                ///< tokens
    int vocabulary = 0;                   ///< pieces
    int experts = 0;                      ///< E of a MORE model; 0 where there are none
    int expertsPerToken = 0;              ///< k of a MORE model
    std::vector<std::string> expertNames; ///< [experts]; empty: they have none
    std::optional<ClipTraits> clip;       ///< of a video model
    bool hasTokenizer = false;
    RuleSet passRules;                     ///< of a whole sequence
    RuleSet generationRules;               ///< token by token: causal ones
    std::vector<Fraction> trainedCapacity; ///< one per recursion; expert-choice only
    settings::KvPolicy trainedKv = settings::KvPolicy::Recursion;
    std::vector<settings::KvPolicy> kvPolicies; ///< that the model can run with; never Model
    std::vector<ParameterPart> parts;
    std::vector<int> sharedSlots; ///< weight slot of each unrolled layer (docs/routing.md 2.3)
    std::vector<std::pair<int, double>>
        flopsByPosition; ///< forward FLOPs of the token at a position, every recursion run
    std::vector<std::string> notes;     ///< what was inferred or is unusual about the checkpoint
    std::string recipe;                 ///< training.json verbatim; empty if there is none
    std::optional<HeldOutLoss> heldOut; ///< of text, as the recipe says; none: it does not

    /// Every recursion can give the logits, more of them than it was trained with too.
    [[nodiscard]] bool isLooped() const {
        return router == RouterKind::Exit || router == RouterKind::Change;
    }
};

} // namespace depthscope::spec
