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

/// And of a block of MORE, behind O.
enum BlockPart : std::size_t { MixtureGain = 5, Router };

/// `parts` tensors a layer.
void requireOneShape(at::TensorList weights, std::size_t parts) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
        TORCH_CHECK(weights[i].sizes() == weights[i % parts].sizes(),
                    "token_run: layers must have one shape");
    }
}

} // namespace

LaunchedRun::LaunchedRun(LauncherOf launcherOf,
                         const at::Tensor& q,
                         const at::Tensor& k,
                         at::TensorList keys,
                         at::TensorList values,
                         double epsilon)
    : m_launcherOf(std::move(launcherOf))
    , m_keys(keys.vec())
    , m_values(values.vec())
    , m_epsilon(epsilon)
    , m_x(at::empty({1, 1, q.size(1)}, q.options())) {
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        TORCH_CHECK(keys[i].sizes() == keys[0].sizes() && values[i].sizes() == keys[0].sizes() &&
                        keys[i].strides() == values[i].strides() && keys[i].stride(3) == 1,
                    "token_run: layers must have keys and values of one shape");
    }
    const at::TensorOptions floats = m_x.options().dtype(at::kFloat);
    m_cosine = at::empty({1, 1, keys[0].size(3) / 2}, m_x.options());
    m_sine = at::empty_like(m_cosine);
    m_made = at::empty({1, q.size(0) + 2 * k.size(0)}, floats);
    m_mixed = at::empty({1, q.size(0)}, floats);
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

void LaunchedRun::attend(Launcher& launcher, at::TensorList parts, std::size_t layer) const {
    // The grid is for a full cache; how many entries there are, the kernels read themselves.
    const std::int64_t room[] = {m_keys[0].size(2)};
    constexpr std::int64_t kAppends[] = {1};
    const std::int64_t heads = m_mixed.size(1) / m_keys[0].size(3);
    projectInto(launcher, m_x, parts[AttentionGain], parts.slice(Q, 3), m_epsilon, m_made);
    attendInto(
        launcher, m_made,
        {m_keys[layer], m_values[layer], room, kAppends, m_count.const_data_ptr<std::int64_t>()},
        {m_cosine, m_sine, heads}, m_mixed);
    addInto(launcher, m_x, parts[O], m_mixed, m_x);
}

at::Tensor LaunchedRun::run(const at::Tensor& x,
                            const at::Tensor& cosine,
                            const at::Tensor& sine,
                            std::int64_t entries) {
    check(x, cosine, entries);
    const std::shared_ptr<Launcher> launcher = m_launcherOf(m_x);
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

LayersRun::LayersRun(const LauncherOf& launcherOf,
                     at::TensorList weights,
                     at::TensorList keys,
                     at::TensorList values,
                     double epsilon)
    : LaunchedRun(launcherOf, weights[Q], weights[K], keys, values, epsilon)
    , m_weights(weights.vec()) {
    checkWeights("token_run", state(), weights);
    requireOneShape(weights, kTokenLayerParts);
    m_opened = at::empty({1, weights[Gate].size(0)}, state().options().dtype(at::kFloat));
}

void LayersRun::launch(Launcher& launcher) const {
    for (std::size_t layer = 0; layer < layers(); ++layer) {
        const at::TensorList part(&m_weights[layer * kTokenLayerParts], kTokenLayerParts);
        attend(launcher, part, layer);
        openInto(launcher, state(), part[FeedForwardGain], {part[Gate], part[Up]}, epsilon(),
                 m_opened);
        addInto(launcher, state(), part[Down], m_opened, state());
    }
}

BlocksRun::BlocksRun(const LauncherOf& launcherOf,
                     at::TensorList weights,
                     at::TensorList experts,
                     at::TensorList keys,
                     at::TensorList values,
                     MixtureShape shape,
                     double epsilon)
    : LaunchedRun(launcherOf, weights[Q], weights[K], keys, values, epsilon)
    , m_weights(weights.vec())
    , m_experts(experts.vec()) {
    checkWeights("token_mixture_run", state(), weights);
    requireOneShape(weights, kTokenBlockParts);
    const auto count = static_cast<std::int64_t>(layers());
    const std::size_t each = m_experts.size() / layers();
    m_index = at::empty({count, 1, 1, shape.perToken}, state().options().dtype(at::kLong));
    m_weight = at::empty(m_index.sizes(), state().options());
    for (std::size_t i = 0; i < layers(); ++i) {
        const at::TensorList part(&m_weights[i * kTokenBlockParts], kTokenBlockParts);
        const auto at = static_cast<std::int64_t>(i);
        m_mixtures.push_back(
            mixtureOf({state(), part[MixtureGain], part[Router], {&m_experts[i * each], each}},
                      {shape.perToken, shape.headDim, shape.loops}, epsilon,
                      {state(), m_index.select(0, at), m_weight.select(0, at)}));
    }
}

void BlocksRun::launch(Launcher& launcher) const {
    for (std::size_t block = 0; block < layers(); ++block) {
        attend(launcher, {&m_weights[block * kTokenBlockParts], kTokenBlockParts}, block);
        mixInto(launcher, m_mixtures[block]);
    }
}

std::pair<at::Tensor, at::Tensor> BlocksRun::chosen() const {
    return {m_index.clone(), m_weight.clone()};
}

} // namespace depthscope::ops::cuda
