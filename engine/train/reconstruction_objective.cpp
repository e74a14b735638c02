// SPDX-License-Identifier: MIT
#include "engine/train/reconstruction_objective.h"

#include "engine/evaluate/reconstruction_score.h"
#include "engine/nn/memory.h"
#include "engine/train/checkpoint_recipe.h"
#include "engine/train/draws.h"

#include <ATen/ATen.h>

#include <utility>

namespace depthscope::train {

namespace {

models::Autoencoder newModel(const spec::AutoencoderPreset& preset, at::Device device) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    models::AutoencoderWeights weights =
        models::randomAutoencoderWeights(preset.model, preset.seed);
    models::convertWeights(preset.model, weights, device, at::kFloat);
    for (const models::DistinctWeight& weight : models::weightsOf(preset.model, weights)) {
        weight.tensor.set_requires_grad(true);
    }
    return {preset.model, std::move(weights)};
}

} // namespace

ReconstructionObjective::ReconstructionObjective(spec::AutoencoderPreset preset,
                                                 ClipSets clips,
                                                 at::Device device)
    : m_preset(std::move(preset))
    , m_clips(std::move(clips))
    , m_model(newModel(m_preset, device)) {}

std::vector<Weight> ReconstructionObjective::weights() {
    std::vector<Weight> weights;
    for (models::DistinctWeight& weight : models::weightsOf(m_preset.model, m_model.weights())) {
        weights.push_back({std::move(weight.key), std::move(weight.tensor)});
    }
    return weights;
}

Loss ReconstructionObjective::loss(const MicroBatch& batch) {
    const std::vector<std::uint32_t> drawn =
        drawRows(batchKey(m_preset.seed, batch.index), m_clips.count, m_preset.batch, batch.share);
    const at::Tensor pixels =
        evaluate::batchOf(m_clips.training, std::vector<std::uint64_t>(drawn.begin(), drawn.end()))
            .pixels.to(m_model.device());
    const at::Tensor made = m_model.decode(m_model.encode(pixels)).to(at::kFloat);
    constexpr double kOperations = 2.0, kForwardAndBackward = 3.0;
    Loss loss;
    loss.value = at::mse_loss(made, pixels);
    loss.total = loss.value / static_cast<double>(batch.parts);
    loss.flops = kOperations * kForwardAndBackward * spec::autoencoderMacs(m_preset.model).total() *
                 static_cast<double>(m_preset.batch);
    return loss;
}

std::vector<Metric> ReconstructionObjective::evaluate() {
    evaluate::ReconstructionScoring scoring;
    scoring.clips = m_preset.validationClips;
    scoring.batch = m_preset.batch;
    scoring.similarity = false;
    evaluate::ReconstructionScorer scorer(m_model, m_clips.validation, scoring);
    while (scorer.step()) {
    }
    const evaluate::ReconstructionScore score = scorer.score();
    return {{"val_loss", score.loss, "squared error"},
            {"psnr_reconstruction", score.psnr, "dB"},
            {"psnr_bicubic", score.psnrControl, "dB"},
            {"share_above_bicubic", score.shareAboveControl, "share"}};
}

std::vector<Trait> ReconstructionObjective::traits() const {
    std::vector<Trait> traits{
        {"preset", m_preset.name}, {"seed", std::to_string(m_preset.seed)}, {"data", m_clips.name}};
    addRecipe(spec::recipeFields(m_preset), traits);
    return traits;
}

void applyCheckpointRecipe(const std::filesystem::path& checkpoint,
                           spec::AutoencoderPreset& preset) {
    applyStoredRecipe(checkpoint, preset);
}

} // namespace depthscope::train
