// SPDX-License-Identifier: MIT
#include "engine/media/rgb.h"

#include "engine/base/error.h"
#include "engine/media/ffmpeg.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <array>
#include <tuple>
#include <utility>

namespace depthscope::media {

namespace {

/// The same as `-vf scale=flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24` of the
/// ffmpeg program: chroma is interpolated, and the result is the same on every processor.
constexpr int kFlags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT;

/// Up to here a picture without a matrix is taken for standard definition.
constexpr int kStandardLines = 576;

int matrixOf(const trace::Frame& frame) {
    const int named =
        frame.colour.matrix.empty() ? -1 : av_color_space_from_name(frame.colour.matrix.c_str());
    switch (named) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return SWS_CS_ITU601;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return frame.height > kStandardLines ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}

/// Formats with J in their name are of full range whatever the file says.
bool isFullRange(const trace::Frame& frame) {
    return frame.colour.range == "pc" || frame.pixelFormat.starts_with("yuvj");
}

} // namespace

struct RgbConverter::Scaler {
    using Kind = std::tuple<int, int, std::string, int, bool>;
    Kind kind;
    Owned<SwsContext> context;

    void prepare(const trace::Frame& frame);
};

void RgbConverter::Scaler::prepare(const trace::Frame& frame) {
    const int matrix = matrixOf(frame);
    const bool isFull = isFullRange(frame);
    const Kind wanted{frame.width, frame.height, frame.pixelFormat, matrix, isFull};
    if (context && wanted == kind) {
        return;
    }
    context = owned(sws_alloc_context());
    const AVPixelFormat format = av_get_pix_fmt(frame.pixelFormat.c_str());
    const auto set = [this](const char* name, std::int64_t value) {
        av_opt_set_int(context.get(), name, value, 0);
    };
    set("srcw", frame.width);
    set("srch", frame.height);
    set("dstw", frame.width);
    set("dsth", frame.height);
    set("src_format", format);
    set("dst_format", AV_PIX_FMT_RGB24);
    set("src_range", isFull ? 1 : 0);
    set("dst_range", 1);
    set("sws_flags", kFlags);
    if (format == AV_PIX_FMT_YUV420P) {
        set("src_v_chr_pos",
            128); // between two rows, as MPEG has it; swscale would guess the first
    }
    if (format == AV_PIX_FMT_NONE || sws_init_context(context.get(), nullptr, nullptr) < 0) {
        context.reset();
        throw Error(ErrorCode::BadInput,
                    "pixels of the format " + frame.pixelFormat + " cannot be turned into RGB",
                    "Convert the video to yuv420p with another program.");
    }
    constexpr int kOne = 1 << 16; // contrast and saturation as they are
    const int* coefficients = sws_getCoefficients(matrix);
    sws_setColorspaceDetails(context.get(), coefficients, isFull ? 1 : 0, coefficients, 1, 0, kOne,
                             kOne);
    kind = wanted;
}

RgbConverter::RgbConverter()
    : m_scaler(std::make_unique<Scaler>()) {}

RgbConverter::~RgbConverter() = default;

RgbImage RgbConverter::convert(const trace::Frame& frame) {
    quietLog();
    m_scaler->prepare(frame);
    constexpr int kChannels = 3;
    // swscale writes past the end of rows that are not a multiple of its registers.
    constexpr int kAlign = 64;
    const int rowBytes = frame.width * kChannels;
    const int stride = (rowBytes + kAlign - 1) / kAlign * kAlign;
    const auto rows = static_cast<std::size_t>(frame.height);
    std::vector<std::uint8_t> padded(static_cast<std::size_t>(stride) * rows + kAlign);
    std::array<const std::uint8_t*, 4> planes{};
    std::array<int, 4> strides{};
    for (std::size_t p = 0; p < frame.planes.size() && p < planes.size(); ++p) {
        planes[p] = frame.planes[p].data;
        strides[p] = static_cast<int>(frame.planes[p].stride);
    }
    std::uint8_t* target = padded.data();
    sws_scale(m_scaler->context.get(), planes.data(), strides.data(), 0, frame.height, &target,
              &stride);
    RgbImage image{frame.width, frame.height, {}};
    if (stride == rowBytes) {
        padded.resize(static_cast<std::size_t>(rowBytes) * rows);
        image.bytes = std::move(padded);
        return image;
    }
    image.bytes.reserve(static_cast<std::size_t>(rowBytes) * rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const auto* begin = padded.data() + row * static_cast<std::size_t>(stride);
        image.bytes.insert(image.bytes.end(), begin, begin + rowBytes);
    }
    return image;
}

} // namespace depthscope::media
