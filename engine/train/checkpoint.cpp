// SPDX-License-Identifier: MIT
// A trainer's state on disk: weights, moments, average, counters. Every draw is a function of seed
// and step.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdio>
#include <cstdlib>

namespace depthscope::train {

namespace {

/// Hexadecimal: comes back bit for bit.
std::string exactText(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", value);
    return text;
}

} // namespace

void requireSame(const std::filesystem::path& checkpoint,
                 const std::string& key,
                 const std::string& stored,
                 const std::string& ours) {
    if (stored != ours) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("{}: {} is \"{}\"; this run has \"{}\"", checkpoint.string(), key, stored,
                        ours),
            "Resume with the options the run was started with, or choose another --out folder.");
    }
}

void Trainer::saveCheckpoint(const std::filesystem::path& file,
                             const std::map<std::string, std::string>& extra) const {
    std::vector<io::NamedTensor> tensors;
    for (const Weight& weight : m_weights) {
        tensors.push_back({weight.key, weight.tensor.detach()});
    }
    for (const Optimizer& optimizer : m_optimizers) {
        for (io::NamedTensor& moment : optimizer.adam.state()) {
            tensors.push_back(std::move(moment));
        }
    }
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        tensors.push_back({"average." + std::to_string(i), m_average[i]});
    }
    std::map<std::string, std::string> metadata = extra;
    for (const Trait& trait : m_objective.traits()) {
        metadata[trait.key] = trait.value;
    }
    metadata["step"] = std::to_string(m_step);
    metadata["steps"] = std::to_string(m_settings.steps);
    metadata["flops"] = exactText(m_counted.flops);
    metadata["loss_sum"] = exactText(m_counted.lossSum);
    metadata["loss_count"] = std::to_string(m_counted.lossCount);
    io::writeSafetensors(file, tensors, metadata);
}

std::map<std::string, std::string> Trainer::restore(const std::filesystem::path& file) {
    io::SafetensorsReader reader(file);
    std::map<std::string, std::string> metadata = reader.metadata();
    requireSame(file, "steps", metadata["steps"], std::to_string(m_settings.steps));
    for (const Trait& trait : m_objective.traits()) {
        if (trait.required || metadata.contains(trait.key)) {
            requireSame(file, trait.key, metadata[trait.key], trait.value);
        }
    }
    const c10::NoGradGuard noGrad;
    for (Weight& weight : m_weights) {
        restoreTensor(reader, weight.key, weight.tensor);
    }
    for (Optimizer& optimizer : m_optimizers) {
        optimizer.adam.restore(reader);
    }
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        restoreTensor(reader, "average." + std::to_string(i), m_average[i]);
    }
    m_counted.flops = std::strtod(metadata["flops"].c_str(), nullptr);
    m_counted.lossSum = std::strtod(metadata["loss_sum"].c_str(), nullptr);
    m_counted.lossCount = std::strtoll(metadata["loss_count"].c_str(), nullptr, 10);
    try {
        m_step = std::stoll(metadata["step"]);
    } catch (const std::exception&) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: step must be a number", file.string()),
                    "The checkpoint is damaged; start a new training.");
    }
    return metadata;
}

} // namespace depthscope::train
