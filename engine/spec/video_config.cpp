// SPDX-License-Identifier: MIT
#include "engine/spec/video_config.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/spec/video_fields.h"
#include "engine/spec/video_macs.h"
#include "engine/spec/video_weights.h"

#include <string_view>

namespace depthscope::spec {

namespace {

constexpr std::uintmax_t kMaximumBytes = 1U << 20U;

/// What every model has, and its file must say.
bool isRequired(const VideoField& field) {
    for (const char* name :
         {"clip_frames", "clip_height", "clip_width", "patch_frames", "patch_height", "patch_width",
          "hidden_size", "num_attention_heads", "entry_blocks"}) {
        if (std::string_view(field.name) == name) {
            return true;
        }
    }
    return false;
}

/// The direction of t in every file: diffusion papers have both.
constexpr const char* kNoiseConvention = "1 is noise, 0 is data";

RuleSet rulesOf(const VideoSpec& spec) {
    using settings::Rule;
    if (!spec.recursion) {
        return {{Rule::Fixed}, Rule::Fixed};
    }
    const VideoRecursionSpec& recursion = *spec.recursion;
    if (!recursion.hasRouter()) {
        return {{Rule::Fixed}, Rule::Fixed};
    }
    if (recursion.rule == Rule::Token) {
        return {{Rule::Token, Rule::Fixed, Rule::Random}, Rule::Token};
    }
    return {{Rule::TopK, Rule::Fixed, Rule::Random}, recursion.rule};
}

ClipSize sizeOf(const Extent3& extent) {
    return {static_cast<std::int32_t>(extent.frames), static_cast<std::int32_t>(extent.rows),
            static_cast<std::int32_t>(extent.columns)};
}

ClipTraits traitsOf(const VideoSpec& spec) {
    return {sizeOf(spec.clip),
            sizeOf(spec.patch),
            static_cast<std::int32_t>(spec.contextFrames),
            static_cast<std::int32_t>(spec.classes),
            {}};
}

} // namespace

VideoSpec readVideoConfig(const std::filesystem::path& folder) {
    const JsonFile file(folder / "config.json", kMaximumBytes);
    const JsonField root = file.root();
    VideoSpec spec;
    spec.contextFrames = 0;
    for (const VideoField& field : videoFields()) {
        if (!field.matters(spec)) {
            continue;
        }
        if (const auto value = root.find(field.name)) {
            field.fromJson(spec, *value);
        } else if (isRequired(field)) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: {} is missing", root.where(), field.name),
                        "The configuration is incomplete: train the model again, or copy its "
                        "config.json again.");
        }
    }
    checkVideoSpec(spec, (folder / "config.json").string());
    return spec;
}

std::string videoConfigJson(const VideoSpec& spec, const std::string& dtype) {
    nlohmann::json root;
    for (const VideoField& field : videoFields()) {
        if (field.matters(spec)) {
            root[field.name] = field.toJson(spec);
        }
    }
    root["noise_level"] = kNoiseConvention;
    root["torch_dtype"] = dtype;
    return root.dump(1) + "\n";
}

ModelInfo describe(const VideoSpec& spec) {
    ModelInfo info;
    info.family = spec.family();
    if (spec.recursion && spec.recursion->hasRouter()) {
        const VideoRecursionSpec& recursion = *spec.recursion;
        const bool isToken = recursion.router.type == RouterType::Token;
        info.router = isToken ? RouterKind::Token : RouterKind::Expert;
        info.routerFunction = toString(recursion.router.function);
        if (settings::ranksTokens(recursion.rule)) {
            info.trainedCapacity = recursion.capacity;
        }
    }
    if (spec.patterns) {
        info.experts = kPatterns;
        info.expertsPerToken = 1;
        for (int e = 0; e < kPatterns; ++e) {
            info.expertNames.emplace_back(toString(static_cast<Pattern>(e)));
        }
    }
    info.clip = traitsOf(spec);
    info.passRules = rulesOf(spec);
    info.trainedKv = settings::KvPolicy::Recursion;
    info.kvPolicies = {settings::KvPolicy::Recursion};
    if (info.router != RouterKind::None) {
        info.trainedKv = policyOf(spec.recursion->keys);
        info.kvPolicies = {settings::KvPolicy::Recursion, settings::KvPolicy::Share,
                           settings::KvPolicy::Hybrid};
    }
    info.parts = plannedParameters(spec);
    for (const ParameterPart& part : info.parts) {
        info.parameters += part.count;
    }
    info.recursions = spec.recursions();
    info.blockLayers = spec.recursion ? static_cast<int>(spec.recursion->blocks) : 0;
    info.unsharedLayers =
        static_cast<int>(spec.entryBlocks + spec.exitBlocks + (spec.patterns ? 1 : 0));
    info.layers = info.unsharedLayers + info.blockLayers * info.recursions;
    info.contextLength = static_cast<int>(spec.grid().count());
    info.sharedSlots.reserve(static_cast<std::size_t>(info.layers));
    const int leading = info.unsharedLayers - static_cast<int>(spec.exitBlocks);
    for (int layer = 0; layer < info.layers; ++layer) {
        const int shared = layer - leading, recurring = info.blockLayers * info.recursions;
        info.sharedSlots.push_back(shared < 0           ? layer
                                   : shared < recurring ? leading + shared % info.blockLayers
                                                        : layer - recurring + info.blockLayers);
    }
    constexpr double kOperations = 2.0; // of a multiply-accumulate
    const double tokens = static_cast<double>(spec.grid().count());
    info.flopsByPosition = {{1, kOperations * videoMacs(spec, wholeClip(spec)).total() / tokens}};
    return info;
}

} // namespace depthscope::spec
