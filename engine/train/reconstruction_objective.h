// SPDX-License-Identifier: MIT
// An autoencoder learns to reconstruct clips from few numbers (docs/video_models.md,
// "Autoencoder"): the mean squared error of its frames. Owns the model; the clips outlive it.
// Engine thread.
#pragma once

#include "engine/models/autoencoder.h"
#include "engine/spec/autoencoder_preset.h"
#include "engine/train/flow_objective.h"
#include "engine/train/objective.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::train {

class ReconstructionObjective final : public Objective {
public:
    /// A model with random weights of the preset's seed.
    ReconstructionObjective(spec::AutoencoderPreset preset,
                            ClipSets clips,
                            at::Device device = at::kCPU);

    [[nodiscard]] const spec::AutoencoderPreset& preset() const { return m_preset; }

    [[nodiscard]] const ClipSets& clips() const { return m_clips; }

    [[nodiscard]] models::Autoencoder& model() { return m_model; }

    [[nodiscard]] const models::Autoencoder& model() const { return m_model; }

    [[nodiscard]] std::vector<Weight> weights() override;

    [[nodiscard]] Loss loss(const MicroBatch& batch) override;

    /// Positions of latent frames.
    [[nodiscard]] std::int64_t tokens() const override {
        return m_preset.batch * m_preset.model.latentGrid().count();
    }

    /// val_loss; psnr_reconstruction and psnr_bicubic, the control's, in dB; share_above_bicubic.
    [[nodiscard]] std::vector<Metric> evaluate() override;

    [[nodiscard]] std::vector<Trait> traits() const override;

private:
    spec::AutoencoderPreset m_preset;
    ClipSets m_clips;
    models::Autoencoder m_model;
};

/// The preset as a checkpoint was trained with it. Throws Error{BadInput} naming file and reason.
void applyCheckpointRecipe(const std::filesystem::path& checkpoint,
                           spec::AutoencoderPreset& preset);

} // namespace depthscope::train
