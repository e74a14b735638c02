// SPDX-License-Identifier: MIT
// The kernels over vectors of DEPTHSCOPE_VECTOR_BYTES; included by one source for each instruction
// set, inside an unnamed namespace so that no two sets share a symbol.
#pragma once

#include "engine/ops/cpu/kernels.h"

#include <cstring>

namespace {

using depthscope::ops::cpu::Brain;
using Vector = float __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
using Bits = std::uint32_t __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
using Halves = std::uint16_t __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES / 2)));
constexpr std::int64_t kLanes = DEPTHSCOPE_VECTOR_BYTES / 4;

inline Vector load(const float* from) {
    Vector v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

/// A bfloat16 is the upper half of a float.
inline Vector load(const Brain* from) {
    Halves half;
    std::memcpy(&half, from, sizeof half);
    const Bits bits = __builtin_convertvector(half, Bits) << 16U;
    Vector v;
    std::memcpy(&v, &bits, sizeof v);
    return v;
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

inline float sum(Vector v) {
    float total = 0;
    for (std::int64_t i = 0; i < kLanes; ++i) {
        total += v[i];
    }
    return total;
}

/// kRows rows at once: each load of x serves all of them, and their sums do not wait for each
/// other.
template <int kRows, class Element>
void dotSome(const Element* rows,
             std::int64_t stride,
             std::int64_t columns,
             const float* x,
             float* out) {
    Vector even[kRows] = {}, odd[kRows] = {};
    std::int64_t c = 0;
    for (; c + 2 * kLanes <= columns; c += 2 * kLanes) {
        const Vector first = load(x + c), second = load(x + c + kLanes);
        for (int r = 0; r < kRows; ++r) {
            even[r] += load(rows + r * stride + c) * first;
            odd[r] += load(rows + r * stride + c + kLanes) * second;
        }
    }
    for (; c + kLanes <= columns; c += kLanes) {
        for (int r = 0; r < kRows; ++r) {
            even[r] += load(rows + r * stride + c) * load(x + c);
        }
    }
    for (int r = 0; r < kRows; ++r) {
        float total = sum(even[r] + odd[r]);
        for (std::int64_t tail = c; tail < columns; ++tail) {
            total += widen(rows[r * stride + tail]) * x[tail];
        }
        out[r] = total;
    }
}

template <class Element>
void dot(const Element* rows,
         std::int64_t stride,
         std::int64_t count,
         std::int64_t columns,
         const float* x,
         float* out) {
    constexpr int kRows = 4;
    std::int64_t r = 0;
    for (; r + kRows <= count; r += kRows) {
        dotSome<kRows>(rows + r * stride, stride, columns, x, out + r);
    }
    for (; r < count; ++r) {
        dotSome<1>(rows + r * stride, stride, columns, x, out + r);
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
        const Element* row = rows + r * stride;
        std::int64_t c = 0;
        for (; c + kLanes <= columns; c += kLanes) {
            const Vector mixed = load(out + c) + load(row + c) * weights[r];
            std::memcpy(out + c, &mixed, sizeof mixed);
        }
        for (; c < columns; ++c) {
            out[c] += widen(row[c]) * weights[r];
        }
    }
}

constexpr depthscope::ops::cpu::Kernels table(const char* name) {
    return {name, dot<float>, dot<Brain>, mix<float>, mix<Brain>};
}

} // namespace
