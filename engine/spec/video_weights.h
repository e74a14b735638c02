// SPDX-License-Identifier: MIT
// The tensors of a video transformer, as plain structs over any type of tensor; their names and
// shapes are in video_declaration.h (docs/video_models.md). Letters: D width, E head width, P
// values of a patch, m ratio of the feed-forward width, R recursions, G registers, K classes.
#pragma once

#include "engine/spec/language_weights.h"
#include "engine/spec/video_spec.h"

#include <array>
#include <cstdint>
#include <vector>

namespace depthscope::spec {

/// A product with a bias.
template <class T>
struct LinearWeights {
    T weight; // [out, in]
    T bias;   // [out]
};

/// Attention of a block; the gains only where the spec has qkNorm.
template <class T>
struct VideoAttentionWeights {
    LinearWeights<T> qkv; // [3 D, D]: queries, keys, values
    LinearWeights<T> out; // [D, D]
    T queryGain;          // [E]
    T keyGain;            // [E]
};

template <class T>
struct FeedForwardWeights {
    LinearWeights<T> up;   // [m D, D]
    LinearWeights<T> down; // [D, m D]
};

/// What makes the six vectors beta1, gamma1, alpha1, beta2, gamma2, alpha2 of a block: its own
/// projection of SiLU(c), or a table that is added to the shared one's.
template <class T>
struct ModulationWeights {
    LinearWeights<T> projection; // [6 D, D]; Modulation::Block
    T table;                     // [6, D]; Modulation::Single
};

template <class T>
struct DitBlockWeights {
    ModulationWeights<T> modulation;
    VideoAttentionWeights<T> attention;
    FeedForwardWeights<T> feedForward;
};

/// Stage 1: shared attention, a feed-forward layer for each pattern.
template <class T>
struct PatternWeights {
    ModulationWeights<T> modulation;
    VideoAttentionWeights<T> attention;
    T motion; // [D, D], of the difference to the frame before, added to the Motion expert's query
    T registers; // [G, D], states whose keys and values the Context expert reads
    T router;    // [4, D]
    std::array<FeedForwardWeights<T>, kPatterns> experts;
    T tags;    // [4, D], added to a token by its pattern where the stack wants it
    T balance; // [4] fp32, the selection bias; no gradient moves it, it counts as no parameter
};

/// Stage 2.
template <class T>
struct VideoRecursionWeights {
    std::vector<DitBlockWeights<T>> stack; // [S]
    std::vector<std::vector<T>> routers;   // TopK, Random: R; Token: 1; the tensors of one router
    T steps;                               // [R, D], sigma_r, added to the conditioning
};

template <class T>
struct VideoWeights {
    LinearWeights<T> patch;      // [D, P]
    LinearWeights<T> time1;      // [D, 256]
    LinearWeights<T> time2;      // [D, D]
    T labels;                    // [K + 1, D]; the last row stands for none
    LinearWeights<T> modulation; // [6 D, D]; Modulation::Single
    std::vector<DitBlockWeights<T>> entry;
    PatternWeights<T> patterns;
    VideoRecursionWeights<T> recursion;
    std::vector<DitBlockWeights<T>> exit;
    LinearWeights<T> headModulation; // [2 D, D]: beta, gamma
    LinearWeights<T> head;           // [P, D]
};

/// Width of the sinusoid that a noise level becomes.
inline constexpr std::int64_t kTimeWidth = 256;

/// Hidden width of a router's MLP over states of width D; 0 for a linear one.
[[nodiscard]] std::int64_t routerHidden(const RouterSpec& router, std::int64_t width);

/// The parameters by part; the sum is the closed form of docs/video_models.md.
[[nodiscard]] std::vector<ParameterPart> plannedParameters(const VideoSpec& spec);

} // namespace depthscope::spec
