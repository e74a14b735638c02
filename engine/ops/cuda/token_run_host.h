// SPDX-License-Identifier: MIT
// depthscope::token_run by our kernels: memory for one token's way through the layers, and the
// launches over it, which are recorded once and replayed. Without a recording they are launched one
// by one. Engine thread.
#pragma once

#include "engine/ops/cuda/launcher.h"
#include "engine/ops/token_run.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

namespace depthscope::ops::cuda {

/// Where a tensor's work goes.
using LauncherOf = std::function<std::unique_ptr<Launcher>(const at::Tensor&)>;

class LaunchedRun final : public TokenRun {
public:
    LaunchedRun(LauncherOf launcherOf,
                at::TensorList weights,
                at::TensorList keys,
                at::TensorList values,
                double epsilon);

    [[nodiscard]] at::Tensor run(const at::Tensor& x,
                                 const at::Tensor& cosine,
                                 const at::Tensor& sine,
                                 std::int64_t entries) override;

private:
    void check(const at::Tensor& x, const at::Tensor& cosine, std::int64_t entries) const;
    void stage(Launcher& launcher,
               const at::Tensor& x,
               const at::Tensor& cosine,
               const at::Tensor& sine,
               std::int64_t entries) const;
    void launch(Launcher& launcher) const;

    LauncherOf m_launcherOf;
    std::vector<at::Tensor> m_weights, m_keys, m_values;
    double m_epsilon;
    at::Tensor m_x;                       // [1, 1, D]
    at::Tensor m_cosine, m_sine;          // [1, 1, E/2]
    at::Tensor m_made, m_mixed, m_opened; // float
    at::Tensor m_count;                   // [1] int64: entries
    std::shared_ptr<void> m_recorded;
    int m_runs = 0;
};

} // namespace depthscope::ops::cuda
