// SPDX-License-Identifier: MIT
// Where encoded packets go: a container file, or a folder of images. Internal to engine/media; one
// owner, one thread. Without finish() nothing of it stays on disk. Every method throws Error naming
// the file.
#pragma once

#include "engine/media/encode_settings.h"
#include "engine/media/ffmpeg.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace depthscope::media {

class PacketTarget {
public:
    virtual ~PacketTarget() = default;

    /// Called once, before the first packet.
    virtual void begin(const AVCodecContext& encoder, const EncodeSettings& settings) = 0;

    /// `timeBase` is the unit of the packet's times.
    virtual void write(AVPacket& packet, AVRational timeBase) = 0;

    virtual void finish() = 0;

    [[nodiscard]] virtual std::int64_t bytes() const = 0;
};

/// A container by the file's ending.
[[nodiscard]] std::unique_ptr<PacketTarget> makeMuxedFile(const std::filesystem::path& file);

/// A pattern with one %d, or a folder: frame-000000.png and so on; another name ending in .png is
/// that of one image. Throws Error{BadInput} where images that would be mixed with the new ones lie
/// there already; a second frame of one image is refused with Usage.
[[nodiscard]] std::unique_ptr<PacketTarget> makeImages(const std::filesystem::path& place);

} // namespace depthscope::media
