// SPDX-License-Identifier: MIT
#include "engine/train/motion_objective.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <numeric>
#include <utility>

namespace depthscope::train {

namespace {

constexpr int kTime = 2;

} // namespace

MotionObjective::MotionObjective(MotionRecipe recipe,
                                 evaluate::ClipSource training,
                                 evaluate::ClipSource validation)
    : m_recipe(std::move(recipe))
    , m_training(std::move(training))
    , m_validation(std::move(validation))
    , m_net(m_recipe.seed) {
    for (const evaluate::NamedWeight& weight : m_net.weights()) {
        weight.tensor.set_requires_grad(true);
    }
}

std::vector<Weight> MotionObjective::weights() {
    std::vector<Weight> weights;
    for (const evaluate::NamedWeight& weight : m_net.weights()) {
        weights.push_back({weight.name, weight.tensor});
    }
    return weights;
}

MotionObjective::Seen MotionObjective::see(const evaluate::ClipSource& source,
                                           const std::vector<std::uint64_t>& numbers) const {
    std::vector<data::Clip> clips;
    std::vector<at::Tensor> labels;
    for (const std::uint64_t number : numbers) {
        clips.push_back(source(number));
        const auto known = evaluate::motionLabels(clips.back(), m_recipe.firstFrame);
        labels.push_back(at::tensor(at::ArrayRef<std::int64_t>(known), at::kLong));
    }
    const at::Tensor pixels = evaluate::batchOf(clips).pixels;
    return {pixels.narrow(kTime, m_recipe.firstFrame, pixels.size(kTime) - m_recipe.firstFrame),
            at::stack(labels)};
}

Loss MotionObjective::loss(const MicroBatch& batch) {
    const std::vector<std::uint32_t> drawn =
        drawRows(batchKey(m_recipe.seed, batch.index), UINT32_MAX, m_recipe.batch, batch.share);
    const Seen seen = see(m_training, std::vector<std::uint64_t>(drawn.begin(), drawn.end()));
    const auto answers = m_net.answers(m_net.features(seen.frames));
    Loss loss;
    loss.value = at::zeros({}, at::kFloat);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        loss.value = loss.value + at::cross_entropy_loss(
                                      answers.at(i), seen.labels.select(1, static_cast<int>(i)));
    }
    loss.total = loss.value / static_cast<double>(batch.parts);
    return loss;
}

std::vector<Metric> MotionObjective::evaluate() {
    const c10::NoGradGuard noGrad;
    std::vector<std::uint64_t> numbers(static_cast<std::size_t>(m_recipe.validationClips));
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
    const Seen seen = see(m_validation, numbers);
    const auto answers = m_net.answers(m_net.features(seen.frames));
    std::vector<Metric> metrics{{"val_loss", 0, "nats"}};
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const at::Tensor labels = seen.labels.select(1, static_cast<int>(i));
        metrics.front().value += at::cross_entropy_loss(answers.at(i), labels).item<double>();
        metrics.push_back({"accuracy[" + std::to_string(i + 1) + "]",
                           answers.at(i).argmax(1).eq(labels).to(at::kDouble).mean().item<double>(),
                           "share"});
    }
    return metrics;
}

std::vector<Trait> MotionObjective::traits() const {
    return {{"seed", std::to_string(m_recipe.seed)},
            {"data", m_recipe.clips},
            {"first_frame", std::to_string(m_recipe.firstFrame)},
            {"batch", std::to_string(m_recipe.batch)}};
}

} // namespace depthscope::train
