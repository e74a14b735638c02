// SPDX-License-Identifier: MIT
#include "engine/ops/diffusion.h"

#include "engine/ops/cpu/diffusion_cpu.h"
#include "engine/ops/layer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <initializer_list>

namespace depthscope::ops {

namespace {

/// Whether the kernel can do it.
bool fuses(std::initializer_list<const at::Tensor*> tensors) {
    const bool learns = c10::GradMode::is_enabled();
    return std::all_of(tensors.begin(), tensors.end(), [learns](const at::Tensor* tensor) {
        return tensor->is_cpu() && tensor->scalar_type() == at::kFloat &&
               !(learns && tensor->requires_grad()) && tensor->stride(-1) == 1;
    });
}

} // namespace

at::Tensor modulatedNorm(const at::Tensor& x,
                         const at::Tensor& shift,
                         const at::Tensor& scale,
                         double epsilon) {
    TORCH_CHECK(x.dim() == 3 && shift.dim() == 3 && scale.dim() == 3 &&
                    shift.size(2) == x.size(2) && scale.size(2) == x.size(2),
                "modulated_norm: x must be [B, K, D], shift and scale [B, 1, D], got ", x.sizes(),
                ", ", shift.sizes(), " and ", scale.sizes());
    if (fuses({&x, &shift, &scale})) {
        return cpu::modulatedNorm(x, shift, scale, epsilon);
    }
    const at::Tensor normed = at::layer_norm(x, {x.size(-1)}, {}, {}, epsilon);
    return at::addcmul(shift, normed, scale + 1.0);
}

at::Tensor turnedHeads(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    TORCH_CHECK(x.dim() == 5 && cosine.dim() == 3 && cosine.sizes() == sine.sizes() &&
                    cosine.size(1) == x.size(1) && 2 * cosine.size(2) == x.size(4),
                "turned_heads: x must be [B, K, P, H, E], angles [1 or B, K, E/2], got ", x.sizes(),
                ", ", cosine.sizes(), " and ", sine.sizes());
    if (fuses({&x, &cosine, &sine})) {
        return cpu::turnedHeads(x, cosine, sine);
    }
    return rotateHalves(x.permute({2, 0, 3, 1, 4}), cosine.unsqueeze(1), sine.unsqueeze(1));
}

} // namespace depthscope::ops
