// SPDX-License-Identifier: MIT
// Steps along the velocity of a flow, from noise (t = 1) to data (t = 0). Pure functions; engine
// thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace depthscope::generate {

enum class FlowSolver : std::uint8_t {
    Euler, ///< one evaluation a step, error of order 1
    Heun,  ///< two, error of order 2; the step to t = 0 is Euler's, where v may not be known
};

[[nodiscard]] constexpr FlowSolver solverOf(bool heun) {
    return heun ? FlowSolver::Heun : FlowSolver::Euler;
}

/// v(x, t), of the shape of x.
using Velocity = std::function<at::Tensor(const at::Tensor& x, double t)>;

/// x at `next`, from x at t.
[[nodiscard]] at::Tensor
flowStep(FlowSolver solver, const at::Tensor& x, double t, double next, const Velocity& velocity);

} // namespace depthscope::generate
