// SPDX-License-Identifier: MIT
#include "engine/ops/cuda/token_run_host.h"

#include "engine/ops/cuda/token_launch.h"

#include <ATen/ATen.h>

#include <utility>

namespace depthscope::ops::cuda {

namespace {

constexpr unsigned kStageThreads = 256;

/// The parts of a layer in their order (ops/token_run.h).
enum Part : std::size_t { AttentionGain, Q, K, V, O, FeedForwardGain, Gate, Up, Down };

} // namespace

LaunchedRun::LaunchedRun(LauncherOf launcherOf,
                         at::TensorList weights,
                         at::TensorList keys,
                         at::TensorList values,
                         double epsilon)
    : m_launcherOf(std::move(launcherOf))
    , m_weights(weights.vec())
    , m_keys(keys.vec())
    , m_values(values.vec())
    , m_epsilon(epsilon) {
    const std::int64_t D = weights[Q].size(1), E = keys[0].size(3);
    m_x = at::empty({1, 1, D}, weights[Q].options());
    checkWeights("token_run", m_x, weights);
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        TORCH_CHECK(keys[i].sizes() == keys[0].sizes() && values[i].sizes() == keys[0].sizes() &&
                        keys[i].strides() == values[i].strides(),
                    "token_run: layers must have keys and values of one shape");
        for (std::size_t part = 0; part < kTokenLayerParts; ++part) {
            TORCH_CHECK(weights[i * kTokenLayerParts + part].sizes() == weights[part].sizes(),
                        "token_run: layers must have one shape");
        }
    }
    const at::TensorOptions floats = m_x.options().dtype(at::kFloat);
    m_cosine = at::empty({1, 1, E / 2}, m_x.options());
    m_sine = at::empty_like(m_cosine);
    const std::int64_t heads = weights[Q].size(0), own = weights[K].size(0);
    m_made = at::empty({1, heads + 2 * own}, floats);
    m_mixed = at::empty({1, heads}, floats);
    m_opened = at::empty({1, weights[Gate].size(0)}, floats);
    m_count = at::empty({1}, m_x.options().dtype(at::kLong));
}

void LaunchedRun::check(const at::Tensor& x, const at::Tensor& cosine, std::int64_t entries) const {
    TORCH_CHECK(x.sizes() == m_x.sizes() && x.scalar_type() == m_x.scalar_type() &&
                    cosine.sizes() == m_cosine.sizes() &&
                    cosine.scalar_type() == m_x.scalar_type() && entries >= 1 &&
                    entries <= m_keys[0].size(2),
                "token_run: a token of its layers, in room for its keys");
}

void LaunchedRun::stage(Launcher& launcher,
                        const at::Tensor& x,
                        const at::Tensor& cosine,
                        const at::Tensor& sine,
                        std::int64_t entries) const {
    StageArgs args;
    const std::pair<const at::Tensor*, const at::Tensor*> copies[] = {
        {&x, &m_x}, {&cosine, &m_cosine}, {&sine, &m_sine}};
    for (int i = 0; i < kMostStaged; ++i) {
        const auto& [from, to] = copies[i];
        args.from[i] = static_cast<const std::uint16_t*>(from->const_data_ptr());
        args.to[i] = static_cast<std::uint16_t*>(to->mutable_data_ptr());
        args.halves[i] = static_cast<std::int64_t>(to->nbytes() / sizeof(std::uint16_t));
    }
    args.count = m_count.mutable_data_ptr<std::int64_t>();
    args.value = entries;
    Grid grid;
    grid.threads = kStageThreads;
    launcher.stage(grid, args);
}

void LaunchedRun::launch(Launcher& launcher) const {
    // The grid is for a full cache; how many entries there are, the kernels read themselves.
    const std::int64_t room[] = {m_keys[0].size(2)};
    constexpr std::int64_t kAppends[] = {1};
    const std::int64_t heads = m_mixed.size(1) / m_keys[0].size(3);
    for (std::size_t layer = 0; layer < m_keys.size(); ++layer) {
        const at::TensorList part(&m_weights[layer * kTokenLayerParts], kTokenLayerParts);
        projectInto(launcher, m_x, part[AttentionGain], part.slice(Q, 3), m_epsilon, m_made);
        attendInto(launcher, m_made,
                   {m_keys[layer], m_values[layer], room, kAppends,
                    m_count.const_data_ptr<std::int64_t>()},
                   {m_cosine, m_sine, heads}, m_mixed);
        addInto(launcher, m_x, part[O], m_mixed, m_x);
        openInto(launcher, m_x, part[FeedForwardGain], {part[Gate], part[Up]}, m_epsilon, m_opened);
        addInto(launcher, m_x, part[Down], m_opened, m_x);
    }
}

at::Tensor LaunchedRun::run(const at::Tensor& x,
                            const at::Tensor& cosine,
                            const at::Tensor& sine,
                            std::int64_t entries) {
    check(x, cosine, entries);
    const std::unique_ptr<Launcher> launcher = m_launcherOf(m_x);
    stage(*launcher, x.contiguous(), cosine.contiguous(), sine.contiguous(), entries);
    // The first run loads the kernels, which a recording must not have to do.
    if (m_runs++ == 1) {
        m_recorded = launcher->record([this](Launcher& into) { launch(into); });
    }
    if (m_recorded != nullptr) {
        launcher->replay(m_recorded);
    } else {
        launch(*launcher);
    }
    return m_x.clone();
}

} // namespace depthscope::ops::cuda
