// SPDX-License-Identifier: MIT
// Rectified flow (Liu et al. 2023; docs/video_models.md): x_t = (1 - t) x_0 + t e, its velocity
// v = e - x_0, and what a network's output means. t = 0 is data, t = 1 noise. Pure functions;
// engine thread. Letters: B clips, N tokens, P values of a patch.
#pragma once

#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

namespace depthscope::models {

/// Noise levels below it count as it where a clean clip is turned into a velocity.
inline constexpr double kLeastNoise = 0.05;

/// t [B] as [B, 1, 1], to go with patches.
[[nodiscard]] at::Tensor overPatches(const at::Tensor& t);

/// (1 - t) clean + t noise. Patches [B, N, P], t [B].
[[nodiscard]] at::Tensor
noised(const at::Tensor& clean, const at::Tensor& noise, const at::Tensor& t);

/// What the network says of a side.
struct FlowOutput {
    at::Tensor output; ///< of the head, [B, N, P]
    at::Tensor noisy;  ///< x_t that it read, [B, N, P]
    at::Tensor t;      ///< [B]
    at::Tensor base;   ///< the last context frame in every frame, where the spec has residual
};

/// x0: the output (+ base); of a velocity x_t - t v. [B, N, P] float.
[[nodiscard]] at::Tensor cleanOf(const spec::VideoSpec& spec, const FlowOutput& flow);

/// v: the output; of a clean clip (x_t - x0) / max(t, 0.05). [B, N, P] float.
[[nodiscard]] at::Tensor velocityOf(const spec::VideoSpec& spec, const FlowOutput& flow);

/// The last frame of `context` [B, 3, T, X, Y] repeated, as patches of `frames` frames.
[[nodiscard]] at::Tensor
lastFramePatches(const spec::VideoSpec& spec, const at::Tensor& context, std::int64_t frames);

/// s t / (1 + (s - 1) t): towards noise for s > 1.
[[nodiscard]] at::Tensor shiftedTime(const at::Tensor& t, double shift);

} // namespace depthscope::models
