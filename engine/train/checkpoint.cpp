// SPDX-License-Identifier: MIT
// A trainer's state on disk: weights, moments, average, counters. The data cursor and every draw
// are functions of seed and step.
#include "engine/base/error.h"
#include "engine/spec/recipe.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdio>
#include <cstdlib>

namespace depthscope::train {

namespace {

/// Of the keys of a checkpoint that say what it was trained with.
const std::string kRecipe = "recipe.";

constexpr const char* kOtherOptions =
    "Resume with the options that the run was started with, or choose another --out folder.";

/// Hexadecimal: comes back bit for bit.
std::string exactText(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", value);
    return text;
}

} // namespace

void takeRecipe(const std::filesystem::path& checkpoint, spec::Preset& preset) {
    const io::SafetensorsReader reader(checkpoint);
    std::vector<settings::RecipeChange> recipe;
    for (const auto& [key, value] : reader.metadata()) {
        if (key.starts_with(kRecipe)) {
            recipe.push_back({key.substr(kRecipe.size()), value});
        }
    }
    const auto name = reader.metadata().find("preset");
    if (name != reader.metadata().end() && name->second != preset.name) {
        throw Error(ErrorCode::BadInput,
                    checkpoint.string() + ": preset is \"" + name->second + "\", this run has \"" +
                        preset.name + "\"",
                    kOtherOptions);
    }
    try {
        spec::changeRecipe(preset, recipe);
    } catch (const Error& error) {
        throw Error(ErrorCode::BadInput, checkpoint.string() + ": " + error.message(),
                    error.hint());
    }
}

void Trainer::saveCheckpoint(const std::filesystem::path& file,
                             const std::map<std::string, std::string>& extra) const {
    std::vector<io::NamedTensor> tensors;
    for (const models::DistinctWeight& weight :
         models::distinctWeights(m_preset.model, m_model->weights())) {
        tensors.push_back({weight.key, weight.tensor.detach()});
    }
    for (io::NamedTensor& moment : m_optimizer->state()) {
        tensors.push_back(std::move(moment));
    }
    if (m_auxOptimizer) {
        for (io::NamedTensor& moment : m_auxOptimizer->state()) {
            tensors.push_back(std::move(moment));
        }
    }
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        tensors.push_back({"average." + std::to_string(i), m_average[i]});
    }
    std::map<std::string, std::string> metadata = extra;
    metadata["preset"] = m_preset.name;
    for (const settings::RecipeField& field : spec::recipeFields(m_preset)) {
        metadata[kRecipe + field.name] = field.value;
    }
    metadata["step"] = std::to_string(m_step);
    metadata["steps"] = std::to_string(m_preset.steps);
    metadata["seed"] = std::to_string(m_preset.seed);
    metadata["flops"] = exactText(m_counted.flops);
    metadata["loss_sum"] = exactText(m_counted.lossSum);
    metadata["loss_count"] = std::to_string(m_counted.lossCount);
    metadata["train_tokens"] = std::to_string(m_corpus.train.ids.size());
    io::writeSafetensors(file, tensors, metadata);
}

std::map<std::string, std::string> Trainer::restore(const std::filesystem::path& file) {
    io::SafetensorsReader reader(file);
    std::map<std::string, std::string> metadata = reader.metadata();
    const auto mustMatch = [&](const std::string& key, const std::string& ours) {
        if (metadata[key] != ours) {
            throw Error(ErrorCode::BadInput,
                        file.string() + ": " + key + " is \"" + metadata[key] +
                            "\", this run has \"" + ours + "\"",
                        kOtherOptions);
        }
    };
    mustMatch("preset", m_preset.name);
    mustMatch("steps", std::to_string(m_preset.steps));
    mustMatch("seed", std::to_string(m_preset.seed));
    for (const settings::RecipeField& field : spec::recipeFields(m_preset)) {
        // What an older version did not write down was as the preset says.
        if (metadata.contains(kRecipe + field.name)) {
            mustMatch(kRecipe + field.name, field.value);
        }
    }
    mustMatch("train_tokens", std::to_string(m_corpus.train.ids.size()));
    const c10::NoGradGuard noGrad;
    for (models::DistinctWeight& weight :
         models::distinctWeights(m_preset.model, m_model->weights())) {
        const at::Tensor stored = reader.read(weight.key);
        if (stored.sizes() != weight.tensor.sizes()) {
            throw Error(ErrorCode::BadInput,
                        file.string() + ": tensor " + weight.key +
                            " has another shape than the model",
                        "The checkpoint belongs to another preset; choose another --out folder.");
        }
        weight.tensor.copy_(stored);
    }
    m_optimizer->restore(reader);
    if (m_auxOptimizer) {
        m_auxOptimizer->restore(reader);
    }
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        m_average[i].copy_(reader.read("average." + std::to_string(i)));
    }
    m_counted.flops = std::strtod(metadata["flops"].c_str(), nullptr);
    m_counted.lossSum = std::strtod(metadata["loss_sum"].c_str(), nullptr);
    m_counted.lossCount = std::strtoll(metadata["loss_count"].c_str(), nullptr, 10);
    try {
        m_step = std::stoll(metadata["step"]);
    } catch (const std::exception&) {
        throw Error(ErrorCode::BadInput, file.string() + ": step is no number",
                    "The checkpoint is damaged; start afresh.");
    }
    return metadata;
}

} // namespace depthscope::train
