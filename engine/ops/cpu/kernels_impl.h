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
using depthscope::ops::cpu::Rows;

#include "engine/ops/cpu/vectors_impl.h"

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
void dot(const Rows<Element>& matrix, const float* x, float* out) {
    const auto [rows, stride, count, columns] = matrix;
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
void mix(const Rows<Element>& matrix, const float* weights, float* out) {
    const auto [rows, stride, count, columns] = matrix;
    for (std::int64_t r = 0; r < count; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
            out[c] += widen(rows[r * stride + c]) * weights[r];
        }
    }
}

#include "engine/ops/cpu/gated_impl.h"

float squares(const float* x, std::int64_t count) {
    float total = 0;
    dotSome<1, 0>(x, count, count, x, &total);
    return total;
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
