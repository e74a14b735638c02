// SPDX-License-Identifier: MIT
// How well a video model in training predicts held-out clips. A part of TRAINING.
#pragma once

#include "engine/trace/training_view.h"
#include "widgets/instruments/chart.h"
#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

/// The newest evaluation of a training that measures it; null: none does.
[[nodiscard]] const trace::TrainingPoint* newestPsnr(const trace::TrainingView& training);

/// PSNR of the predicted frames and of the last given frame repeated over the steps, and the line
/// that a demo must reach (trace::kAskedGain). Rulers and title included; newestPsnr() is not null.
void drawTrainingPsnr(SceneWriter& writer,
                      const trace::TrainingView& training,
                      Chart& chart,
                      scene::Rect box);

} // namespace depthscope::instruments
