// SPDX-License-Identifier: MIT
// Features of predicted frames that know of motion (docs/video_models.md, "F-dist"): a small 3-D
// network that has learned to tell shape, speed and direction of a clip's foremost object, and
// whether its frames are in order. Its last layer before the answers are the features whose Fréchet
// distance is measured. Distances of different networks do not compare. Engine thread. Letters: B
// clips, T frames, X rows, Y columns, F features.
#pragma once

#include "engine/data/clip.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::evaluate {

struct NamedWeight {
    std::string name;
    at::Tensor tensor;
};

inline constexpr std::int64_t kMotionFeatures = 16;

/// What the network is asked: disc, square or triangle; slow or fast; one of four quadrants; frames
/// in order or not.
inline constexpr std::array<std::int64_t, 4> kMotionAnswers{3, 2, 4, 2};
inline constexpr std::size_t kOrderAnswer = 3;

/// Of the foremost object over the frames from `firstFrame` on, in order; 0 of what it does not
/// have.
[[nodiscard]] std::array<std::int64_t, kMotionAnswers.size()> motionLabels(const data::Clip& clip,
                                                                           std::int64_t firstFrame);

class MotionFeatures {
public:
    /// Random weights of the seed.
    explicit MotionFeatures(std::uint64_t seed);

    /// frames [B, 3, T, X, Y] of -1..1 -> [B, F].
    [[nodiscard]] at::Tensor features(const at::Tensor& frames) const;

    /// features [B, F] -> the logits of each question.
    [[nodiscard]] std::array<at::Tensor, kMotionAnswers.size()>
    answers(const at::Tensor& features) const;

    [[nodiscard]] const std::vector<NamedWeight>& weights() const { return m_weights; }

    /// Of the weights' bytes, 16 digits: names the network beside its distances.
    [[nodiscard]] std::string hash() const;

private:
    [[nodiscard]] const at::Tensor& weight(const std::string& name) const;

    std::vector<NamedWeight> m_weights;
};

/// What the distance says of real frames and of spoilt ones; a distance is worth reading where it
/// puts them in order.
struct FeatureSelfTest {
    double floor = 0;    ///< between two sets of real frames
    double blurred = 0;  ///< real ones against blurred ones of the error of shuffled ones
    double shuffled = 0; ///< against frames in another order
    double noise = 0;    ///< against noise

    [[nodiscard]] bool passes() const {
        return floor < blurred && blurred < shuffled && shuffled < noise;
    }
};

/// Both [n, 3, T, X, Y] of real frames, disjoint; the second is what is spoilt.
[[nodiscard]] FeatureSelfTest
selfTest(const MotionFeatures& net, const at::Tensor& reference, const at::Tensor& others);

/// Every second frame first, then the others: [B, 3, T, X, Y].
[[nodiscard]] at::Tensor shuffledFrames(const at::Tensor& frames);

/// Blurred within frames until each clip's squared error is that of `error` [B].
[[nodiscard]] at::Tensor blurredFrames(const at::Tensor& frames, const at::Tensor& error);

} // namespace depthscope::evaluate
