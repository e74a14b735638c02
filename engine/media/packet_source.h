// SPDX-License-Identifier: MIT
// Where the packets of one picture stream come from, in the order in which they are decoded: a
// media file or numbered images. Internal to engine/media; one owner, one thread.
#pragma once

#include "engine/media/clip_facts.h"
#include "engine/media/ffmpeg.h"
#include "engine/media/limits.h"
#include "engine/media/media_index.h"

#include <filesystem>
#include <memory>
#include <stop_token>

namespace depthscope::media {

class PacketSource {
public:
    virtual ~PacketSource() = default;

    [[nodiscard]] virtual const ClipFacts& facts() const = 0;
    [[nodiscard]] virtual const AVCodecParameters& parameters() const = 0;

    /// How far packets of this container and codec can be relied on.
    struct Trust {
        bool order = false; ///< each packet that is shown is one frame with a time of its own
        bool keys = false;  ///< a key packet needs nothing before it
    };

    [[nodiscard]] virtual Trust trust() const = 0;

    /// False at the end. Throws Error: BadInput for a packet over the limits, Interrupted.
    [[nodiscard]] virtual bool read(AVPacket& packet) = 0;

    /// The file ended in a fault, not where its container says.
    [[nodiscard]] virtual bool endedEarly() const = 0;

    /// The next packet is the first one, as after opening.
    virtual void rewind() = 0;

    /// Tries to have the next packet be this one or one before it; false where that failed. What
    /// comes then must be compared with the index.
    [[nodiscard]] virtual bool seek(const PacketEntry& packet) = 0;

    virtual void setStop(std::stop_token stop) = 0;

    [[nodiscard]] virtual double progress() const = 0; ///< 0 to 1
};

/// Opens a media file, an image, a folder of images or a printf pattern. Throws Error{BadInput}
/// that names it.
[[nodiscard]] std::unique_ptr<PacketSource>
openSource(const std::filesystem::path& path, const Limits& limits, std::stop_token stop);

} // namespace depthscope::media
