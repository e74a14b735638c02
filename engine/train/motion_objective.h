// SPDX-License-Identifier: MIT
// Teaches evaluate::MotionFeatures shape, speed and direction of the foremost object of procedural
// clips, from the frames that a video model would have to predict, and to tell frames in order from
// frames that are not (as Misra et al. 2016), or from noise. Owns the network; the clips outlive
// it. Engine thread.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/evaluate/motion_features.h"
#include "engine/train/objective.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::train {

struct MotionRecipe {
    std::int64_t firstFrame = 4; ///< the frames from here on are seen
    std::int64_t batch = 32;
    std::int64_t validationClips = 384;
    std::uint64_t seed = 1;
    std::string clips; ///< name, for checkpoints
};

class MotionObjective final : public Objective {
public:
    MotionObjective(MotionRecipe recipe,
                    evaluate::ClipSource training,
                    evaluate::ClipSource validation);

    [[nodiscard]] const evaluate::MotionFeatures& net() const { return m_net; }

    [[nodiscard]] std::vector<Weight> weights() override;

    /// Cross-entropy of the answers, summed.
    [[nodiscard]] Loss loss(const MicroBatch& batch) override;

    [[nodiscard]] std::int64_t tokens() const override { return m_recipe.batch; }

    /// val_loss, and accuracy[1..4] of shape, speed, direction and order.
    [[nodiscard]] std::vector<Metric> evaluate() override;

    [[nodiscard]] std::vector<Trait> traits() const override;

private:
    /// Frames and labels of some clips.
    struct Seen {
        at::Tensor frames; ///< [B, 3, T, X, Y]
        at::Tensor labels; ///< [B, answers] int64
    };

    [[nodiscard]] Seen see(const evaluate::ClipSource& source,
                           const std::vector<std::uint64_t>& numbers) const;

    MotionRecipe m_recipe;
    evaluate::ClipSource m_training, m_validation;
    evaluate::MotionFeatures m_net;
};

} // namespace depthscope::train
