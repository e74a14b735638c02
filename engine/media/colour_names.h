// SPDX-License-Identifier: MIT
// FFmpeg's numbers for colour against the names that frames carry. Internal to engine/media; any
// thread.
#pragma once

#include "engine/media/ffmpeg.h"
#include "engine/trace/frame.h"

#include <string>

namespace depthscope::media {

/// Up to here a picture without a matrix is taken for standard definition.
inline constexpr int kStandardLines = 576;

[[nodiscard]] inline trace::Colour colourNames(AVColorSpace matrix,
                                               AVColorPrimaries primaries,
                                               AVColorTransferCharacteristic transfer,
                                               AVColorRange range) {
    const auto known = [](const char* name, bool isSaid) {
        return name == nullptr || !isSaid ? std::string() : std::string(name);
    };
    return {known(av_color_space_name(matrix), matrix != AVCOL_SPC_UNSPECIFIED),
            known(av_color_primaries_name(primaries), primaries != AVCOL_PRI_UNSPECIFIED),
            known(av_color_transfer_name(transfer), transfer != AVCOL_TRC_UNSPECIFIED),
            known(av_color_range_name(range), range != AVCOL_RANGE_UNSPECIFIED)};
}

} // namespace depthscope::media
