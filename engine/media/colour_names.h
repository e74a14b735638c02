// SPDX-License-Identifier: MIT
// FFmpeg's numbers for colour against the names that frames carry. Internal to engine/media; any
// thread.
#pragma once

#include "engine/media/ffmpeg.h"
#include "engine/trace/frame.h"

#include <string>

namespace depthscope::media {

/// The matrix of a picture of so many lines: as named where swscale knows it, else that of standard
/// definition or of high definition.
[[nodiscard]] inline AVColorSpace matrixFor(AVColorSpace named, int lines) {
    constexpr int kStandardLines = 576;
    switch (named) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return named;
    default:
        return lines > kStandardLines ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    }
}

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
