// SPDX-License-Identifier: MIT
#include "engine/evaluate/clip_batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace depthscope::evaluate {

namespace {

constexpr double kHalfRange = 127.5;
constexpr double kFast = 0.05;

at::Tensor pixelsOf(const data::Clip& clip) {
    at::Tensor bytes =
        at::empty({clip.size.frames, clip.size.height, clip.size.width, 3}, at::kByte);
    std::ranges::copy(clip.rgb, bytes.mutable_data_ptr<std::uint8_t>());
    return bytes;
}

} // namespace

std::int64_t clipClass(const data::Clip& clip) {
    if (clip.objects.empty() || clip.objects.front().points.empty() ||
        clip.objects.front().kind == data::ObjectKind::Glyph) {
        return kClipClasses;
    }
    const data::Track& track = clip.objects.front();
    const data::TrackPoint& start = track.points.front();
    const double side = std::min(clip.size.height, clip.size.width);
    const bool isFast = std::hypot(start.speedX, start.speedY) > kFast * side;
    return 2 * static_cast<std::int64_t>(track.kind) + (isFast ? 1 : 0);
}

ClipBatch batchOf(std::span<const data::Clip> clips) {
    std::vector<at::Tensor> pixels;
    at::Tensor labels = at::empty({std::ssize(clips)}, at::kLong);
    auto* label = labels.mutable_data_ptr<std::int64_t>();
    for (const data::Clip& clip : clips) {
        pixels.push_back(pixelsOf(clip));
        *label++ = clipClass(clip);
    }
    const at::Tensor all = at::stack(pixels).permute({0, 4, 1, 2, 3}).to(at::kFloat);
    return {all.div(kHalfRange).sub(1.0).contiguous(), labels};
}

ClipBatch batchOf(const ClipSource& source, std::span<const std::uint64_t> numbers) {
    std::vector<data::Clip> clips;
    clips.reserve(numbers.size());
    for (const std::uint64_t number : numbers) {
        clips.push_back(source(number));
    }
    return batchOf(clips);
}

std::vector<std::uint8_t> bytesOfFrames(const at::Tensor& frames) {
    at::Tensor scaled = frames.to(at::kCPU, at::kFloat) + 1.0; // a tensor of its own
    scaled.mul_(kHalfRange).nan_to_num_(0.0).round_().clamp_(0, 255);
    const at::Tensor bytes =
        at::empty({frames.size(1), frames.size(2), frames.size(3), frames.size(0)}, at::kByte)
            .copy_(scaled.permute({1, 2, 3, 0}));
    const auto* data = bytes.const_data_ptr<std::uint8_t>();
    return {data, data + bytes.numel()};
}

} // namespace depthscope::evaluate
