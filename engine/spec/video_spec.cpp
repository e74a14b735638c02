// SPDX-License-Identifier: MIT
#include "engine/spec/video_spec.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace depthscope::spec {

namespace {

constexpr std::int64_t kLargestSide = 1024;
constexpr std::int64_t kMostFrames = 256;
constexpr std::int64_t kMostTokens = 1 << 16;
constexpr std::int64_t kWidest = 1 << 14;
constexpr std::int64_t kMostBlocks = 256;
constexpr int kMostRecursions = 8;

template <class Enum, std::size_t Count>
std::string_view nameOf(const std::array<std::string_view, Count>& names, Enum value) {
    return names.at(static_cast<std::size_t>(value));
}

[[noreturn]] void
refuse(const std::string& file, const std::string& reason, const std::string& hint) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", file, reason), hint);
}

void requireRange(const std::string& file,
                  const char* field,
                  std::int64_t value,
                  std::int64_t least,
                  std::int64_t most) {
    if (value < least || value > most) {
        refuse(file, fmt::format("{} is {}", field, value),
               fmt::format("Must be from {} to {}.", least, most));
    }
}

void requireMultiple(const std::string& file,
                     const char* field,
                     std::int64_t clip,
                     std::int64_t patch) {
    if (clip % patch != 0) {
        refuse(file, fmt::format("{} {} is not a multiple of the patch's {}", field, clip, patch),
               "A clip is cut into whole patches.");
    }
}

void checkExtents(const VideoSpec& spec, const std::string& file) {
    requireRange(file, "clip_frames", spec.clip.frames, 1, kMostFrames);
    requireRange(file, "clip_height", spec.clip.rows, 1, kLargestSide);
    requireRange(file, "clip_width", spec.clip.columns, 1, kLargestSide);
    requireRange(file, "patch_frames", spec.patch.frames, 1, spec.clip.frames);
    requireRange(file, "patch_height", spec.patch.rows, 1, spec.clip.rows);
    requireRange(file, "patch_width", spec.patch.columns, 1, spec.clip.columns);
    requireMultiple(file, "clip_frames", spec.clip.frames, spec.patch.frames);
    requireMultiple(file, "clip_height", spec.clip.rows, spec.patch.rows);
    requireMultiple(file, "clip_width", spec.clip.columns, spec.patch.columns);
    requireRange(file, "the number of patches of a clip", spec.grid().count(), 1, kMostTokens);
    requireRange(file, "context_frames", spec.contextFrames, 0,
                 spec.clip.frames - spec.patch.frames);
    requireMultiple(file, "context_frames", spec.contextFrames, spec.patch.frames);
    if (spec.residual && spec.contextFrames == 0) {
        refuse(file, "residual needs context_frames",
               "Set context_frames, or switch residual off.");
    }
}

void checkSizes(const VideoSpec& spec, const std::string& file) {
    requireRange(file, "hidden_size", spec.width, 8, kWidest);
    requireRange(file, "num_attention_heads", spec.heads, 1, spec.width);
    requireRange(file, "mlp_ratio", spec.mlpRatio, 1, 64);
    requireRange(file, "classes", spec.classes, 0, 1 << 16);
    requireRange(file, "entry_blocks", spec.entryBlocks, 0, kMostBlocks);
    requireRange(file, "exit_blocks", spec.exitBlocks, 0, kMostBlocks);
    if (spec.width % (2 * spec.heads) != 0) {
        refuse(file,
               fmt::format("hidden_size {} is not a multiple of twice num_attention_heads {}",
                           spec.width, spec.heads),
               "The width is split evenly among the heads, and rotary positions need an even head "
               "width.");
    }
    if (spec.positions != VideoPositions::Rope3d && spec.width % 4 != 0) {
        refuse(file, fmt::format("hidden_size {} is not a multiple of 4", spec.width),
               "Sine-cosine positions need sines and cosines of two axes.");
    }
    if (spec.positions != VideoPositions::Sincos && spec.headWidth() < 6) {
        refuse(file, fmt::format("a head is {} wide", spec.headWidth()),
               "Rotary positions of three axes need heads of width 6 or more.");
    }
    if (!spec.isMore() && spec.entryBlocks + spec.exitBlocks == 0) {
        refuse(file, "entry_blocks and exit_blocks are 0", "Set entry_blocks to 1 or more.");
    }
}

