// SPDX-License-Identifier: MIT
#include "engine/train/motion_objective.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <numeric>
#include <utility>

namespace depthscope::train {

namespace {

constexpr int kTime = 2;

/// Each clip's frames in an order that is neither theirs nor its reverse, which is motion too;
/// every eighth clip becomes noise.
at::Tensor incoherent(const at::Tensor& frames, at::Generator& generator) {
    constexpr std::int64_t kNoiseEvery = 8;
    const at::Tensor inOrder = at::arange(frames.size(kTime));
    std::vector<at::Tensor> clips;
    for (std::int64_t i = 0; i < frames.size(0); ++i) {
        if (i % kNoiseEvery == 0) {
            clips.push_back(at::rand(frames[i].sizes(), generator, frames.options()) * 2 - 1);
            continue;
        }
        at::Tensor order = inOrder;
        while (at::equal(order, inOrder) || at::equal(order, inOrder.flip(0))) {
            order = at::randperm(inOrder.numel(), generator, inOrder.options());
        }
        clips.push_back(frames[i].index_select(kTime - 1, order));
    }
    return at::stack(clips);
}

struct Question {
    at::Tensor logits; ///< [n, answers]
    at::Tensor labels; ///< [n] int64
};

/// Of clips in order all questions; whether they are in order also of clips that are not.
std::vector<Question> ask(const evaluate::MotionFeatures& net,
                          const at::Tensor& frames,
                          const at::Tensor& labels,
                          at::Generator& generator) {
    const auto answers = net.answers(net.features(frames));
    std::vector<Question> questions;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        questions.push_back({answers.at(i), labels.select(1, static_cast<int>(i))});
    }
    Question& order = questions.at(evaluate::kOrderAnswer);
    const auto mixed = net.answers(net.features(incoherent(frames, generator)));
    order.logits = at::cat({order.logits, mixed.at(evaluate::kOrderAnswer)});
    order.labels = at::cat({order.labels, at::ones_like(order.labels)});
    return questions;
}

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
    at::Generator generator =
        at::make_generator<at::CPUGeneratorImpl>(passSeed(m_recipe.seed, batch.index, batch.share));
    Loss loss;
    loss.value = at::zeros({}, at::kFloat);
    for (const Question& question : ask(m_net, seen.frames, seen.labels, generator)) {
        loss.value = loss.value + at::cross_entropy_loss(question.logits, question.labels);
    }
    loss.total = loss.value / static_cast<double>(batch.parts);
    return loss;
}

std::vector<Metric> MotionObjective::evaluate() {
    const c10::NoGradGuard noGrad;
    std::vector<std::uint64_t> numbers(static_cast<std::size_t>(m_recipe.validationClips));
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
    const Seen seen = see(m_validation, numbers);
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(m_recipe.seed);
    std::vector<Metric> metrics{{"val_loss", 0, "nats"}};
    for (const Question& question : ask(m_net, seen.frames, seen.labels, generator)) {
        metrics.front().value +=
            at::cross_entropy_loss(question.logits, question.labels).item<double>();
        const at::Tensor isRight = question.logits.argmax(1).eq(question.labels);
        metrics.push_back({"accuracy[" + std::to_string(metrics.size()) + "]",
                           isRight.to(at::kDouble).mean().item<double>(), "share"});
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
