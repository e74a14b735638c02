// SPDX-License-Identifier: MIT
#include "engine/media/av_frame.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/colour_names.h"
#include "engine/media/stream_facts.h"

extern "C" {
#include <libavutil/imgutils.h>
}

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace depthscope::media {

namespace {

std::vector<trace::FramePlane> planesOf(const AVFrame& frame) {
    const auto format = static_cast<AVPixelFormat>(frame.format);
    const AVPixFmtDescriptor* facts = av_pix_fmt_desc_get(format);
    const int count = av_pix_fmt_count_planes(format);
    std::array<int, 4> rowBytes{};
    if (facts == nullptr || count < 1 ||
        av_image_fill_linesizes(rowBytes.data(), format, frame.width) < 0) {
        throw Error(ErrorCode::BadInput, "a frame has an unknown pixel format");
    }
    std::vector<trace::FramePlane> planes;
    for (int p = 0; p < count; ++p) {
        const bool isChroma = p == 1 || p == 2;
        const int shift = isChroma ? facts->log2_chroma_h : 0;
        const auto plane = static_cast<std::size_t>(p);
        planes.push_back({frame.data[p], frame.linesize[p],
                          static_cast<std::size_t>(rowBytes[plane]),
                          static_cast<std::size_t>(AV_CEIL_RSHIFT(frame.height, shift))});
    }
    if ((facts->flags & AV_PIX_FMT_FLAG_PAL) != 0) {
        planes.resize(1);
        planes.push_back({frame.data[1], AVPALETTE_SIZE, AVPALETTE_SIZE, 1});
    }
    return planes;
}

/// A number of FFmpeg's for a name; `unknown` where there is no name or no such number.
template <class Number, class Find>
Number numberOf(const std::string& name, Find find, Number unknown) {
    const int found = name.empty() ? -1 : find(name.c_str());
    return found < 0 ? unknown : static_cast<Number>(found);
}

void takeColour(AVFrame& to, const trace::Colour& colour) {
    to.colorspace = numberOf(colour.matrix, &av_color_space_from_name, AVCOL_SPC_UNSPECIFIED);
    to.color_primaries =
        numberOf(colour.primaries, &av_color_primaries_from_name, AVCOL_PRI_UNSPECIFIED);
    to.color_trc = numberOf(colour.transfer, &av_color_transfer_from_name, AVCOL_TRC_UNSPECIFIED);
    to.color_range = numberOf(colour.range, &av_color_range_from_name, AVCOL_RANGE_UNSPECIFIED);
}

/// The plane as a buffer of FFmpeg's that keeps the frame's bytes as long as it lives.
AVBufferRef* sharedPlane(const trace::Frame& frame, const trace::FramePlane& plane) {
    using Keeper = std::shared_ptr<const void>;
    auto keeper = std::make_unique<Keeper>(frame.bytes);
    const auto stride = static_cast<std::size_t>(plane.stride);
    const std::size_t bytes = plane.rows == 0 ? 0 : stride * (plane.rows - 1) + plane.rowBytes;
    AVBufferRef* buffer = av_buffer_create(
        const_cast<std::uint8_t*>(plane.data), bytes,
        [](void* kept, std::uint8_t*) { delete static_cast<Keeper*>(kept); }, keeper.get(),
        AV_BUFFER_FLAG_READONLY);
    if (buffer != nullptr) {
        static_cast<void>(keeper.release());
    }
    return buffer;
}

[[noreturn]] void failMemory() {
    throw Error(ErrorCode::OutOfMemory, "no memory for a video frame", "Close other programs.");
}

/// Rows that lie upside down in memory, which some encoders cannot read.
void copyPlanes(AVFrame& to, const trace::Frame& frame) {
    if (av_frame_get_buffer(&to, 0) < 0) {
        failMemory();
    }
    for (std::size_t p = 0; p < frame.planes.size(); ++p) {
        const trace::FramePlane& plane = frame.planes[p];
        for (std::size_t row = 0; row < plane.rows; ++row) {
            const auto at = static_cast<std::ptrdiff_t>(row);
            std::copy_n(plane.data + at * plane.stride, plane.rowBytes,
                        to.data[p] + at * to.linesize[p]);
        }
    }
}

} // namespace

trace::Frame frameOf(Owned<AVFrame> decoded) {
    trace::Frame frame;
    frame.width = decoded->width;
    frame.height = decoded->height;
    frame.pixelFormat = formatName(decoded->format);
    frame.planes = planesOf(*decoded);
    frame.colour = colourNames(decoded->colorspace, decoded->color_primaries, decoded->color_trc,
                               decoded->color_range);
    frame.key = isKeyFrame(*decoded);
    frame.damaged =
        decoded->decode_error_flags != 0 || (decoded->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    for (const AVBufferRef* buffer : decoded->buf) {
        frame.byteCount += buffer == nullptr ? 0 : static_cast<std::size_t>(buffer->size);
    }
    frame.bytes = std::shared_ptr<const AVFrame>(decoded.release(), [](const AVFrame* owned) {
        auto* freed = const_cast<AVFrame*>(owned);
        av_frame_free(&freed);
    });
    return frame;
}

Owned<AVFrame> avFrameOf(const trace::Frame& frame) {
    // "yuvj420p" is "yuv420p" of full range; encoders know it by the range.
    const bool isFullByName = frame.pixelFormat.starts_with("yuvj");
    const std::string name = isFullByName ? "yuv" + frame.pixelFormat.substr(4) : frame.pixelFormat;
    const AVPixelFormat format = av_get_pix_fmt(name.c_str());
    if (format == AV_PIX_FMT_NONE || frame.planes.empty() ||
        frame.planes.size() > AV_NUM_DATA_POINTERS) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("frame {}: unknown pixel format '{}'", frame.number, frame.pixelFormat),
            "Convert the video to yuv420p with another program.");
    }
    Owned<AVFrame> made = makeFrame();
    made->format = format;
    made->width = frame.width;
    made->height = frame.height;
    takeColour(*made, frame.colour);
    made->color_range = isFullByName ? AVCOL_RANGE_JPEG : made->color_range;
    const bool isUpright = std::all_of(frame.planes.begin(), frame.planes.end(),
                                       [](const auto& plane) { return plane.stride > 0; });
    if (!isUpright) {
        copyPlanes(*made, frame);
        return made;
    }
    for (std::size_t p = 0; p < frame.planes.size(); ++p) {
        made->buf[p] = sharedPlane(frame, frame.planes[p]);
        if (made->buf[p] == nullptr) {
            failMemory();
        }
        made->data[p] = made->buf[p]->data;
        made->linesize[p] = static_cast<int>(frame.planes[p].stride);
    }
    return made;
}

Owned<AVFrame> avFrameOf(const RgbPicture& picture) {
    Owned<AVFrame> made = makeFrame();
    made->format = AV_PIX_FMT_RGB24;
    made->width = picture.width;
    made->height = picture.height;
    made->colorspace = AVCOL_SPC_RGB;
    made->color_range = AVCOL_RANGE_JPEG;
    if (av_frame_get_buffer(made.get(), 0) < 0) {
        failMemory();
    }
    const std::size_t rowBytes = std::size_t{3} * static_cast<std::size_t>(picture.width);
    for (int row = 0; row < picture.height; ++row) {
        std::copy_n(picture.bytes.data() + static_cast<std::size_t>(row) * rowBytes, rowBytes,
                    made->data[0] + std::ptrdiff_t{row} * made->linesize[0]);
    }
    return made;
}

} // namespace depthscope::media