void checkPatterns(const PatternExpertSpec& patterns, const std::string& file) {
    requireRange(file, "registers", patterns.registers, 0, 1024);
    requireRange(file, "expert_mlp_ratio", patterns.mlpRatio, 1, 64);
    const double factor = patterns.capacityFactor.value();
    if (!(factor > 0 && factor <= kPatterns)) {
        refuse(file, fmt::format("capacity_factor is {}", toString(patterns.capacityFactor)),
               "Must be above 0 and at most 4.");
    }
}

void checkNoise(const VideoRecursionSpec& recursion, const std::string& file) {
    double last = -1;
    for (const NoiseCapacity& entry : recursion.noise) {
        if (!(entry.above > last && entry.above >= 0 && entry.above < 1)) {
            refuse(file, "noise_capacity: the noise levels do not rise between 0 and 1",
                   "Write rising noise levels with a factor each, e.g. 0.875:7/10.");
        }
        if (!(entry.factor.value() > 0 && entry.factor.value() <= 1)) {
            refuse(file, fmt::format("noise_capacity: factor {}", toString(entry.factor)),
                   "Must be above 0 and at most 1.");
        }
        last = entry.above;
    }
}

void checkRecursion(const VideoSpec& spec, const std::string& file) {
    const VideoRecursionSpec& recursion = *spec.recursion;
    using settings::Rule;
    requireRange(file, "stack_blocks", recursion.blocks, 1, kMostBlocks);
    requireRange(file, "recursions", recursion.recursions, 1, kMostRecursions);
    if (spec.attention == VideoAttention::Factorised) {
        refuse(file, "factorised attention does not fit a routed stack",
               "A part of the tokens has no whole frames: use joint attention.");
    }
    const bool isToken = recursion.rule == Rule::Token;
    if (recursion.rule != Rule::TopK && !isToken && recursion.rule != Rule::Fixed &&
        recursion.rule != Rule::Random) {
        refuse(file, fmt::format("depth_rule is {}", settings::toString(recursion.rule)),
               "Valid: topk, token, fixed, random.");
    }
    if (recursion.hasRouter() && isToken != (recursion.router.type == RouterType::Token)) {
        refuse(file, "depth_rule and router do not fit together",
               "The rule token needs a token router, topk and random an expert router.");
    }
    if (recursion.hasRouter() && !isToken) {
        settings::checkCapacity(recursion.capacity);
        if (std::ssize(recursion.capacity) != recursion.recursions) {
            refuse(file,
                   fmt::format("capacity has {} entries for {} recursions",
                               recursion.capacity.size(), recursion.recursions),
                   "Write one for each recursion.");
        }
    }
    if (recursion.expertTags && !spec.patterns) {
        refuse(file, "expert_tags needs pattern experts", "Set expert_tags to false.");
    }
    checkNoise(recursion, file);
}

} // namespace

RouterSpec VideoRecursionSpec::videoRouter() {
    RouterSpec router;
    router.type = RouterType::Expert;
    router.function = RouterFunction::Sigmoid;
    router.alpha = 2.0; // a score of 1/2 adds the block's step as it is
    router.rounding = CapacityRounding::Up;
    router.movesTowards = true;
    return router;
}

Extent3 rotaryPairs(std::int64_t headWidth) {
    const std::int64_t pairs = headWidth / 2, third = pairs / 3;
    return {pairs - 2 * third, third, third};
}

std::vector<Fraction>
capacityAt(const VideoRecursionSpec& recursion, const std::vector<Fraction>& capacity, double t) {
    Fraction factor{1, 1};
    for (const NoiseCapacity& entry : recursion.noise) {
        if (t > entry.above) {
            factor = entry.factor;
        }
    }
    std::vector<Fraction> scaled = capacity;
    for (std::size_t r = 1; r < scaled.size(); ++r) {
        scaled[r] = {scaled[r].numerator * factor.numerator,
                     scaled[r].denominator * factor.denominator};
    }
    return scaled;
}

