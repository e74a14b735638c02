// SPDX-License-Identifier: MIT
#include "engine/spec/video_macs.h"

#include "engine/spec/video_weights.h"

#include <algorithm>

namespace depthscope::spec {

namespace {

constexpr double kModulations = 6.0;

double squared(const VideoSpec& spec) {
    return static_cast<double>(spec.width) * static_cast<double>(spec.width);
}

/// Of a block's own projection, once for a side; with single modulation there is none.
double modulationMacs(const VideoSpec& spec) {
    return spec.modulation == Modulation::Block ? kModulations * squared(spec) : 0.0;
}

/// Stage 1: the mean of what the four experts may look at, as with an even load; a quarter of the
/// tokens needs the Motion expert's difference.
double patternMacs(const VideoSpec& spec, const SideWork& work) {
    const PatternExpertSpec& patterns = *spec.patterns;
    const auto d = static_cast<double>(spec.width);
    const auto tokens = static_cast<double>(work.tokens);
    const Extent3 grid = spec.grid();
    const auto inFrame = static_cast<double>(grid.rows * grid.columns);
    const double frames = static_cast<double>(work.tokens + work.given) / inFrame;
    constexpr double kNeighbours = 27.0;
    const double keys =
        (frames + inFrame + kNeighbours + static_cast<double>(patterns.registers) + 1.0) /
        kPatterns;
    const double perToken = 4.0 * squared(spec) + 2.0 * keys * d +
                            2.0 * static_cast<double>(patterns.mlpRatio) * squared(spec) +
                            kPatterns * d;
    return tokens * perToken + 0.25 * tokens * squared(spec) + modulationMacs(spec);
}

double recursionMacs(const VideoSpec& spec, const SideWork& work) {
    const VideoRecursionSpec& recursion = *spec.recursion;
    const auto d = static_cast<double>(spec.width);
    double macs = 0;
    double considered = static_cast<double>(work.tokens);
    const double hidden = static_cast<double>(routerHidden(recursion.router, spec.width));
    const bool isToken = recursion.router.type == RouterType::Token;
    const double out = isToken ? recursion.recursions : 1.0;
    const double scorer = hidden == 0.0 ? d * out : hidden * (d + out);
    for (std::size_t r = 0; r < work.active.size(); ++r) {
        const std::int64_t given =
            recursion.keys == RecursionKeys::Active
                ? (r < work.givenActive.size() ? work.givenActive[r] : work.given)
                : work.given + work.tokens - work.active[r];
        macs += static_cast<double>(recursion.blocks) *
                (blockMacs(spec, work.active[r], given) + modulationMacs(spec));
        if (recursion.hasRouter() && (!isToken || r == 0)) {
            macs += considered * scorer;
        }
        considered = static_cast<double>(work.active[r]);
    }
    return macs;
}

SideWork sideOf(const VideoSpec& spec, std::int64_t frames, std::int64_t givenFrames) {
    SideWork work;
    work.tokens = spec.gridOf(frames).count();
    work.given = spec.gridOf(givenFrames).count();
    work.active = plannedActive(spec, work.tokens);
    if (givenFrames > 0) {
        work.givenActive = plannedActive(spec, work.given);
    }
    return work;
}

} // namespace

double blockMacs(const VideoSpec& spec, std::int64_t tokens, std::int64_t given) {
    const auto d = static_cast<double>(spec.width);
    const auto n = static_cast<double>(tokens);
    const double weights = (4.0 + 2.0 * static_cast<double>(spec.mlpRatio)) * squared(spec);
    return n * (weights + 2.0 * static_cast<double>(tokens + given) * d);
}

std::vector<std::int64_t> plannedActive(const VideoSpec& spec, std::int64_t tokens) {
    std::vector<std::int64_t> active;
    if (!spec.recursion) {
        return active;
    }
    const VideoRecursionSpec& recursion = *spec.recursion;
    const bool ranks = settings::ranksTokens(recursion.rule);
    for (std::size_t r = 0; r < static_cast<std::size_t>(recursion.recursions); ++r) {
        const std::int64_t before = active.empty() ? tokens : active.back();
        const std::int64_t k = !ranks ? tokens
                               : recursion.router.rounding == CapacityRounding::Up
                                   ? recursion.capacity[r].ofUp(tokens)
                                   : recursion.capacity[r].of(tokens);
        active.push_back(std::clamp<std::int64_t>(k, 1, before));
    }
    return active;
}

SideWork wholeClip(const VideoSpec& spec) {
    return sideOf(spec, spec.clip.frames, 0);
}

SideWork contextSide(const VideoSpec& spec) {
    return sideOf(spec, spec.contextFrames, 0);
}

SideWork targetSide(const VideoSpec& spec) {
    return sideOf(spec, spec.clip.frames - spec.contextFrames, spec.contextFrames);
}

VideoMacs videoMacs(const VideoSpec& spec, const SideWork& work) {
    const auto d = static_cast<double>(spec.width);
    const double patches =
        static_cast<double>(work.tokens) * static_cast<double>(spec.patchValues()) * d;
    VideoMacs macs;
    macs.embed = patches + static_cast<double>(kTimeWidth) * d + squared(spec);
    if (spec.modulation == Modulation::Single) {
        macs.embed += kModulations * squared(spec);
    }
    // Alternating attention within frames and along time (Latte).
    const Extent3 grid = spec.grid();
    const std::int64_t inFrame = grid.rows * grid.columns;
    const auto blocks = [&](std::int64_t first, std::int64_t count) {
        double sum = 0;
        for (std::int64_t i = first; i < first + count; ++i) {
            double block = blockMacs(spec, work.tokens, work.given);
            if (spec.attention == VideoAttention::Factorised) {
                const std::int64_t keys =
                    i % 2 == 0 ? inFrame : (work.tokens + work.given) / inFrame;
                block = blockMacs(spec, work.tokens, keys - work.tokens);
            }
            sum += block + modulationMacs(spec);
        }
        return sum;
    };
    macs.entry = blocks(0, spec.entryBlocks);
    macs.exit = blocks(spec.entryBlocks, spec.exitBlocks);
    if (spec.patterns) {
        macs.patterns = patternMacs(spec, work);
    }
    if (spec.recursion) {
        macs.recursion = recursionMacs(spec, work);
    }
    macs.head = patches + 2.0 * squared(spec);
    return macs;
}

} // namespace depthscope::spec
