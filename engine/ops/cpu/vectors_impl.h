// SPDX-License-Identifier: MIT
// Vectors of DEPTHSCOPE_VECTOR_BYTES: how floats and bfloat16 get into them, and sums over their
// lanes; included by kernels_impl.h inside its unnamed namespace.
#pragma once

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
