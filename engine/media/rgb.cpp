// SPDX-License-Identifier: MIT
#include "engine/media/rgb.h"

#include "engine/base/error.h"
#include "engine/media/colour_names.h"
#include "engine/media/ffmpeg.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <array>
#include <thread>
#include <tuple>
#include <utility>

namespace depthscope::media {

namespace {

/// The same as `-vf scale=flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24` of the
/// ffmpeg program: chroma is interpolated, and the result is the same on every processor.
constexpr int kExact = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT;
constexpr int kQuick = SWS_FAST_BILINEAR;
constexpr int kQuickAndSmaller = SWS_BILINEAR;

/// More share one memory bus.
constexpr int kMostThreads = 4;
/// Below, to hand out the work takes as long as to do it.
constexpr std::int64_t kPixelsPerThread = 128 * 1024;

constexpr int kChannels = 3;
/// swscale writes past the end of rows that are not a multiple of its registers.
constexpr int kAlign = 64;

/// As swscale numbers it.
int matrixOf(const trace::Frame& frame) {
    const int named = frame.colour.matrix.empty()
                          ? AVCOL_SPC_UNSPECIFIED
                          : av_color_space_from_name(frame.colour.matrix.c_str());
    switch (matrixFor(static_cast<AVColorSpace>(named), frame.height)) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return SWS_CS_ITU601;
    }
}

/// Formats with J in their name are of full range whatever the file says.
bool isFullRange(const trace::Frame& frame) {
    return frame.colour.range == "pc" || frame.pixelFormat.starts_with("yuvj");
}

int threadsFor(const trace::Frame& frame) {
    const std::int64_t share = std::int64_t{frame.width} * frame.height / kPixelsPerThread;
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    return static_cast<int>(std::clamp<std::int64_t>(share, 1, std::clamp(cores, 1, kMostThreads)));
}

/// An AVFrame that points at bytes of ours, which outlive it.
Owned<AVFrame> borrowed(std::uint8_t* bytes, std::size_t size) {
    Owned<AVFrame> frame = makeFrame();
    // Without a buffer, libavutil would copy the planes.
    frame->buf[0] = av_buffer_create(
        bytes, size, [](void*, std::uint8_t*) {}, nullptr, 0);
    if (frame->buf[0] == nullptr) {
        throw Error(ErrorCode::OutOfMemory, "no memory for a picture", "Close other programs.");
    }
    return frame;
}

} // namespace

struct RgbConverter::Scaler {
    using Kind = std::tuple<int, int, std::string, int, bool, int, int, int>;
    Kind kind;
    Owned<SwsContext> context;

    void prepare(const trace::Frame& frame, PictureSize size, int flags);
    [[nodiscard]] RgbImage run(const trace::Frame& frame, PictureSize size) const;
};

void RgbConverter::Scaler::prepare(const trace::Frame& frame, PictureSize size, int flags) {
    quietLog();
    const int matrix = matrixOf(frame);
    const bool isFull = isFullRange(frame);
    const Kind wanted{frame.width, frame.height, frame.pixelFormat, matrix,
                      isFull,      size.width,   size.height,       flags};
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
    set("dstw", size.width);
    set("dsth", size.height);
    set("src_format", format);
    set("dst_format", AV_PIX_FMT_RGB24);
    set("src_range", isFull ? 1 : 0);
    set("dst_range", 1);
    set("sws_flags", flags);
    set("threads", threadsFor(frame));
    if (format == AV_PIX_FMT_YUV420P) {
        // Between two rows, as MPEG has it; swscale would guess the first.
        set("src_v_chr_pos", 128);
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

RgbImage RgbConverter::Scaler::run(const trace::Frame& frame, PictureSize size) const {
    const int rowBytes = size.width * kChannels;
    const int stride = (rowBytes + kAlign - 1) / kAlign * kAlign;
    const auto rows = static_cast<std::size_t>(size.height);
    std::vector<std::uint8_t> padded(static_cast<std::size_t>(stride) * rows + kAlign);
    const Owned<AVFrame> target = borrowed(padded.data(), padded.size());
    target->format = AV_PIX_FMT_RGB24;
    target->width = size.width;
    target->height = size.height;
    target->color_range = AVCOL_RANGE_JPEG;
    target->data[0] = padded.data();
    target->linesize[0] = stride;
    const Owned<AVFrame> source =
        borrowed(const_cast<std::uint8_t*>(frame.planes.front().data), frame.byteCount);
    source->format = av_get_pix_fmt(frame.pixelFormat.c_str());
    source->width = frame.width;
    source->height = frame.height;
    for (std::size_t p = 0; p < frame.planes.size() && p < 4; ++p) {
        source->data[p] = const_cast<std::uint8_t*>(frame.planes[p].data);
        source->linesize[p] = static_cast<int>(frame.planes[p].stride);
    }
    const int error = sws_scale_frame(context.get(), target.get(), source.get());
    if (error < 0) {
        throw Error(error == AVERROR(ENOMEM) ? ErrorCode::OutOfMemory : ErrorCode::BadInput,
                    "a frame cannot be turned into RGB: " + faultText(error),
                    "Close other programs, or convert the video to yuv420p.");
    }
    RgbImage image{size.width, size.height, {}};
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

RgbConverter::RgbConverter()
    : m_exact(std::make_unique<Scaler>())
    , m_quick(std::make_unique<Scaler>()) {}

RgbConverter::~RgbConverter() = default;
RgbConverter::RgbConverter(RgbConverter&&) noexcept = default;
RgbConverter& RgbConverter::operator=(RgbConverter&&) noexcept = default;

RgbImage RgbConverter::convert(const trace::Frame& frame) {
    const PictureSize size{frame.width, frame.height};
    m_exact->prepare(frame, size, kExact);
    return m_exact->run(frame, size);
}

RgbImage RgbConverter::convertQuickly(const trace::Frame& frame, PictureSize room) {
    const PictureSize own{frame.width, frame.height};
    const PictureSize size{room.width > 0 ? std::min(room.width, own.width) : own.width,
                           room.height > 0 ? std::min(room.height, own.height) : own.height};
    m_quick->prepare(frame, size, size == own ? kQuick : kQuickAndSmaller);
    return m_quick->run(frame, size);
}

} // namespace depthscope::media
