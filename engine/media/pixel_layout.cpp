// SPDX-License-Identifier: MIT
#include "engine/media/pixel_layout.h"

#include "engine/media/ffmpeg.h"

#include <array>

namespace depthscope::media {

std::vector<trace::PixelComponent> pixelLayout(const std::string& format) {
    const AVPixFmtDescriptor* found = av_pix_fmt_desc_get(av_get_pix_fmt(format.c_str()));
    constexpr std::uint64_t kOther = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                                     AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER |
                                     AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE;
    if (found == nullptr || (found->flags & kOther) != 0) {
        return {};
    }
    constexpr std::array<std::string_view, 4> kRgb{"R", "G", "B", "A"};
    constexpr std::array<std::string_view, 4> kYuv{"Y", "U", "V", "A"};
    constexpr std::array<std::string_view, 2> kGrey{"Y", "A"};
    const bool isRgb = (found->flags & AV_PIX_FMT_FLAG_RGB) != 0;
    std::vector<trace::PixelComponent> components;
    for (std::size_t c = 0; c < found->nb_components; ++c) {
        const AVComponentDescriptor& from = found->comp[c];
        trace::PixelComponent component;
        component.name = found->nb_components <= 2 ? kGrey.at(c) : isRgb ? kRgb.at(c) : kYuv.at(c);
        component.plane = static_cast<std::size_t>(from.plane);
        component.step = static_cast<std::size_t>(from.step);
        component.offset = static_cast<std::size_t>(from.offset);
        component.shift = static_cast<unsigned>(from.shift);
        component.depth = static_cast<unsigned>(from.depth);
        const bool isChroma = !isRgb && found->nb_components > 2 && (c == 1 || c == 2);
        if (isChroma) {
            component.columnsPerValue = found->log2_chroma_w;
            component.rowsPerValue = found->log2_chroma_h;
        }
        components.push_back(component);
    }
    return components;
}

} // namespace depthscope::media
