// SPDX-License-Identifier: MIT
#include "engine/train/trainer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::train {

namespace {

/// Matrix products of a kind of device in bfloat16 while it lives.
class Autocast {
public:
    Autocast(bool on, at::DeviceType device)
        : m_on(on)
        , m_device(device) {
        if (m_on) {
            at::autocast::set_autocast_enabled(m_device, true);
            at::autocast::set_autocast_dtype(m_device, at::kBFloat16);
        }
    }

    ~Autocast() {
        if (m_on) {
            at::autocast::clear_cache();
            at::autocast::set_autocast_enabled(m_device, false);
        }
    }

    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

private:
    bool m_on;
    at::DeviceType m_device;
};

} // namespace

TrainerSettings trainerSettings(const spec::TrainingRecipe& recipe) {
    TrainerSettings settings;
    settings.steps = recipe.steps;
    settings.accumulate = recipe.accumulate;
    settings.evaluateEvery = recipe.evaluateEvery;
    settings.schedule = recipe.schedule;
    settings.adam.beta1 = recipe.beta1;
    settings.adam.beta2 = recipe.beta2;
    settings.adam.weightDecay = recipe.weightDecay;
    settings.adam.decayEverything = recipe.decayEverything;
    settings.adam.clip = recipe.clip;
    settings.average = recipe.average;
    settings.autocast = recipe.autocast;
    return settings;
}

Trainer::Trainer(TrainerSettings settings, Objective& objective)
    : m_settings(settings)
    , m_objective(objective)
    , m_weights(objective.weights()) {
    std::map<double, std::vector<Weight>> byRate;
    for (const Weight& weight : m_weights) {
        if (weight.rate > 0) {
            byRate[weight.rate].push_back(weight);
        }
    }
    for (auto& [rate, weights] : byRate) {
        m_optimizers.push_back({rate, AdamW(std::move(weights), m_settings.adam)});
    }
    if (m_settings.average > 0) {
        for (const Weight& weight : m_weights) {
            m_average.push_back(weight.tensor.detach().clone());
        }
    }
}

void Trainer::microBatch(std::int64_t index, double spent) {
    Loss loss;
    {
        const Autocast autocast(m_settings.autocast, m_weights.front().tensor.device().type());
        const double steps = static_cast<double>(m_step) / static_cast<double>(m_settings.steps);
        loss = m_objective.loss({m_step * m_settings.accumulate + index, m_settings.accumulate,
                                 m_settings.share, std::max(steps, spent)});
    }
    loss.total.backward();
    m_counted.flops += loss.flops;
    const auto value = loss.value.item<double>();
    if (!std::isfinite(value)) {
        stopNotFinite(value, m_optimizers.front().adam.notFinite());
    }
    m_counted.lossSum += value;
    ++m_counted.lossCount;
}

void Trainer::step() {
    while (!advance()) {
    }
}

void Trainer::dropStep() {
    if (m_parts > 0) {
        m_parts = 0;
        m_counted = m_atStep;
        dropGradients();
    }
}

void Trainer::dropGradients() {
    for (Optimizer& optimizer : m_optimizers) {
        optimizer.adam.dropGradients();
    }
}

bool Trainer::advance(double spent) {
    const c10::AutoGradMode grad(true);
    if (m_parts == 0) {
        m_atStep = m_counted;
    }
    microBatch(m_parts++, spent);
    if (m_parts < m_settings.accumulate) {
        return false;
    }
    m_parts = 0;
    const double rate = spec::rateAt(m_settings.schedule, m_step, m_settings.steps);
    for (Optimizer& optimizer : m_optimizers) {
        if (!std::isfinite(optimizer.adam.step(optimizer.rate * rate))) {
            stopNotFinite(m_counted.meanLoss(), optimizer.adam.notFinite());
        }
    }
    ++m_step;
    m_objective.stepped(m_step * m_settings.accumulate);
    updateAverage();
    return true;
}

void Trainer::stopNotFinite(double loss, const std::string& tensor) {
    dropGradients();
    throw Error(ErrorCode::BadInput,
                fmt::format("training stopped at step {}: loss {:f}{}", m_step + 1, loss,
                            tensor.empty()
                                ? ""
                                : fmt::format(", the gradient of {} is not finite", tensor)),
                "Earlier checkpoints are intact. Start again in another --out folder with a lower "
                "learning_rate or another seed.");
}

void Trainer::updateAverage() {
    // A young average would be little but the weights of the beginning: its decay rises with the
    // steps, as (1 + s)/(10 + s) (Polyak averaging of TensorFlow's ExponentialMovingAverage).
    constexpr double kYoung = 10.0;
    const auto steps = static_cast<double>(m_step);
    const double decay = std::min(m_settings.average, (1.0 + steps) / (kYoung + steps));
    const c10::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        m_average[i].lerp_(m_weights[i].tensor, 1.0 - decay);
    }
}

void Trainer::swapAverage() {
    const c10::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        const at::Tensor weight = m_weights[i].tensor.detach().clone();
        m_weights[i].tensor.copy_(m_average[i]);
        m_average[i].copy_(weight);
    }
}

void Trainer::withAverage(const std::function<void()>& use) {
    swapAverage();
    try {
        use();
    } catch (...) {
        swapAverage();
        throw;
    }
    swapAverage();
}

void Trainer::adoptAverage() {
    const c10::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        m_weights[i].tensor.copy_(m_average[i]);
    }
}

Evaluation Trainer::evaluate() {
    const c10::NoGradGuard noGrad;
    Evaluation evaluation;
    withAverage([&] { evaluation.metrics = m_objective.evaluate(); });
    evaluation.step = m_step;
    evaluation.tokens = m_step * tokensPerStep();
    evaluation.flops = m_counted.flops;
    evaluation.trainLoss = m_counted.lossCount > 0 ? m_counted.meanLoss() : std::nan("");
    m_counted.lossSum = 0;
    m_counted.lossCount = 0;
    return evaluation;
}

} // namespace depthscope::train
