// SPDX-License-Identifier: MIT
// Which clips a job works on. Engine thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/clip_batch.h"
#include "engine/runtime/request.h"
#include "engine/session/video_family.h"
#include "engine/spec/video_spec.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace depthscope::session {

/// PSNR of frames against the truth, both of -1..1 and alike in shape but for what broadcasts.
[[nodiscard]] double decibels(const at::Tensor& frames, const at::Tensor& truth);

/// Frames of one clip, [3, T, X, Y] of -1..1, on the CPU.
[[nodiscard]] std::vector<RgbPicturePtr> picturesOf(const at::Tensor& frames);

/// The named clips of the model's size. Throws Error{Usage} for an unknown name.
[[nodiscard]] std::shared_ptr<const data::ProceduralClips>
proceduralClips(const std::string& name, const spec::VideoSpec& spec, std::uint64_t seed);

/// Clips of the model's size; where the choice names none, those of its training.
[[nodiscard]] std::shared_ptr<const data::ProceduralClips>
clipsOf(const VideoSlot& slot, const runtime::ClipChoice& choice);

/// Throws Error{Usage} for a number of clips outside 1..4096.
void requireCount(std::int64_t count);

/// The user's own frames as a clip: the model's context frames at least, the model's clip at most.
/// Throws Error{BadInput} that names the video for another size, too few or too many frames.
[[nodiscard]] data::Clip ownClip(const runtime::ClipFrames& frames, const spec::VideoSpec& spec);

/// What a training.json says that a model learned: "the videos of DIR", "procedural clips
/// (moving-shapes)".
[[nodiscard]] std::string learnedClips(const std::string& trainingJson);

/// A sentence on what a model makes of a video that it has not been trained on.
[[nodiscard]] std::string outsideTraining(const std::string& video,
                                          const std::string& trainingJson);

/// Keeps them alive.
[[nodiscard]] evaluate::ClipSource sourceOf(std::shared_ptr<const data::ProceduralClips> clips);

/// The clips that a training.json says a model was trained on; the first preset where it does not.
[[nodiscard]] std::string trainedClips(const std::string& trainingJson);

} // namespace depthscope::session
