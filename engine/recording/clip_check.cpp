// SPDX-License-Identifier: MIT
#include "engine/recording/clip_check.h"

#include "engine/base/text.h"

#include <limits>

namespace depthscope::recording {

namespace {

bool isValid(const trace::PictureCodec& codec) {
    return !codec.name.empty() && codec.name.size() <= kMaxCodecNameBytes && codec.width >= 1 &&
           codec.height >= 1 && codec.width <= kMaxPictureSide && codec.height <= kMaxPictureSide &&
           codec.extradata.size() <= kMaxExtradataBytes;
}

} // namespace

std::optional<std::string> errorInClip(const trace::ClipContent& clip) {
    const trace::PictureCodec& codec = clip.codec;
    const std::size_t count = clip.packets.size();
    if (!clip.pictures.empty() && clip.pictures.size() != count) {
        return "clip: its pictures must be packed before they are recorded";
    }
    if (clip.rate.over <= 0 || clip.rate.under <= 0) {
        return "clip: the rate must be greater than 0";
    }
    const bool isKnown = count > 0; // else recorded by a program without video
    if (clip.contextFrames < 0 ||
        (isKnown && static_cast<std::size_t>(clip.contextFrames) > count)) {
        return fmt::format("clip: {} context frames", clip.contextFrames);
    }
    if (!isKnown) {
        return std::nullopt;
    }
    if (!isValid(codec)) {
        return fmt::format("clip: {} x {} pixels of '{}' are not valid", codec.width, codec.height,
                           codec.name);
    }
    const std::int64_t pixels = std::int64_t{codec.width} * codec.height;
    if (count > kMaxFramesPerStep || pixels > kMaxClipPixels / static_cast<std::int64_t>(count)) {
        return fmt::format("clip: {} frames of {} x {} pixels are too many", count, codec.width,
                           codec.height);
    }
    constexpr std::int64_t kMostFrames = std::numeric_limits<std::int32_t>::max();
    if (clip.firstFrame < 0 || clip.firstFrame + static_cast<std::int64_t>(count) > kMostFrames) {
        return fmt::format("clip: frame {} is outside the clip", clip.firstFrame);
    }
    std::size_t bytes = 0;
    for (const trace::PicturePacket& packet : clip.packets) {
        bytes += packet.bytes.size();
        if (packet.bytes.empty() || bytes > kMaxClipBytes) {
            return fmt::format("clip: its packets must have 1 to {} bytes", kMaxClipBytes);
        }
    }
    return std::nullopt;
}

} // namespace depthscope::recording
