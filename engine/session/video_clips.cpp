// SPDX-License-Identifier: MIT
#include "engine/session/video_clips.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/evaluate/image_metrics.h"
#include "engine/spec/clip_preset.h"

#include <ATen/ATen.h>

#include <cstddef>
#include <utility>

namespace depthscope::session {

namespace {

constexpr double kRange = 2; // of pixels: -1 to 1

/// A field of the recipe; the fallback where the model does not say how it was trained.
std::string
recipeField(const std::string& trainingJson, const char* field, const std::string& fallback) {
    if (trainingJson.empty()) {
        return fallback;
    }
    try {
        const JsonFile file(trainingJson, "training.json");
        return file.root().object("recipe").string(field, fallback);
    } catch (const Error&) {
        return fallback;
    }
}

} // namespace

double decibels(const at::Tensor& frames, const at::Tensor& truth) {
    return evaluate::psnr((frames - truth).square().mean().item<double>(), kRange);
}

std::vector<RgbPicturePtr> picturesOf(const at::Tensor& frames) {
    const std::vector<std::uint8_t> bytes = evaluate::bytesOfFrames(frames);
    const auto height = static_cast<std::int32_t>(frames.size(2));
    const auto width = static_cast<std::int32_t>(frames.size(3));
    const auto size = std::ptrdiff_t{3} * height * width;
    std::vector<RgbPicturePtr> pictures;
    for (std::ptrdiff_t t = 0; t < frames.size(1); ++t) {
        pictures.push_back(std::make_shared<const RgbPicture>(RgbPicture{
            width, height,
            std::vector<std::uint8_t>(bytes.begin() + t * size, bytes.begin() + (t + 1) * size)}));
    }
    return pictures;
}

std::shared_ptr<const data::ProceduralClips>
proceduralClips(const std::string& name, const spec::VideoSpec& spec, std::uint64_t seed) {
    const spec::ClipSize size{static_cast<std::int32_t>(spec.clip.frames),
                              static_cast<std::int32_t>(spec.clip.rows),
                              static_cast<std::int32_t>(spec.clip.columns)};
    return std::make_shared<const data::ProceduralClips>(spec::findClipPreset(name), size, seed);
}

std::shared_ptr<const data::ProceduralClips> clipsOf(const VideoSlot& slot,
                                                     const runtime::ClipChoice& choice) {
    const std::string& trained = slot.info->clip->clips;
    return proceduralClips(choice.name.empty() ? trained : choice.name, slot.model->spec(),
                           choice.seed);
}

void requireCount(std::int64_t count) {
    constexpr std::int64_t kMostClips = 4096;
    if (count < 1 || count > kMostClips) {
        throw Error(ErrorCode::Usage, fmt::format("count is {}", count),
                    fmt::format("Must be from 1 to {}.", kMostClips));
    }
}

data::Clip ownClip(const runtime::ClipFrames& frames, const spec::VideoSpec& spec) {
    if (frames.width != spec.clip.columns || frames.height != spec.clip.rows) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: the context is {} x {} pixels; the model takes {} x {}",
                                frames.name, frames.width, frames.height, spec.clip.columns,
                                spec.clip.rows),
                    "Scale the frames to the model's size.");
    }
    if (frames.frames < spec.contextFrames || frames.frames > spec.clip.frames) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: {} frames; the model predicts from {} and makes clips of {}",
                                frames.name, frames.frames, spec.contextFrames, spec.clip.frames),
                    "Give the context frames, and at most as many behind it as are predicted.");
    }
    data::Clip clip;
    clip.size = {static_cast<std::int32_t>(frames.frames), static_cast<std::int32_t>(frames.height),
                 static_cast<std::int32_t>(frames.width)};
    clip.rgb = frames.rgb;
    if (clip.rgb.size() != 3 * clip.framePixels() * static_cast<std::size_t>(frames.frames)) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: {} bytes are not {} frames of {} x {} pixels", frames.name,
                                clip.rgb.size(), frames.frames, frames.width, frames.height));
    }
    return clip;
}

std::string outsideTraining(const std::string& video, const std::string& trainingJson) {
    const std::string folder = recipeField(trainingJson, "data", {});
    return folder.empty() ? fmt::format("{} is outside training: the model learned {}", video,
                                        learnedClips(trainingJson))
                          : fmt::format("{} may be among the videos that the model learned ({})",
                                        video, folder);
}

evaluate::ClipSource sourceOf(std::shared_ptr<const data::ProceduralClips> clips) {
    return [clips = std::move(clips)](std::uint64_t index) { return clips->clip(index); };
}

std::string trainedClips(const std::string& trainingJson) {
    return recipeField(trainingJson, "clips", std::string(spec::clipPresets().front().name));
}

std::string learnedClips(const std::string& trainingJson) {
    const std::string folder = recipeField(trainingJson, "data", {});
    const std::string kind = recipeField(trainingJson, "clips", {});
    return !folder.empty() ? fmt::format("the videos of {}", folder)
           : kind.empty()  ? "procedural clips"
                           : fmt::format("procedural clips ({})", kind);
}

} // namespace depthscope::session
