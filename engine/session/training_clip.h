// SPDX-License-Identifier: MIT
// What a video model in training makes of a held-out clip: pictures for whoever watches. Engine
// thread.
#pragma once

#include "engine/data/clip.h"
#include "engine/models/autoencoder.h"
#include "engine/models/video_model.h"
#include "engine/trace/training_clip.h"

#include <cstdint>

namespace depthscope::session {

/// Predicts the frames after the context, always from the same noise, in 8 Euler steps; draws no
/// number that the training would miss. The model must predict from context frames.
[[nodiscard]] trace::TrainingClipPtr
predictedClip(const models::VideoModel& model, const data::Clip& clip, std::int64_t step);

/// Beside bicubic interpolation of as many numbers.
[[nodiscard]] trace::TrainingClipPtr
reconstructedClip(const models::Autoencoder& model, const data::Clip& clip, std::int64_t step);

} // namespace depthscope::session
