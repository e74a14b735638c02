// SPDX-License-Identifier: MIT
// What a clip can be written as, and by which encoders of the FFmpeg that this program runs with.
// docs/video.md has the table with reasons. Values; any thread.
#pragma once

#include "engine/trace/frame.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope::media {

/// One encoder of libavcodec and how it is set.
struct EncoderRecipe {
    std::string_view name;    ///< "libx264"
    std::int32_t leastSide;   ///< smaller pictures make it fail
    std::string_view quality; ///< its option that `quality` goes to; empty: none
    double qualityScale;      ///< from the format's scale to the option's
    std::string_view pixels;  ///< pixel formats that it is given, the best first: "yuv420p,yuv444p"
    std::vector<std::pair<std::string_view, std::string_view>> options;
    std::string_view clearPixels{}; ///< of pictures with transparency; empty: they lose it
};

struct EncodingFormat {
    std::string_view name;                 ///< "h264", as --codec takes it
    std::string_view label;                ///< "H.264", for people
    std::vector<std::string_view> endings; ///< ".mp4"; the first one is proposed
    std::vector<EncoderRecipe> encoders;   ///< the first one that can do it is used
    std::int32_t bestQuality = 0;          ///< smallest number; 0 and 0: no choice of quality
    std::int32_t worstQuality = 0;
    std::int32_t usualQuality = 0;
    bool isLossless = false; ///< every value of every pixel comes back
    bool isShared = false;   ///< for other people's players: enlarged, upright, limited range

    [[nodiscard]] bool hasQuality() const { return worstQuality > bestQuality; }
};

/// "h264", "vp9", "av1", "ffv1", "gif", "png", in this order.
[[nodiscard]] std::span<const EncodingFormat> encodingFormats();

/// Null where the name is unknown.
[[nodiscard]] const EncodingFormat* findEncodingFormat(std::string_view name);

/// The format that a file of this name has where none is named. A folder, or a name without ending,
/// is a PNG sequence. Throws Error{Usage} for an ending that belongs to none.
[[nodiscard]] const EncodingFormat& encodingFormatOf(const std::filesystem::path& file);

/// The encoder that this FFmpeg would use for pictures of a size; where none can, why not.
struct EncoderChoice {
    const EncoderRecipe* encoder = nullptr;
    std::string reason; ///< empty where `encoder` is there
};

[[nodiscard]] EncoderChoice
chooseEncoder(const EncodingFormat& format, std::int32_t width, std::int32_t height);

} // namespace depthscope::media
