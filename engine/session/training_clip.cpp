// SPDX-License-Identifier: MIT
#include "engine/session/training_clip.h"

#include "engine/evaluate/clip_batch.h"
#include "engine/evaluate/reconstruction_score.h"
#include "engine/generate/clip_sampler.h"
#include "engine/session/video_clips.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <span>

namespace depthscope::session {

trace::TrainingClipPtr
predictedClip(const models::VideoModel& model, const data::Clip& clip, std::int64_t step) {
    constexpr int kTime = 2; // dimension of the frames in [B, 3, T, X, Y]
    const c10::NoGradGuard noGrad;
    const at::Tensor truth = evaluate::batchOf(std::span(&clip, 1)).pixels;
    const std::int64_t given = model.spec().contextFrames;
    generate::ClipStart start;
    start.seeds = {1};
    start.context = truth.narrow(kTime, 0, given).to(model.device());
    generate::ClipSampler sampler(model, {}, std::move(start));
    while (!sampler.isDone()) {
        sampler.step();
    }
    const at::Tensor made = sampler.frames().to(at::kCPU, at::kFloat).clamp(-1, 1);
    const at::Tensor coming = truth.narrow(kTime, given, truth.size(kTime) - given);
    auto result = std::make_shared<trace::TrainingClip>();
    result->step = step;
    result->made = picturesOf(at::cat({truth.narrow(kTime, 0, given), made}, kTime)[0]);
    result->truth = picturesOf(truth[0]);
    result->contextFrames = static_cast<std::int32_t>(given);
    result->psnr = decibels(made, coming);
    result->psnrControl = decibels(truth.narrow(kTime, given - 1, 1), coming);
    return result;
}

trace::TrainingClipPtr
reconstructedClip(const models::Autoencoder& model, const data::Clip& clip, std::int64_t step) {
    const c10::NoGradGuard noGrad;
    const at::Tensor truth = evaluate::batchOf(std::span(&clip, 1)).pixels;
    const at::Tensor made =
        model.decode(model.encode(truth.to(model.device()))).to(at::kCPU, at::kFloat).clamp(-1, 1);
    auto result = std::make_shared<trace::TrainingClip>();
    result->step = step;
    result->made = picturesOf(made[0]);
    result->truth = picturesOf(truth[0]);
    result->psnr = decibels(made, truth);
    result->psnrControl =
        decibels(evaluate::bicubicControl(model.spec(), truth).clamp(-1, 1), truth);
    return result;
}

} // namespace depthscope::session
