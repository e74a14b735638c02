// SPDX-License-Identifier: MIT
// Frames of a video as a model of small clips sees them (docs/video_models.md, "Own videos"):
// turned and with the shape of pixels as a viewer shows it, cut about the middle, scaled by area.
// Any thread; a FrameScaler has one owner.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/media/clip_facts.h"
#include "engine/media/index_builder.h"
#include "engine/media/rgb.h"
#include "engine/media/rgb_scale.h"
#include "engine/spec/video_spec.h"
#include "engine/trace/frame.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

namespace depthscope::media {

class FrameScaler {
public:
    /// Of a video with these facts, to pictures of this size.
    FrameScaler(PictureSize size, const ClipFacts& facts);

    [[nodiscard]] RgbImage scaled(const trace::Frame& frame);

private:
    int m_quarters;
    ScaledSize m_size;
    RgbConverter m_converter;
};

/// Some frames of a video in a row.
struct ClipStretch {
    std::filesystem::path file; ///< whatever a Reader opens
    PictureSize size;           ///< of the pictures wanted
    std::int64_t first = 0;     ///< frame to begin with
    std::int64_t every = 1;     ///< each n-th frame is taken
    std::int64_t least = 1;     ///< frames that must be there and undamaged
    std::int64_t most = 1;      ///< it ends earlier where the video does, or at a damaged frame
};

/// What a model of clips wants of a video.
struct FramesWanted {
    spec::Extent3 clip;     ///< of the model, in pixels: the size, and as many frames as it can use
    std::int64_t least = 1; ///< frames that must be there
};

[[nodiscard]] ClipStretch clipStretch(std::filesystem::path file,
                                      std::int64_t first,
                                      std::int64_t every,
                                      const FramesWanted& wanted);

struct SmallClip {
    std::int64_t frames = 0;
    std::vector<std::uint8_t> rgb; ///< [frames, H, W, 3] of 0..255
    trace::Ratio rate{25, 1};      ///< frames per second of those taken
};

/// At least `least` frames. Throws Error: Usage for numbers that
/// cannot be, BadInput that names file, frame and remedy, Interrupted.
[[nodiscard]] SmallClip readClipStretch(const ClipStretch& stretch,
                                        const IndexOptions& options,
                                        const std::stop_token& stop = {});

} // namespace depthscope::media
