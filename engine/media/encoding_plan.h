// SPDX-License-Identifier: MIT
// What a clip will be in its file, known before a frame of it is encoded. Values; any thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/media/encode_settings.h"
#include "engine/media/encoding_format.h"

#include <string>

namespace depthscope::media {

struct EncodingPlan {
    PictureSize size;         ///< that stands in the file: scaled, turned, padded
    PictureSize padding;      ///< columns and rows of it that are repeated, as sizes must be even
    trace::Ratio scale{1, 1}; ///< of both sides
    bool isNearest = false;   ///< pixels are repeated or left out, else interpolated
    const EncoderRecipe* encoder = nullptr; ///< null: nothing can write it, and `reason` says why
    std::string reason;
    std::string remedy;
};

/// Of pictures that are `source` before turning. Scale and turn must be valid.
[[nodiscard]] EncodingPlan
planEncoding(const EncodingFormat& format, PictureSize source, const EncodeSettings& settings);

} // namespace depthscope::media
