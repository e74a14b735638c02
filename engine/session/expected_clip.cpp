// SPDX-License-Identifier: MIT
#include "engine/session/expected_clip.h"

#include "engine/session/video_clips.h"

#include <ATen/ATen.h>

#include <iterator>
#include <limits>

namespace depthscope::session {

namespace {

constexpr std::int64_t kTime = 1; // the axis of the frames

} // namespace

ExpectedClip::ExpectedClip(at::Tensor known, std::int64_t given)
    : m_psnrCopyLast(std::numeric_limits<double>::quiet_NaN()) {
    if (!known.defined() || given == 0) {
        return;
    }
    m_given = picturesOf(known.narrow(kTime, 0, given));
    const std::int64_t following = known.size(kTime) - given;
    if (following > 0) {
        m_truth = known.narrow(kTime, given, following);
        m_psnrCopyLast = decibels(known.narrow(kTime, given - 1, 1), m_truth);
    }
}

trace::ClipContent ExpectedClip::content(const at::Tensor& made) const {
    trace::ClipContent clip;
    const at::Tensor frames = made.to(at::kCPU, at::kFloat).clamp(-1, 1);
    clip.contextFrames = static_cast<std::int32_t>(m_given.size());
    clip.pictures = m_given;
    std::vector<RgbPicturePtr> following = picturesOf(frames);
    clip.pictures.insert(clip.pictures.end(), std::make_move_iterator(following.begin()),
                         std::make_move_iterator(following.end()));
    if (m_truth.defined()) {
        clip.psnr = decibels(frames.narrow(kTime, 0, m_truth.size(kTime)), m_truth);
        clip.psnrCopyLast = m_psnrCopyLast;
    }
    return clip;
}

} // namespace depthscope::session
