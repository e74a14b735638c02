// SPDX-License-Identifier: MIT
// The kernels over vectors of DEPTHSCOPE_VECTOR_BYTES; included by one source for each instruction
// set, inside an unnamed namespace so that no two sets share a symbol.
#pragma once

#include "engine/ops/cpu/kernels.h"

#include <cmath>
#include <cstring>
#include <initializer_list>

namespace {

using depthscope::ops::cpu::Brain;
using Vector = float __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
using Bits = std::uint32_t __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
constexpr std::int64_t kLanes = DEPTHSCOPE_VECTOR_BYTES / 4;

inline Vector load(const float* from) {
    Vector v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

/// 2·kLanes neighbouring elements, as the product takes them.
struct Pair {
    Vector first, second;
};

inline Pair loadPair(const float* from) {
    return {load(from), load(from + kLanes)};
}

/// A bfloat16 is the upper half of a float: the even ones shifted up, the odd ones with the lower
/// half cleared, which is half the work of widening them in order.
inline Pair loadPair(const Brain* from) {
    Bits two;
    std::memcpy(&two, from, sizeof two);
    const Bits even = two << 16U, odd = two & 0xFFFF0000U;
    Pair pair;
    std::memcpy(&pair.first, &even, sizeof even);
    std::memcpy(&pair.second, &odd, sizeof odd);
    return pair;
}

/// Columns for which x is put in order at a time.
constexpr std::int64_t kChunk = 4096;

/// x in the order of loadPair(const float*): as it is.
inline const float* arranged(const float* x, std::int64_t, float*, const float*) {
    return x;
}

/// x in the order of loadPair(const Brain*): the even ones of 2·kLanes, then the odd ones. The rest
/// stays in order.
inline const float* arranged(const float* x, std::int64_t count, float* buffer, const Brain*) {
    std::int64_t c = 0;
    for (; c + 2 * kLanes <= count; c += 2 * kLanes) {
        for (std::int64_t i = 0; i < kLanes; ++i) {
            buffer[c + i] = x[c + 2 * i];
            buffer[c + kLanes + i] = x[c + 2 * i + 1];
        }
    }
    for (; c < count; ++c) {
        buffer[c] = x[c];
    }
    return buffer;
}

inline float widen(float value) {
    return value;
}

inline float widen(Brain value) {
    const std::uint32_t bits = static_cast<std::uint32_t>(value) << 16U;
    float wide;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
}

using Quad = float __attribute__((vector_size(16)));

/// Lanes i, i + 4, i + 8 .. added.
inline Quad folded(Vector v) {
    Quad parts[kLanes / 4];
    std::memcpy(parts, &v, sizeof v);
    Quad total = parts[0];
    for (std::int64_t i = 1; i < kLanes / 4; ++i) {
        total += parts[i];
    }
    return total;
}

inline void addSums(const Vector (&v)[1], float* out) {
    const Quad total = folded(v[0]);
    out[0] += (total[0] + total[2]) + (total[1] + total[3]);
}

/// out += the sums of four vectors, at once: short rows would spend as long on adding up lane by
/// lane as on the product.
inline void addSums(const Vector (&v)[4], float* out) {
    const Quad a = folded(v[0]), b = folded(v[1]), c = folded(v[2]), d = folded(v[3]);
    const Quad ab =
        __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Quad cd =
        __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    Quad sums;
    std::memcpy(&sums, out, sizeof sums);
    sums +=
        __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    std::memcpy(out, &sums, sizeof sums);
}

/// out += rows · x, kRows rows at once: each load of x, which is arranged, serves all of them, and
/// their sums do not wait for each other. kAhead: how far to prefetch, in elements.
template <int kRows, int kAhead, class Element>
void dotSome(const Element* rows,
             std::int64_t stride,
             std::int64_t columns,
             const float* x,
             float* out) {
    Vector first[kRows] = {}, second[kRows] = {};
    std::int64_t c = 0;
    for (; c + 2 * kLanes <= columns; c += 2 * kLanes) {
        const Pair by = loadPair(x + c);
        for (int r = 0; r < kRows; ++r) {
            const Element* at = rows + r * stride + c;
            if constexpr (kAhead > 0) {
                __builtin_prefetch(at + kAhead);
            }
            const Pair weights = loadPair(at);
            first[r] += weights.first * by.first;
            second[r] += weights.second * by.second;
        }
    }
    for (int r = 0; r < kRows; ++r) {
        first[r] += second[r];
    }
    addSums(first, out);
    for (int r = 0; r < kRows; ++r) {
        for (std::int64_t tail = c; tail < columns; ++tail) {
            out[r] += widen(rows[r * stride + tail]) * x[tail];
        }
    }
}

/// Matrices of more bytes than this come from memory, where one stream in order is fastest.
constexpr std::int64_t kStreamed = 256 * 1024;

template <class Element>
void dot(const Element* rows,
         std::int64_t stride,
         std::int64_t count,
         std::int64_t columns,
         const float* x,
         float* out) {
    constexpr int kRows = 4, kAhead = 2048 / sizeof(Element);
    alignas(64) float buffer[kChunk];
    std::memset(out, 0, static_cast<std::size_t>(count) * sizeof(float));
    const bool streamed = count * columns * static_cast<std::int64_t>(sizeof(Element)) > kStreamed;
    for (std::int64_t c = 0; c < columns; c += kChunk) {
        const std::int64_t width = columns - c < kChunk ? columns - c : kChunk;
        const float* part = arranged(x + c, width, buffer, rows);
        std::int64_t r = 0;
        for (; !streamed && r + kRows <= count; r += kRows) {
            dotSome<kRows, 0>(rows + r * stride + c, stride, width, part, out + r);
        }
        for (; r < count; ++r) {
            dotSome<1, kAhead>(rows + r * stride + c, stride, width, part, out + r);
        }
    }
}

template <class Element>
void mix(const Element* rows,
         std::int64_t stride,
         std::int64_t count,
         std::int64_t columns,
         const float* weights,
         float* out) {
    for (std::int64_t r = 0; r < count; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
            out[c] += widen(rows[r * stride + c]) * weights[r];
        }
    }
}

float squares(const float* x, std::int64_t count) {
    float total = 0;
    dotSome<1, 0>(x, count, count, x, &total);
    return total;
}

/// Outside of ±this e^x is no normal number.
constexpr float kMostExponent = 87.0F;

/// exp(v) for v up to kMostExponent, to 2 units in the last place: 2^n · e^f, f within ln(2)/2 of
/// 0, by its Taylor polynomial of degree 7 (the rest is below 1e-8). Smaller v count as
/// -kMostExponent.
inline Vector exponential(Vector v) {
    using Whole = std::int32_t __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
    constexpr float kLog2E = 1.44269504F, kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
    v = v < -kMostExponent ? Vector{} - kMostExponent : v;
    const Vector half = v < 0.0F ? Vector{} - 0.5F : Vector{} + 0.5F;
    const Whole n = __builtin_convertvector(v * kLog2E + half, Whole);
    const Vector whole = __builtin_convertvector(n, Vector);
    const Vector f = v - whole * kLn2High - whole * kLn2Low;
    Vector sum = Vector{} + 1.0F / 5040;
    for (const float term : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F}) {
        sum = sum * f + term;
    }
    const Whole power = (n + 127) << 23;
    Vector scale;
    std::memcpy(&scale, &power, sizeof scale);
    return sum * scale;
}

/// A gate below -kMostExponent counts as that: silu is 0 there but for 1e-36.
void gated(float* gate, const float* up, std::int64_t count) {
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        Vector g = load(gate + i);
        g = g < -kMostExponent ? Vector{} - kMostExponent : g;
        const Vector product = g / (1.0F + exponential(-g)) * load(up + i);
        std::memcpy(gate + i, &product, sizeof product);
    }
    for (; i < count; ++i) {
        const float g = gate[i] < -kMostExponent ? -kMostExponent : gate[i];
        gate[i] = g / (1.0F + std::exp(-g)) * up[i];
    }
}

#include "engine/ops/cpu/diffusion_impl.h"
#include "engine/ops/cpu/listed_impl.h"

constexpr depthscope::ops::cpu::Kernels table(const char* name) {
    return {name,
            dot<float>,
            dot<Brain>,
            mix<float>,
            mix<Brain>,
            squares,
            gated,
            attendListed<float>,
            attendListed<double>,
            attendListedBack<float>,
            attendListedBack<double>,
            modulateRow,
            turnHead};
}

} // namespace
