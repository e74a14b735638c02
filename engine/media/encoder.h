// SPDX-License-Identifier: MIT
// Frames in, a video file or a folder of images out. The file appears under its name once finish()
// is done, whole; without that (a stop, an error, a full disk) nothing of it stays. One owner, one
// thread (encoders start their own); no global state.
//
//     Encoder encoder("clip.mp4", {.rate = {25, 1}, .title = "sample"});
//     for (const RgbPicture& picture : pictures) { encoder.add(picture); }
//     const EncodedClip clip = encoder.finish();
//
// Throws Error that names file and remedy: Usage for settings that contradict each other, BadInput
// for pictures that the encoder refuses and for places that cannot be written, OutOfMemory for a
// full disk, Interrupted.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/media/encode_settings.h"
#include "engine/trace/frame.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

namespace depthscope::media {

class Encoder {
public:
    /// Checks settings and place. The encoder is chosen and opened by the first frame, as it
    /// depends on its size.
    Encoder(const std::filesystem::path& target, const EncodeSettings& settings);
    ~Encoder();
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    /// Decoded frames keep their colour; the file's is tagged with it. A frame of another size than
    /// the first one is stretched to it. Planes are shared, not copied, where the encoder takes
    /// them.
    void add(const trace::Frame& frame);

    /// RGB of full range; with a matrix, BT.709.
    void add(const RgbPicture& picture);

    /// So far.
    [[nodiscard]] std::int64_t frames() const;

    /// Waits for the encoder, writes the end, synchronises, renames. Call it once; at least one
    /// frame must have been added.
    EncodedClip finish(const std::stop_token& stop = {});

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace depthscope::media
