// SPDX-License-Identifier: MIT
// Tokens over their entries: a block a head of a token. It turns the query and the token's own key,
// writes that one and its value into the cache, and goes through the entries, each warp every n-th,
// by a running softmax; then the warps join. fp32 sums, in a fixed order. Letters: S tokens, H
// heads, G key-value heads, E head_dim.
#pragma once

#include "engine/ops/cuda/block.h"

#include <cmath>

namespace depthscope::ops::cuda {

/// A launch takes this many tokens: their entries travel with it.
inline constexpr int kMostAttending = 64;
inline constexpr std::int64_t kMostHeadDim = 256;

struct AttendedEntries {
    void* keys;   ///< [G, C, E]
    void* values; ///< [G, C, E]
    std::int64_t headStride, entryStride;
    std::int64_t entries;
    bool append; ///< the token's own key and value become the last of them
};

struct AttentionArgs {
    const float* made; ///< [S, madeWidth]: queries H·E, then, where made, keys and values G·E each
    const void* cosine; ///< [S, E/2]
    const void* sine;
    float* mixed;               ///< [S, H·E]
    const std::int64_t* counts; ///< entries of each token, instead of those below; null: below
    std::int64_t madeWidth, heads, kvHeads, headDim;
    AttendedEntries tokens[kMostAttending];
};

namespace attention {

DEPTHSCOPE_DEVICE std::int64_t entriesOf(const AttentionArgs& args, int slot) {
    return args.counts != nullptr ? args.counts[slot] : args.tokens[slot].entries;
}

/// Entries that are read at once, so that their loads overlap.
inline constexpr int kAtOnce = 4;

/// What a warp knows of the entries that it has seen: sum of e^(score - most) and of the values by
/// it. Of a head a thread has `Own` elements.
template <int Own>
struct Running {
    float most, sum;
    float mixed[Own];
};

inline unsigned sharedFloats(unsigned threads, std::int64_t headDim) {
    const unsigned warps = threads / kWarp, width = static_cast<unsigned>(headDim);
    return 3 * width + warps * (width + 2);
}

/// Element e of a head of `made`, turned.
template <class T>
DEPTHSCOPE_DEVICE float turned(const float* head, const T* cosine, const T* sine, int e, int half) {
    const int i = e % half;
    const float c = widen(cosine[i]), s = widen(sine[i]);
    return e < half ? head[e] * c - head[e + half] * s : head[e] * c + head[e - half] * s;
}

/// What the cache will hold of a number.
template <class T>
DEPTHSCOPE_DEVICE float kept(float value) {
    T stored;
    narrow(value, stored);
    return widen(stored);
}

/// The block's query, over sqrt(E), and the token's own key and value as the cache has them.
template <class T, class Thread>
DEPTHSCOPE_DEVICE void prepare(Thread& thread, const AttentionArgs& args, float* query) {
    const auto E = static_cast<int>(args.headDim);
    const std::int64_t head = thread.block(), group = args.heads / args.kvHeads;
    const std::int64_t slot = thread.slot(), kvHead = head / group;
    const AttendedEntries& to = args.tokens[slot];
    const float* made = args.made + slot * args.madeWidth;
    const T* cosine = static_cast<const T*>(args.cosine) + slot * (E / 2);
    const T* sine = static_cast<const T*>(args.sine) + slot * (E / 2);
    float *key = query + E, *value = key + E;
    const std::int64_t at =
        kvHead * to.headStride + (entriesOf(args, thread.slot()) - 1) * to.entryStride;
    for (int e = thread.index(); e < E; e += thread.count()) {
        query[e] = turned(made + head * E, cosine, sine, e, E / 2) / sqrtf(static_cast<float>(E));
        if (!to.append) {
            continue;
        }
        const float* keys = made + args.heads * E + kvHead * E;
        key[e] = kept<T>(turned(keys, cosine, sine, e, E / 2));
        value[e] = kept<T>(keys[args.kvHeads * E + e]);
        if (head % group == 0) {
            narrow(key[e], static_cast<T*>(to.keys)[at + e]);
            narrow(value[e], static_cast<T*>(to.values)[at + e]);
        }
    }
}

/// Entries first, first + step, .. of one warp, kAtOnce of them.
template <class T, int Own, class Thread>
DEPTHSCOPE_DEVICE void take(Thread& thread,
                            const AttentionArgs& args,
                            const float* query,
                            std::int64_t first,
                            Running<Own>& running) {
    const auto E = static_cast<int>(args.headDim);
    const AttendedEntries& to = args.tokens[thread.slot()];
    const std::int64_t step = thread.count() / kWarp, entries = entriesOf(args, thread.slot());
    const std::int64_t kvHead = thread.block() / (args.heads / args.kvHeads);
    const int lane = thread.index() % kWarp;
    float scores[kAtOnce], values[kAtOnce][Own];
    DEPTHSCOPE_UNROLL
    for (int i = 0; i < kAtOnce; ++i) {
        const std::int64_t entry = first + i * step;
        const bool there = entry < entries, own = to.append && entry == entries - 1;
        const std::int64_t at = kvHead * to.headStride + entry * to.entryStride;
        float score = 0;
        DEPTHSCOPE_UNROLL
        for (int j = 0; j < Own; ++j) {
            const int e = lane + j * kWarp;
            values[i][j] = 0;
            if (there && e < E) {
                const float key =
                    own ? query[E + e] : widen(static_cast<const T*>(to.keys)[at + e]);
                values[i][j] =
                    own ? query[2 * E + e] : widen(static_cast<const T*>(to.values)[at + e]);
                score += query[e] * key;
            }
        }
        score = sumAcross(thread, score, kWarp);
        scores[i] = there ? score : -INFINITY;
    }
    DEPTHSCOPE_UNROLL
    for (int i = 0; i < kAtOnce; ++i) {
        if (scores[i] == -INFINITY) {
            continue; // past the end: the first of them never is
        }
        const float most = fmaxf(running.most, scores[i]);
        const float before = expf(running.most - most), weight = expf(scores[i] - most);
        running.most = most;
        running.sum = running.sum * before + weight;
        DEPTHSCOPE_UNROLL
        for (int j = 0; j < Own; ++j) {
            running.mixed[j] = running.mixed[j] * before + weight * values[i][j];
        }
    }
}

/// The warps' findings, [warps, E + 2] in shared memory, into the block's place of `mixed`.
template <int Own, class Thread>
DEPTHSCOPE_DEVICE void
join(Thread& thread, const AttentionArgs& args, float* found, const Running<Own>& running) {
    const auto E = static_cast<int>(args.headDim);
    const int lane = thread.index() % kWarp, warp = thread.index() / kWarp;
    float* own = found + warp * (E + 2);
    DEPTHSCOPE_UNROLL
    for (int j = 0; j < Own; ++j) {
        if (lane + j * kWarp < E) {
            own[lane + j * kWarp] = running.mixed[j];
        }
    }
    if (lane == 0) {
        own[E] = running.most;
        own[E + 1] = running.sum;
    }
    thread.sync();
    const int warps = thread.count() / kWarp;
    float most = found[E];
    for (int w = 1; w < warps; ++w) {
        most = fmaxf(most, found[w * (E + 2) + E]);
    }
    for (int e = thread.index(); e < E; e += thread.count()) {
        float mixed = 0, sum = 0;
        for (int w = 0; w < warps; ++w) {
            const float* theirs = found + w * (E + 2);
            const float weight = expf(theirs[E] - most); // 0 of a warp that had no entry
            mixed += weight * theirs[e];
            sum += weight * theirs[E + 1];
        }
        args.mixed[(static_cast<std::int64_t>(thread.slot()) * args.heads + thread.block()) * E +
                   e] = mixed / sum;
    }
}

} // namespace attention

/// The kernel, for heads of at most Own * kWarp elements.
template <class T, int Own, class Thread>
DEPTHSCOPE_DEVICE void attentionBody(Thread& thread, const AttentionArgs& args) {
    float* query = thread.shared();
    attention::prepare<T>(thread, args, query);
    thread.sync();
    attention::Running<Own> running{-INFINITY, 0, {}};
    const std::int64_t warps = thread.count() / kWarp;
    const std::int64_t entries = attention::entriesOf(args, thread.slot());
    for (std::int64_t first = thread.index() / kWarp; first < entries;
         first += attention::kAtOnce * warps) {
        attention::take<T>(thread, args, query, first, running);
    }
    attention::join(thread, args, query + 3 * args.headDim, running);
}

} // namespace depthscope::ops::cuda
