// SPDX-License-Identifier: MIT
// From FFmpeg's descriptions of a stream and its codec to ours. Internal to engine/media; any
// thread.
#pragma once

#include "engine/media/clip_facts.h"
#include "engine/media/ffmpeg.h"
#include "engine/media/limits.h"

#include <filesystem>

namespace depthscope::media {

/// All but the container's name.
[[nodiscard]] ClipFacts factsOf(AVFormatContext& context, AVStream& stream);

/// Throws Error{BadInput} where a frame would be over the limits.
void checkSize(const std::filesystem::path& path, const ClipFacts& facts, const Limits& limits);

/// Every packet is one frame, or is known from its bytes not to be.
[[nodiscard]] bool isOneFramePerPacket(AVCodecID codec);

/// What a container calls a key frame needs nothing that stood before it.
[[nodiscard]] bool areKeysComplete(AVCodecID codec);

[[nodiscard]] trace::Ratio ratioOf(AVRational rational);
[[nodiscard]] std::string formatName(int pixelFormat);

} // namespace depthscope::media