std::string noiseCapacityText(const std::vector<NoiseCapacity>& noise) {
    std::string text;
    for (const NoiseCapacity& entry : noise) {
        text +=
            fmt::format("{}{}:{}", text.empty() ? "" : ",", entry.above, toString(entry.factor));
    }
    return text;
}

std::vector<NoiseCapacity> parseNoiseCapacity(std::string_view text) {
    std::vector<NoiseCapacity> noise;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view entry = text.substr(0, comma);
        const std::size_t colon = entry.find(':');
        const std::optional<double> above = parseNumber<double>(entry.substr(0, colon));
        if (colon == std::string_view::npos || !above) {
            throw Error(
                ErrorCode::BadInput,
                fmt::format("noise_capacity: \"{}\" must be a noise level and a factor", entry),
                "For example: 0.875:7/10.");
        }
        noise.push_back({*above, parseFraction(entry.substr(colon + 1), "noise_capacity")});
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return noise;
}

void checkVideoSpec(const VideoSpec& spec, const std::string& file) {
    checkExtents(spec, file);
    checkSizes(spec, file);
    if (spec.patterns) {
        checkPatterns(*spec.patterns, file);
    }
    if (spec.recursion) {
        checkRecursion(spec, file);
    }
}

std::string_view toString(VideoPositions positions) {
    return nameOf<>(std::to_array<std::string_view>({"rope3d", "sincos", "both"}), positions);
}

std::string_view toString(VideoAttention attention) {
    return nameOf<>(std::to_array<std::string_view>({"joint", "factorised"}), attention);
}

std::string_view toString(Modulation modulation) {
    return nameOf<>(std::to_array<std::string_view>({"block", "single"}), modulation);
}

std::string_view toString(Prediction prediction) {
    return nameOf<>(std::to_array<std::string_view>({"x0", "v"}), prediction);
}

std::string_view toString(Pattern pattern) {
    return nameOf<>(std::to_array<std::string_view>({"temporal", "spatial", "motion", "context"}),
                    pattern);
}

namespace {

constexpr auto kPatternModes =
    std::to_array<std::string_view>({"token", "expert", "soft", "layer", "random"});

} // namespace

std::string_view toString(PatternMode mode) {
    return nameOf<>(kPatternModes, mode);
}

PatternMode parsePatternMode(std::string_view name) {
    const auto found = std::ranges::find(kPatternModes, name);
    if (found == kPatternModes.end()) {
        throw Error(ErrorCode::Usage, fmt::format("unknown choice of experts: {}", name),
                    fmt::format("Valid values: {}.", fmt::join(kPatternModes, ", ")));
    }
    return static_cast<PatternMode>(found - kPatternModes.begin());
}

std::string_view toString(PatternGate gate) {
    return nameOf<>(std::to_array<std::string_view>({"straight_through", "scaled"}), gate);
}

RecursionKeys keysOf(settings::KvPolicy policy, RecursionKeys trained) {
    switch (policy) {
    case settings::KvPolicy::Recursion:
        return RecursionKeys::Active;
    case settings::KvPolicy::Share:
        return RecursionKeys::Frozen;
    case settings::KvPolicy::Hybrid:
        return RecursionKeys::Mixed;
    case settings::KvPolicy::Latest:
    case settings::KvPolicy::Skip:
    case settings::KvPolicy::Last:
    case settings::KvPolicy::Compress:
    case settings::KvPolicy::Model:
        break;
    }
    return trained;
}

settings::KvPolicy policyOf(RecursionKeys keys) {
    switch (keys) {
    case RecursionKeys::Frozen:
        return settings::KvPolicy::Share;
    case RecursionKeys::Mixed:
        return settings::KvPolicy::Hybrid;
    case RecursionKeys::Active:
        break;
    }
    return settings::KvPolicy::Recursion;
}

std::string_view toString(RecursionKeys keys) {
    return nameOf<>(std::to_array<std::string_view>({"active", "frozen", "mixed"}), keys);
}

} // namespace depthscope::spec
