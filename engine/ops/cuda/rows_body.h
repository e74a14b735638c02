// SPDX-License-Identifier: MIT
// Rows of matrices times one vector of each slot: every product of a token with weights. A group of
// 8 or 32 threads makes a row; a warp's groups take neighbours. The norm of the vector costs no
// pass of its own: each group sums the squares while it reads. fp32 sums, in a fixed order.
#pragma once

#include "engine/ops/cuda/block.h"

#include <cmath>

namespace depthscope::ops::cuda {

/// Matrices [rows, columns] of T, one below the other; or two of which the first gates the second.
struct RowsOf {
    const void* weights[3] = {};
    std::int64_t rows[3] = {};
    std::int64_t columns = 0;
    bool gated = false; ///< silu(weights[0] · x) · (weights[1] · x)
};

/// The vectors [slots, columns]: of T or, made by a kernel before, of floats.
struct RowsInput {
    const void* typed = nullptr;
    const float* wide = nullptr;
    const void* gain = nullptr; ///< x · rsqrt(mean(x²) + epsilon) · gain; null: as it is
    double epsilon = 0;
};

/// Where results go, [slots, rows], and what is added to them before.
struct RowsOutput {
    void* typed = nullptr;
    float* wide = nullptr;
    const void* addTyped = nullptr; ///< [slots, rows]
    const float* addWide = nullptr; ///< [slots, rows]
    const void* plus = nullptr;     ///< [rows] of T, for every slot
    std::int64_t repeat = 1;        ///< each head's results stand as often behind each other
    std::int64_t headDim = 1;
};

struct RowsArgs {
    RowsOf of;
    RowsInput input;
    RowsOutput output;
    int lanes = kWarp; ///< threads that make a row: 8 or 32
};

namespace rows {

/// What a thread adds up of a row.
struct Sums {
    float first = 0, second = 0, squares = 0;
};

/// Where row `row` of all lies.
template <class T>
DEPTHSCOPE_DEVICE const T* weightsOf(const RowsOf& of, std::int64_t row) {
    int matrix = 0;
    while (matrix < 2 && row >= of.rows[matrix]) {
        row -= of.rows[matrix++];
    }
    return static_cast<const T*>(of.weights[matrix]) + row * of.columns;
}

template <int Size>
DEPTHSCOPE_DEVICE float products(const float (&a)[Size], const float (&b)[Size], float sum) {
    DEPTHSCOPE_UNROLL
    for (int i = 0; i < Size; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

/// A thread's share of a row: every lanes-th pack. `row` is null where there is none.
template <class T, bool Wide, bool Typed>
DEPTHSCOPE_DEVICE Sums
share(const RowsArgs& args, const T* row, const T* second, std::int64_t slot, int lane) {
    constexpr int kSize = Pack<T, Wide>::kSize;
    const std::int64_t columns = args.of.columns;
    const T* typed = static_cast<const T*>(args.input.typed) + (Typed ? slot * columns : 0);
    const float* wide = args.input.wide + (Typed ? 0 : slot * columns);
    const T* gain = static_cast<const T*>(args.input.gain);
    Sums sums;
    if (row == nullptr) {
        return sums;
    }
    DEPTHSCOPE_UNROLL_BY_4
    for (std::int64_t c = static_cast<std::int64_t>(lane) * kSize; c < columns;
         c += static_cast<std::int64_t>(args.lanes) * kSize) {
        Pack<T, Wide> weight, x, by;
        load(row + c, weight);
        if (Typed) {
            load(typed + c, x);
        } else {
            loadFloats(wide + c, x);
        }
        if (gain != nullptr) {
            sums.squares = products(x.at, x.at, sums.squares);
            load(gain + c, by);
            for (int i = 0; i < kSize; ++i) {
                x.at[i] *= by.at[i];
            }
        }
        sums.first = products(weight.at, x.at, sums.first);
        if (second != nullptr) {
            load(second + c, weight);
            sums.second = products(weight.at, x.at, sums.second);
        }
    }
    return sums;
}

template <class T>
DEPTHSCOPE_DEVICE void
write(const RowsOutput& to, std::int64_t rows, std::int64_t slot, std::int64_t row, float value) {
    const std::int64_t at = slot * rows + row;
    if (to.addTyped != nullptr) {
        value += widen(static_cast<const T*>(to.addTyped)[at]);
    }
    if (to.addWide != nullptr) {
        value += to.addWide[at];
    }
    if (to.plus != nullptr) {
        value += widen(static_cast<const T*>(to.plus)[row]);
    }
    if (to.typed != nullptr) {
        narrow(value, static_cast<T*>(to.typed)[at]);
        return;
    }
    const std::int64_t head = row / to.headDim, element = row % to.headDim;
    for (std::int64_t i = 0; i < to.repeat; ++i) {
        to.wide[(slot * rows + head * to.headDim) * to.repeat + i * to.headDim + element] = value;
    }
}

} // namespace rows

/// The kernel. Threads of a warp take part in every exchange, also where their row is past the end.
template <class T, bool Wide, bool Typed, class Thread>
DEPTHSCOPE_DEVICE void rowsBody(Thread& thread, const RowsArgs& args) {
    const RowsOf& of = args.of;
    const std::int64_t all = of.gated ? of.rows[0] : of.rows[0] + of.rows[1] + of.rows[2];
    const std::int64_t slot = thread.slot();
    const int lane = thread.index() % args.lanes, warp = thread.index() / kWarp;
    const int ofWarp = kWarp / args.lanes, within = thread.index() % kWarp / args.lanes;
    const std::int64_t ofBlock = static_cast<std::int64_t>(thread.count()) / args.lanes;
    for (std::int64_t first = thread.block() * ofBlock + static_cast<std::int64_t>(warp) * ofWarp;
         first < all; first += thread.blocks() * ofBlock) {
        const std::int64_t row = first + within;
        const bool there = row < all;
        const T* weights = there ? rows::weightsOf<T>(of, row) : nullptr;
        const T* second =
            of.gated && there ? static_cast<const T*>(of.weights[1]) + row * of.columns : nullptr;
        const rows::Sums sums = rows::share<T, Wide, Typed>(args, weights, second, slot, lane);
        float value = sumAcross(thread, sums.first, args.lanes);
        float scale = 1;
        if (args.input.gain != nullptr) {
            const float squares = sumAcross(thread, sums.squares, args.lanes);
            scale = 1 / sqrtf(squares / static_cast<float>(of.columns) +
                              static_cast<float>(args.input.epsilon));
        }
        value *= scale;
        if (of.gated) {
            const float up = sumAcross(thread, sums.second, args.lanes) * scale;
            value = value / (1 + expf(-value)) * up;
        }
        if (there && lane == 0) {
            rows::write<T>(args.output, all, slot, row, value);
        }
    }
}

/// A recursive expert's parts where the rows of each slot find them (ops/token.h).
struct ExpertParts {
    const void* const* chosen; ///< [slots, kTokenExpertParts], in the GPU's memory
    int weights[2];            ///< which parts the matrices are
    int gain;                  ///< -1: none
    int plus;                  ///< -1: none
    std::int64_t plusRow;
};

inline constexpr int kExpertParts = 9;

/// The same with the weights of the expert that the slot's token chose.
template <class T, bool Wide, class Thread>
DEPTHSCOPE_DEVICE void
expertRowsBody(Thread& thread, const RowsArgs& asked, const ExpertParts& parts) {
    const void* const* own = parts.chosen + static_cast<std::int64_t>(thread.slot()) * kExpertParts;
    RowsArgs args = asked;
    args.of.weights[0] = own[parts.weights[0]];
    args.of.weights[1] = args.of.gated ? own[parts.weights[1]] : nullptr;
    args.input.gain = parts.gain < 0 ? nullptr : own[parts.gain];
    if (parts.plus >= 0) {
        args.output.plus =
            static_cast<const T*>(own[parts.plus]) + parts.plusRow * asked.of.rows[0];
    }
    rowsBody<T, Wide, false>(thread, args);
}

} // namespace depthscope::ops::cuda
