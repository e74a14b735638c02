// SPDX-License-Identifier: MIT
// What a layer does to every element between its products (ops/layer.h): a thread an element or a
// pair, in turns where there are more. Computed in fp32, or in fp64 for fp64.
#pragma once

#include "engine/ops/cuda/block.h"

#include <cmath>

namespace depthscope::ops::cuda {

DEPTHSCOPE_DEVICE double widen(double value) {
    return value;
}

DEPTHSCOPE_DEVICE void narrow(double value, double& to) {
    to = value;
}

/// Of e.
DEPTHSCOPE_DEVICE float power(float value) {
    return expf(value);
}

DEPTHSCOPE_DEVICE double power(double value) {
    return exp(value);
}

/// Dimensions before the last.
inline constexpr int kMostOuter = 5;

struct RotateArgs {
    const void* x;      ///< [outer.., 2 half], any strides but 1 in the last dimension
    const void* cosine; ///< [outer.., half], likewise; stride 0 where it is the same for all
    const void* sine;
    void* out; ///< [outer.., 2 half], contiguous
    std::int64_t sizes[kMostOuter], xStrides[kMostOuter], cosineStrides[kMostOuter],
        sineStrides[kMostOuter]; ///< the last first
    std::int64_t half, pairs;
};

struct GatedArgs {
    const void* gradient; ///< null: forwards
    const void* gate;
    const void* up;
    void* out;   ///< backwards by gate
    void* outUp; ///< backwards
    std::int64_t count;
};

/// A thread a pair. X, Angle, Out: types of x, of the angles, and of the result.
template <class X, class Angle, class Out, class Thread>
DEPTHSCOPE_DEVICE void rotateBody(Thread& thread, const RotateArgs& args) {
    const std::int64_t step = static_cast<std::int64_t>(thread.blocks()) * thread.count();
    for (std::int64_t pair =
             static_cast<std::int64_t>(thread.block()) * thread.count() + thread.index();
         pair < args.pairs; pair += step) {
        const std::int64_t i = pair % args.half, row = pair / args.half;
        std::int64_t rest = row, x = i, cosine = i, sine = i;
        for (int d = 0; d < kMostOuter; ++d) {
            const std::int64_t at = rest % args.sizes[d];
            rest /= args.sizes[d];
            x += at * args.xStrides[d];
            cosine += at * args.cosineStrides[d];
            sine += at * args.sineStrides[d];
        }
        const auto c = widen(static_cast<const Angle*>(args.cosine)[cosine]);
        const auto s = widen(static_cast<const Angle*>(args.sine)[sine]);
        const auto a = widen(static_cast<const X*>(args.x)[x]);
        const auto b = widen(static_cast<const X*>(args.x)[x + args.half]);
        Out* out = static_cast<Out*>(args.out) + row * 2 * args.half + i;
        narrow(a * c - b * s, out[0]);
        narrow(b * c + a * s, out[args.half]);
    }
}

template <class T, class Thread>
DEPTHSCOPE_DEVICE void gatedBody(Thread& thread, const GatedArgs& args) {
    const std::int64_t step = static_cast<std::int64_t>(thread.blocks()) * thread.count();
    for (std::int64_t i =
             static_cast<std::int64_t>(thread.block()) * thread.count() + thread.index();
         i < args.count; i += step) {
        const auto gate = widen(static_cast<const T*>(args.gate)[i]);
        const auto up = widen(static_cast<const T*>(args.up)[i]);
        const auto share = 1 / (1 + power(-gate)); // sigmoid
        T* out = static_cast<T*>(args.out);
        if (args.gradient == nullptr) {
            narrow(gate * share * up, out[i]);
            continue;
        }
        const auto gradient = widen(static_cast<const T*>(args.gradient)[i]);
        narrow(gradient * up * share * (1 + gate * (1 - share)), out[i]);
        narrow(gradient * gate * share, static_cast<T*>(args.outUp)[i]);
    }
}

} // namespace depthscope::ops::cuda
