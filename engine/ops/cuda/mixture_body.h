// SPDX-License-Identifier: MIT
// What MORE's mixture of one token needs besides products (docs/routing.md 1.2): the choice of its
// experts, and their weighted sum. One block each; fp32 sums, in a fixed order. Letters: D width, M
// experts, k of a token, N loops.
#pragma once

#include "engine/ops/cuda/rows_body.h"

namespace depthscope::ops::cuda {

inline constexpr int kMostExperts = 255;

/// Where the parts of every expert lie. It travels with the launch of the choice, which leaves the
/// chosen ones' in the GPU's memory.
struct ExpertTable {
    const void* parts[kMostExperts * kExpertParts];
};

/// Which of an expert's parts are which (ops/token.h).
enum ExpertPart : int {
    kAttentionNorm,
    kValue,
    kAttentionOut,
    kFeedForwardNorm,
    kGate,
    kUp,
    kDown,
    kSteps,
    kOutNorm
};

struct ChoiceArgs {
    const void* x;      ///< [D] of T
    const void* gain;   ///< [D] of T
    const void* router; ///< [M, D] of T
    double epsilon;
    std::int64_t width, experts, perToken;
    std::int64_t* index; ///< [k], the heaviest first
    float* exact;        ///< [k] weights, which sum to 1
    void* weight;        ///< [k] of T, the same
    const void** chosen; ///< [k, kExpertParts]
    float* state;        ///< [k, D]: norm(x) + the first step of each
    bool steps;          ///< there is a first step
};

/// out = x + the sum over the chosen, by ascending expert, of weight · norm(state).
struct MixingArgs {
    const void* x; ///< [D] of T
    void* out;     ///< [D] of T
    const float* state;
    const std::int64_t* index;
    const float* exact;
    const void* const* chosen;
    double epsilon;
    std::int64_t width, perToken;
};

namespace mixture {

DEPTHSCOPE_DEVICE float scaleOf(float squares, std::int64_t width, double epsilon) {
    return 1 / sqrtf(squares / static_cast<float>(width) + static_cast<float>(epsilon));
}

/// By one thread: the k largest of `logits` [M], which become e^(logit - most); the lowest index
/// first among equals.
DEPTHSCOPE_DEVICE void pick(const ChoiceArgs& args, float* logits) {
    float most = logits[0];
    for (std::int64_t m = 1; m < args.experts; ++m) {
        most = fmaxf(most, logits[m]);
    }
    for (std::int64_t m = 0; m < args.experts; ++m) {
        logits[m] = expf(logits[m] - most);
    }
    float total = 0;
    for (std::int64_t i = 0; i < args.perToken; ++i) {
        std::int64_t best = -1;
        for (std::int64_t m = 0; m < args.experts; ++m) {
            bool taken = false;
            for (std::int64_t j = 0; j < i; ++j) {
                taken = taken || args.index[j] == m;
            }
            best = !taken && (best < 0 || logits[m] > logits[best]) ? m : best;
        }
        args.index[i] = best;
        args.exact[i] = logits[best];
        total += logits[best];
    }
    for (std::int64_t i = 0; i < args.perToken; ++i) {
        args.exact[i] /= total;
    }
}

} // namespace mixture

/// The kernel that chooses: one block. Shared: a float a warp, then D, then M.
template <class T, class Thread>
DEPTHSCOPE_DEVICE void
choiceBody(Thread& thread, const ChoiceArgs& args, const ExpertTable& table) {
    const std::int64_t D = args.width;
    float *sums = thread.shared(), *h = sums + thread.count() / kWarp, *logits = h + D;
    const T* x = static_cast<const T*>(args.x);
    float squares = 0;
    for (std::int64_t c = thread.index(); c < D; c += thread.count()) {
        squares += widen(x[c]) * widen(x[c]);
    }
    const float scale = mixture::scaleOf(sumOfBlock(thread, squares, sums), D, args.epsilon);
    for (std::int64_t c = thread.index(); c < D; c += thread.count()) {
        h[c] = widen(x[c]) * scale * widen(static_cast<const T*>(args.gain)[c]);
    }
    thread.sync();
    const int lane = thread.index() % kWarp;
    for (std::int64_t m = thread.index() / kWarp; m < args.experts; m += thread.count() / kWarp) {
        const T* row = static_cast<const T*>(args.router) + m * D;
        float logit = 0;
        for (std::int64_t c = lane; c < D; c += kWarp) {
            logit += widen(row[c]) * h[c];
        }
        logit = sumAcross(thread, logit, kWarp);
        if (lane == 0) {
            logits[m] = logit;
        }
    }
    thread.sync();
    if (thread.index() == 0) {
        mixture::pick(args, logits);
        for (std::int64_t i = 0; i < args.perToken; ++i) {
            narrow(args.exact[i], static_cast<T*>(args.weight)[i]);
            for (int part = 0; part < kExpertParts; ++part) {
                args.chosen[i * kExpertParts + part] =
                    table.parts[args.index[i] * kExpertParts + part];
            }
        }
    }
    thread.sync();
    for (std::int64_t i = 0; i < args.perToken; ++i) {
        const T* step = static_cast<const T*>(args.chosen[i * kExpertParts + kSteps]);
        for (std::int64_t c = thread.index(); c < D; c += thread.count()) {
            args.state[i * D + c] = h[c] + (args.steps ? widen(step[c]) : 0);
        }
    }
}

/// The kernel that mixes: one block. Shared: a float a warp, then k.
template <class T, class Thread>
DEPTHSCOPE_DEVICE void mixingBody(Thread& thread, const MixingArgs& args) {
    const std::int64_t D = args.width;
    float *sums = thread.shared(), *scales = sums + thread.count() / kWarp;
    for (std::int64_t i = 0; i < args.perToken; ++i) {
        float squares = 0;
        for (std::int64_t c = thread.index(); c < D; c += thread.count()) {
            const float z = args.state[i * D + c];
            squares += z * z;
        }
        const float all = sumOfBlock(thread, squares, sums);
        if (thread.index() == 0) {
            scales[i] = mixture::scaleOf(all, D, args.epsilon) * args.exact[i];
        }
        thread.sync();
    }
    for (std::int64_t c = thread.index(); c < D; c += thread.count()) {
        float mixed = 0;
        std::int64_t last = -1;
        for (std::int64_t done = 0; done < args.perToken; ++done) {
            std::int64_t next = -1;
            for (std::int64_t i = 0; i < args.perToken; ++i) {
                const bool later = args.index[i] > last;
                next = later && (next < 0 || args.index[i] < args.index[next]) ? i : next;
            }
            last = args.index[next];
            const T* gain = static_cast<const T*>(args.chosen[next * kExpertParts + kOutNorm]);
            mixed += args.state[next * D + c] * scales[next] * widen(gain[c]);
        }
        narrow(widen(static_cast<const T*>(args.x)[c]) + mixed, static_cast<T*>(args.out)[c]);
    }
}

} // namespace depthscope::ops::cuda
