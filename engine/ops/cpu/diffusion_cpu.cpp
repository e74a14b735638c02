// SPDX-License-Identifier: MIT
#include "engine/ops/cpu/diffusion_cpu.h"

#include "engine/ops/cpu/kernels.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace depthscope::ops::cpu {

namespace {

/// Numbers that a thread must have before another is woken.
constexpr std::int64_t kGrain = 32 * 1024;

std::int64_t rowsOfGrain(std::int64_t width) {
    return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, width));
}

/// From one clip to the next; 0 where all share one.
std::int64_t strideOf(const at::Tensor& x) {
    return x.size(0) == 1 ? 0 : x.stride(0);
}

} // namespace

at::Tensor modulatedNorm(const at::Tensor& x,
                         const at::Tensor& shift,
                         const at::Tensor& scale,
                         double epsilon) {
    const std::int64_t K = x.size(1), D = x.size(2);
    at::Tensor out = at::empty(x.sizes(), x.options());
    const float *from = x.const_data_ptr<float>(), *added = shift.const_data_ptr<float>(),
                *by = scale.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    const auto modulate = kernels().modulate;
    const std::int64_t addedStride = strideOf(shift), byStride = strideOf(scale);
    at::parallel_for(0, x.size(0) * K, rowsOfGrain(D), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t b = row / K;
            modulate({from + b * x.stride(0) + row % K * x.stride(1), added + b * addedStride,
                      by + b * byStride, D, static_cast<float>(epsilon)},
                     to + row * D);
        }
    });
    return out;
}

at::Tensor turnedHeads(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    const std::int64_t B = x.size(0), K = x.size(1), P = x.size(2), H = x.size(3), E = x.size(4);
    at::Tensor out = at::empty({P, B, H, K, E}, x.options());
    const float *from = x.const_data_ptr<float>(), *cosines = cosine.const_data_ptr<float>(),
                *sines = sine.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    const auto turn = kernels().turn;
    at::parallel_for(0, B * K, rowsOfGrain(P * H * E), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t b = row / K, k = row % K;
            const float* c = cosines + b * strideOf(cosine) + k * cosine.stride(1);
            const float* s = sines + b * strideOf(sine) + k * sine.stride(1);
            const float* token = from + b * x.stride(0) + k * x.stride(1);
            for (std::int64_t p = 0; p < P; ++p) {
                for (std::int64_t h = 0; h < H; ++h) {
                    turn(token + p * x.stride(2) + h * x.stride(3), c, s, E / 2,
                         to + (((p * B + b) * H + h) * K + k) * E);
                }
            }
        }
    });
    return out;
}

} // namespace depthscope::ops::cpu
