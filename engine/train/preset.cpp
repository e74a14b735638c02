// SPDX-License-Identifier: MIT
#include "engine/train/preset.h"

#include "engine/base/error.h"

#include <algorithm>

namespace depthscope::train {

namespace {

models::ModelConfig demoShape() {
    models::ModelConfig model;
    model.vocabulary = 1024;
    model.width = 192;
    model.ffn = 512;
    model.layers = 8;
    model.heads = 6;
    model.kvHeads = 2;
    model.headDim = 32;
    model.context = 512;
    model.eosToken = 0;
    return model;
}

models::ModelConfig withRecursion(models::ModelConfig model, models::RouterType type) {
    model.family = models::Family::MorLlama;
    model.mor.type = type;
    model.recursion.count = 3;
    model.recursion.sharing = models::Sharing::MiddleCycle;
    if (type == models::RouterType::Expert) {
        model.mor.capacity = {{1, 1}, {2, 3}, {1, 3}};
        // Ten times the paper's: at this scale it separates the scores around the threshold at no
        // cost in loss.
        model.mor.auxCoefficient = 0.01;
    } else {
        model.mor.function = models::RouterFunction::Softmax;
        model.mor.alpha = 1.0;
        model.mor.balanceCoefficient = 0.1;
        model.mor.zLoss = true;
        model.mor.zCoefficient = 1e-5;
    }
    return model;
}

/// A model small enough for tests: seconds to train.
models::ModelConfig tinyShape() {
    models::ModelConfig model;
    model.vocabulary = 300;
    model.width = 32;
    model.ffn = 64;
    model.layers = 5;
    model.heads = 4;
    model.kvHeads = 2;
    model.headDim = 8;
    model.context = 64;
    model.eosToken = 0;
    return model;
}

Preset demo(std::string name, std::string help, models::ModelConfig model) {
    Preset preset;
    preset.name = std::move(name);
    preset.help = std::move(help);
    preset.model = std::move(model);
    preset.steps = 1800;
    preset.batch = 4;
    preset.sequence = 512; // the whole context, so that every position is trained
    return preset;
}

Preset tiny(std::string name, models::ModelConfig model) {
    Preset preset =
        demo(std::move(name), "a few seconds of training, for trying things out", std::move(model));
    preset.steps = 40;
    preset.batch = 4;
    preset.sequence = 48;
    preset.schedule.warmup = 5;
    preset.evaluateEvery = 20;
    preset.validationSequences = 4;
    preset.gradedBytes = 60'000;
    preset.vocabulary = 300;
    return preset;
}

models::ModelConfig tinyMor(models::RouterType type) {
    models::ModelConfig model = withRecursion(tinyShape(), type);
    model.recursion.count = 3;
    return model;
}

} // namespace

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all{
        demo("demo-vanilla", "the honest baseline: 8 layers of their own", demoShape()),
        demo("demo-mor-expert", "MoR, expert-choice, Middle-Cycle 1 + 2x3 + 1",
             withRecursion(demoShape(), models::RouterType::Expert)),
        demo("demo-mor-token", "MoR, token-choice, Middle-Cycle 1 + 2x3 + 1",
             withRecursion(demoShape(), models::RouterType::Token)),
        tiny("tiny-vanilla", tinyShape()),
        tiny("tiny-mor-expert", tinyMor(models::RouterType::Expert)),
        tiny("tiny-mor-token", tinyMor(models::RouterType::Token)),
    };
    return all;
}

const Preset& findPreset(const std::string& name) {
    std::string names;
    for (const Preset& preset : presets()) {
        if (preset.name == name) {
            return preset;
        }
        names += (names.empty() ? "" : ", ") + preset.name;
    }
    throw Error(ErrorCode::Usage, "unknown preset: " + name, "It is one of: " + names + ".");
}

double rateAt(const Schedule& schedule, std::int64_t step, std::int64_t steps) {
    const auto s = static_cast<double>(step) + 1.0;
    const auto total = static_cast<double>(steps);
    const double decay = schedule.decayShare * total;
    const double decayStart = total - decay;
    if (s <= static_cast<double>(schedule.warmup)) {
        return schedule.rate * s / static_cast<double>(schedule.warmup);
    }
    if (s <= decayStart || decay <= 0) {
        return schedule.rate;
    }
    return schedule.rate * std::max(0.0, 1.0 - (s - decayStart) / decay);
}

} // namespace depthscope::train
