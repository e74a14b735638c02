// SPDX-License-Identifier: MIT
// The operators of layer.h written in ATen: what the CPU runs, and a kernel falls back to for types
// that it lacks. Any thread.
#pragma once

#include <ATen/ATen.h>

#include <tuple>

namespace depthscope::ops::formulas {

[[nodiscard]] inline at::Tensor
rotateHalves(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    const auto halves = x.chunk(2, -1);
    return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine},
                   -1);
}

[[nodiscard]] inline at::Tensor gated(const at::Tensor& gate, const at::Tensor& up) {
    return at::silu(gate) * up;
}

[[nodiscard]] inline std::tuple<at::Tensor, at::Tensor>
gatedBackward(const at::Tensor& gradient, const at::Tensor& gate, const at::Tensor& up) {
    return {at::silu_backward(gradient * up, gate), gradient * at::silu(gate)};
}

} // namespace depthscope::ops::formulas
