// SPDX-License-Identifier: MIT
#include "engine/train/trainer.h"

#include "engine/base/error.h"
#include "engine/nn/memory.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <utility>

namespace depthscope::train {

using models::LanguageModel;
using models::Pass;

namespace {

std::unique_ptr<LanguageModel> newModel(const Preset& preset) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    auto model = std::make_unique<LanguageModel>(preset.model,
                                                 models::randomWeights(preset.model, preset.seed));
    for (const models::DistinctWeight& weight :
         models::distinctWeights(preset.model, model->weights())) {
        weight.tensor.set_requires_grad(true);
    }
    return model;
}

std::unique_ptr<AdamW> newOptimizer(const Preset& preset, LanguageModel& model) {
    AdamSettings settings;
    settings.beta1 = preset.beta1;
    settings.beta2 = preset.beta2;
    settings.weightDecay = preset.weightDecay;
    settings.clip = preset.clip;
    return std::make_unique<AdamW>(models::distinctWeights(preset.model, model.weights()),
                                   settings);
}

constexpr std::uint64_t kValidationKey = 0x76616c6964617465ULL;

} // namespace

Trainer::Trainer(Preset preset, const data::Corpus& corpus)
    : m_preset(std::move(preset))
    , m_corpus(corpus)
    , m_model(newModel(m_preset))
    , m_optimizer(newOptimizer(m_preset, *m_model)) {
    const auto needed = static_cast<std::size_t>(m_preset.sequence) + 1;
    if (corpus.train.ids.size() < needed || corpus.validation.ids.size() < needed) {
        throw Error(ErrorCode::BadInput,
                    "the training data has " + std::to_string(corpus.train.ids.size()) +
                        " training and " + std::to_string(corpus.validation.ids.size()) +
                        " validation tokens; a sequence has " + std::to_string(m_preset.sequence),
                    "Give a longer text, or add --corpus graded.");
    }
}

Trainer::Batch Trainer::batchAt(const std::vector<std::int32_t>& tokens,
                                std::uint64_t key,
                                std::int64_t rows) const {
    data::SplitMix random(m_preset.seed * 0x9E3779B97F4A7C15ULL ^ key);
    const std::int64_t length = m_preset.sequence;
    const auto starts =
        static_cast<std::uint32_t>(tokens.size() - static_cast<std::size_t>(length));
    at::Tensor window = at::empty({rows, length + 1}, at::kLong);
    auto* data = window.mutable_data_ptr<std::int64_t>();
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::uint32_t start = random.below(starts);
        for (std::int64_t t = 0; t <= length; ++t) {
            *data++ = tokens[start + static_cast<std::size_t>(t)];
        }
    }
    return {window.narrow(1, 0, length).contiguous(), window.narrow(1, 1, length).contiguous()};
}

at::Tensor Trainer::lossOf(const Batch& batch, at::Tensor& languageLoss) const {
    Pass pass;
    pass.ids = batch.ids;
    pass.routing = models::resolveRouting(m_preset.model, {}, models::RoutingUse::Pass);
    pass.losses = true;
    pass.trace = false;
    m_model->run(pass);
    languageLoss =
        at::cross_entropy_loss(pass.logits.flatten(0, 1).to(at::kFloat), batch.targets.flatten());
    at::Tensor total = languageLoss;
    const models::MorConfig& mor = m_preset.model.mor;
    if (pass.routerLosses.aux.defined()) {
        total = total + pass.routerLosses.aux * mor.auxCoefficient;
    }
    if (pass.routerLosses.balance.defined()) {
        total = total + pass.routerLosses.balance * mor.balanceCoefficient;
    }
    if (pass.routerLosses.z.defined()) {
        total = total + pass.routerLosses.z * mor.zCoefficient;
    }
    return total;
}

void Trainer::step() {
    const c10::AutoGradMode grad(true);
    const Batch batch =
        batchAt(m_corpus.train.ids, static_cast<std::uint64_t>(m_step) + 1, m_preset.batch);
    at::Tensor languageLoss;
    const at::Tensor loss = lossOf(batch, languageLoss);
    loss.backward();
    const double norm = m_optimizer->step(rateAt(m_preset.schedule, m_step, m_preset.steps));
    const auto value = languageLoss.item<double>();
    if (!std::isfinite(value) || !std::isfinite(norm)) {
        throw Error(
            ErrorCode::Internal,
            "training stopped at step " + std::to_string(m_step + 1) + ": loss " +
                std::to_string(value) + ", gradient norm " + std::to_string(norm),
            "The last checkpoint is good. Lower the learning rate or resume with another seed.");
    }
    m_lossSum += value;
    ++m_lossCount;
    ++m_step;
}

Evaluation Trainer::evaluate() {
    const c10::NoGradGuard noGrad;
    double sum = 0;
    std::int64_t batches = 0;
    for (std::int64_t done = 0; done < m_preset.validationSequences; done += m_preset.batch) {
        const std::int64_t rows = std::min(m_preset.batch, m_preset.validationSequences - done);
        const Batch batch = batchAt(m_corpus.validation.ids,
                                    kValidationKey + static_cast<std::uint64_t>(done), rows);
        at::Tensor languageLoss;
        static_cast<void>(lossOf(batch, languageLoss));
        sum += languageLoss.item<double>();
        ++batches;
    }
    const double trainLoss =
        m_lossCount > 0 ? m_lossSum / static_cast<double>(m_lossCount) : std::nan("");
    m_lossSum = 0;
    m_lossCount = 0;
    return {m_step, trainLoss, sum / static_cast<double>(batches)};
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
    std::map<std::string, std::string> metadata = extra;
    metadata["preset"] = m_preset.name;
    metadata["step"] = std::to_string(m_step);
    metadata["steps"] = std::to_string(m_preset.steps);
    metadata["seed"] = std::to_string(m_preset.seed);
    metadata["train_tokens"] = std::to_string(m_corpus.train.ids.size());
    io::writeSafetensors(file, tensors, metadata);
}

std::map<std::string, std::string> Trainer::restore(const std::filesystem::path& file) {
    io::SafetensorsReader reader(file);
    std::map<std::string, std::string> metadata = reader.metadata();
    const auto mustMatch = [&](const char* key, const std::string& ours) {
        if (metadata[key] != ours) {
            throw Error(ErrorCode::BadInput,
                        file.string() + ": " + key + " is \"" + metadata[key] +
                            "\", this run has \"" + ours + "\"",
                        "Resume with the options that the run was started with, or choose another "
                        "--out folder.");
        }
    };
    mustMatch("preset", m_preset.name);
    mustMatch("steps", std::to_string(m_preset.steps));
    mustMatch("seed", std::to_string(m_preset.seed));
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
    try {
        m_step = std::stoll(metadata["step"]);
    } catch (const std::exception&) {
        throw Error(ErrorCode::BadInput, file.string() + ": step is no number",
                    "The checkpoint is damaged; start afresh.");
    }
    return metadata;
}

} // namespace depthscope::train
