// SPDX-License-Identifier: MIT
#include "engine/generate/flow_solver.h"

#include <ATen/ATen.h>

namespace depthscope::generate {

at::Tensor
flowStep(FlowSolver solver, const at::Tensor& x, double t, double next, const Velocity& velocity) {
    const double delta = next - t;
    const at::Tensor v = velocity(x, t);
    const at::Tensor ahead = x + v * delta;
    if (solver == FlowSolver::Euler || next <= 0) {
        return ahead;
    }
    return x + (v + velocity(ahead, next)) * (delta / 2);
}

} // namespace depthscope::generate
