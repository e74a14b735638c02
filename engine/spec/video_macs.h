// SPDX-License-Identifier: MIT
// Multiply-accumulates of a video transformer by closed form (docs/video_models.md): products with
// weights, scores and weighted sums of attention, routers, modulation; norms and activations are
// left out. What the literature of diffusion transformers calls "Gflops" are these. Pure functions;
// any thread.
#pragma once

#include "engine/spec/video_spec.h"

#include <cstdint>
#include <vector>

namespace depthscope::spec {

/// Of one forward pass over one clip, by stage.
struct VideoMacs {
    double embed = 0; ///< patches, noise level and label
    double entry = 0;
    double patterns = 0;  ///< Stage 1
    double recursion = 0; ///< Stage 2
    double exit = 0;
    double head = 0;

    [[nodiscard]] double total() const {
        return embed + entry + patterns + recursion + exit + head;
    }
};

/// One side of a clip: tokens that see each other and the keys of the tokens of before.
struct SideWork {
    std::int64_t tokens = 0;
    std::int64_t given = 0;           ///< tokens whose keys and values are at hand: the context's
    std::vector<std::int64_t> active; ///< Stage 2, at each recursion; more_dit
    std::vector<std::int64_t> givenActive; ///< of the context, at each recursion
};

/// k of each recursion for so many tokens: what the capacities ask for, none under the rules that
/// do not rank (all tokens).
[[nodiscard]] std::vector<std::int64_t> plannedActive(const VideoSpec& spec, std::int64_t tokens);

/// Every frame noisy: the figure of papers, and of `video probe`.
[[nodiscard]] SideWork wholeClip(const VideoSpec& spec);
/// The clean frames, and what is predicted from them once their keys are kept.
[[nodiscard]] SideWork contextSide(const VideoSpec& spec);
[[nodiscard]] SideWork targetSide(const VideoSpec& spec);

[[nodiscard]] VideoMacs videoMacs(const VideoSpec& spec, const SideWork& work);

/// Of one block over `tokens` that attend to themselves and to `given` more.
[[nodiscard]] double blockMacs(const VideoSpec& spec, std::int64_t tokens, std::int64_t given);

} // namespace depthscope::spec
