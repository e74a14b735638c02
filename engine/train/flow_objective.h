// SPDX-License-Identifier: MIT
// Rectified flow of a video model over clips (docs/video_models.md, "Training"): noised frames,
// with or without clean frames before them, become the clean clip. Owns the model; the clips
// outlive it. Engine thread.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/models/flow.h"
#include "engine/models/video_model.h"
#include "engine/spec/video_preset.h"
#include "engine/train/objective.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::train {

/// What is learned, and what it is measured on.
struct ClipSets {
    evaluate::ClipSource training;
    evaluate::ClipSource validation;
    std::uint32_t count = UINT32_MAX; ///< clips to draw from
    std::string name;                 ///< for checkpoints
};

class FlowObjective final : public Objective {
public:
    /// A model with random weights of the preset's seed.
    FlowObjective(spec::VideoPreset preset, ClipSets clips, at::Device device = at::kCPU);

    [[nodiscard]] const spec::VideoPreset& preset() const { return m_preset; }

    [[nodiscard]] const ClipSets& clips() const { return m_clips; }

    [[nodiscard]] models::VideoModel& model() { return m_model; }

    [[nodiscard]] const models::VideoModel& model() const { return m_model; }

    [[nodiscard]] std::vector<Weight> weights() override;

    /// `value` is the weighted squared error w(t) |x0^ - x0|², w(t) = min(1/t², cap); of a model
    /// that predicts the velocity |v^ - v|². The total adds aligned routing and the losses of
    /// balance.
    [[nodiscard]] Loss loss(const MicroBatch& batch) override;

    /// Moves the selection bias of the pattern experts against the shares since the last step.
    void stepped(std::int64_t microBatches) override;

    [[nodiscard]] std::int64_t tokens() const override {
        return m_preset.batch * m_preset.model.grid().count();
    }

    /// val_loss (the training loss at eight noise levels), flow_loss[i] (|v^ - v|² at those
    /// levels), psnr_prediction and psnr_copy_last in dB, share_above_copy; with a depth router
    /// and clips whose objects are known depth_auc, of depth against motion: which of its two
    /// states the router is in (docs/video_models.md, "Aligned routing").
    [[nodiscard]] std::vector<Metric> evaluate() override;

    [[nodiscard]] std::vector<Trait> traits() const override;

private:
    /// One micro-batch as it is learned.
    struct Draw {
        at::Tensor context; ///< [B, 3, T, X, Y]; undefined: none
        at::Tensor clean;   ///< patches of the target side [B, N, P]
        at::Tensor noise;   ///< [B, N, P]
        at::Tensor t;       ///< [B]
        at::Tensor labels;  ///< [B]; undefined: none
    };

    [[nodiscard]] Draw draw(const MicroBatch& batch) const;

    struct Errors {
        at::Tensor loss;   ///< scalar, weighted
        at::Tensor tokens; ///< [B, N] squared error of each token's prediction
    };

    [[nodiscard]] models::SideInput inputOf(const Draw& draw, const MicroBatch& batch) const;
    [[nodiscard]] Errors errorsOf(const Draw& draw, const models::SidePass& pass) const;
    [[nodiscard]] at::Tensor routingLoss(const models::SidePass& target,
                                         const models::SidePass* context,
                                         const at::Tensor& errors) const;
    void addShares(const models::SidePass& pass);
    [[nodiscard]] double depthAuc() const;

    spec::VideoPreset m_preset;
    ClipSets m_clips;
    models::VideoModel m_model;
    at::Tensor m_shares; ///< [4] of the choices of experts since the last step, a sum over sides
};

/// Training clips are those of this seed, validation clips of another one.
[[nodiscard]] std::uint64_t validationSeed(std::uint64_t seed);

/// The preset as a checkpoint was trained with it. Throws Error{BadInput} naming file and reason.
void applyCheckpointRecipe(const std::filesystem::path& checkpoint, spec::VideoPreset& preset);

} // namespace depthscope::train
