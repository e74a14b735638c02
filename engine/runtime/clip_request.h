// SPDX-License-Identifier: MIT
// Procedural clips (engine/data/procedural_clips.h): which ones, their request and what comes of
// it. Plain values, passed between threads.
#pragma once

#include "engine/runtime/request_parts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::runtime {

/// Which procedural clips, by name (spec::clipPresets()); empty: those that the model was trained
/// on, without a model the first preset.
struct ClipChoice {
    std::string name;
    std::uint64_t seed = 1;
    std::uint64_t first = 0; ///< number of the first clip
};

/// Frames of the user's own video, of the model's size (engine/media/clip_stretch.h makes them):
/// the context, and behind it what truly follows, as far as it is known.
struct ClipFrames {
    std::string name; ///< for messages
    std::int64_t frames = 0, height = 0, width = 0;
    std::vector<std::uint8_t> rgb; ///< [frames, height, width, 3]

    [[nodiscard]] bool empty() const { return frames == 0; }
};

/// Where the same frames are found: the engine reads them, by the same recipe.
struct ClipFile {
    std::string file;       ///< whatever a media::Reader opens; empty: none
    std::int64_t first = 0; ///< frame to begin with
    std::int64_t every = 1; ///< each n-th frame is taken

    [[nodiscard]] bool operator==(const ClipFile&) const = default;
};

/// The pixels of clips; needs no model. Sides of 8 to 256 pixels, 1 to 256 frames, at most
/// kMostClipBytes in all.
struct ClipRequest {
    ClipChoice clips;
    std::int64_t count = 1; ///< clips
    std::int64_t frames = 8;
    std::int64_t height = 16; ///< pixels
    std::int64_t width = 16;

    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const ClipRequest&) const { return false; }
};

/// Reports wait for whoever drains them, so that a request is bounded.
inline constexpr std::int64_t kMostClipBytes = std::int64_t{256} << 20;

/// One clip of a ClipRequest; they come in order.
struct ClipReport {
    JobId job = 0;
    std::uint64_t number = 0; ///< of the clip, from ClipChoice::first
    std::int64_t frames = 0;
    std::int64_t height = 0; ///< pixels
    std::int64_t width = 0;
    std::vector<std::uint8_t> rgb; ///< [T, H, W, 3]
};

} // namespace depthscope::runtime
