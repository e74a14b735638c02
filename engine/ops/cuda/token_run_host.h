// SPDX-License-Identifier: MIT
// depthscope::token_run and token_mixture_run by our kernels: memory for one token's way through
// the layers, and the launches over it, which are recorded once and replayed. Without a recording
// they are launched one by one. Engine thread.
#pragma once

#include "engine/ops/cuda/launcher.h"
#include "engine/ops/cuda/mixture_host.h"
#include "engine/ops/token_run.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace depthscope::ops::cuda {

/// Where a tensor's work goes.
using LauncherOf = std::function<std::shared_ptr<Launcher>(const at::Tensor&)>;

/// A token's way through layers that a subclass launches over the memory of this one.
class LaunchedRun : public TokenRun {
public:
    [[nodiscard]] at::Tensor run(const at::Tensor& x,
                                 const at::Tensor& cosine,
                                 const at::Tensor& sine,
                                 std::int64_t entries) final;

protected:
    /// q [H·E, D] and k [G·E, D] say the sizes, and q the type.
    LaunchedRun(LauncherOf launcherOf,
                const at::Tensor& q,
                const at::Tensor& k,
                at::TensorList keys,
                at::TensorList values,
                double epsilon);

    /// Everything that a recording holds: it neither allocates nor waits.
    virtual void launch(Launcher& launcher) const = 0;

    /// x += attention of a layer, whose gain, q, k, v and o these are.
    void attend(Launcher& launcher, at::TensorList parts, std::size_t layer) const;

    [[nodiscard]] const at::Tensor& state() const { return m_x; }

    [[nodiscard]] std::size_t layers() const { return m_keys.size(); }

    [[nodiscard]] double epsilon() const { return m_epsilon; }

private:
    void check(const at::Tensor& x, const at::Tensor& cosine, std::int64_t entries) const;
    void stage(Launcher& launcher,
               const at::Tensor& x,
               const at::Tensor& cosine,
               const at::Tensor& sine,
               std::int64_t entries) const;

    LauncherOf m_launcherOf;
    std::vector<at::Tensor> m_keys, m_values;
    double m_epsilon;
    at::Tensor m_x;              // [1, 1, D]
    at::Tensor m_cosine, m_sine; // [1, 1, E/2]
    at::Tensor m_made, m_mixed;  // float
    at::Tensor m_count;          // [1] int64: entries
    std::shared_ptr<void> m_recorded;
    int m_runs = 0;
};

/// Of decoder layers.
class LayersRun final : public LaunchedRun {
public:
    LayersRun(const LauncherOf& launcherOf,
              at::TensorList weights,
              at::TensorList keys,
              at::TensorList values,
              double epsilon);

private:
    void launch(Launcher& launcher) const override;

    std::vector<at::Tensor> m_weights;
    at::Tensor m_opened; // [1, F] float
};

/// Of blocks of MORE.
class BlocksRun final : public LaunchedRun {
public:
    BlocksRun(const LauncherOf& launcherOf,
              at::TensorList weights,
              at::TensorList experts,
              at::TensorList keys,
              at::TensorList values,
              MixtureShape shape,
              double epsilon);

    [[nodiscard]] std::pair<at::Tensor, at::Tensor> chosen() const override;

private:
    void launch(Launcher& launcher) const override;

    std::vector<at::Tensor> m_weights, m_experts;
    std::vector<Mixture> m_mixtures;
    at::Tensor m_index, m_weight; // [L, 1, 1, k]
};

} // namespace depthscope::ops::cuda
