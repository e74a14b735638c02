// SPDX-License-Identifier: MIT
#include "engine/media/frame_fitter.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/colour_names.h"
#include "engine/media/stream_facts.h"

extern "C" {
#include <libavfilter/version.h>
}

#include <utility>

namespace depthscope::media {

namespace {

/// The same conversion as on screen (RgbConverter).
constexpr const char* kExactFlags =
    "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact";

bool isRgb(int format) {
    const AVPixFmtDescriptor* facts = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
    constexpr std::uint64_t kRgb = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL;
    return facts != nullptr && (facts->flags & kRgb) != 0;
}

/// As the scale filter calls it.
const char* scaleName(AVColorSpace matrix) {
    switch (matrix) {
    case AVCOL_SPC_BT709:
        return "bt709";
    case AVCOL_SPC_FCC:
        return "fcc";
    case AVCOL_SPC_SMPTE240M:
        return "smpte240m";
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return "bt2020";
    default:
        return "bt601";
    }
}

AVColorRange rangeOf(const AVFrame& frame) {
    const bool isFull = frame.color_range == AVCOL_RANGE_JPEG || isRgb(frame.format);
    return isFull ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

const char* rangeName(AVColorRange range) {
    return range == AVCOL_RANGE_JPEG ? "pc" : "tv";
}

bool isTurnedAside(const EncodeSettings& settings) {
    constexpr int kHalf = 180;
    return settings.turn % kHalf != 0;
}

/// The pixel format of the recipe's list, or for a lossless encoder the one that loses nothing.
AVPixelFormat
pixelsFor(const AVFrame& first, const EncoderRecipe& encoder, const EncodeSettings& settings) {
    const AVPixFmtDescriptor* described =
        av_pix_fmt_desc_get(static_cast<AVPixelFormat>(first.format));
    const bool isClear = described != nullptr && (described->flags & AV_PIX_FMT_FLAG_ALPHA) != 0 &&
                         (described->flags & AV_PIX_FMT_FLAG_PAL) == 0;
    if (isClear && !encoder.clearPixels.empty()) {
        return av_get_pix_fmt(std::string(encoder.clearPixels).c_str());
    }
    if (!encoder.pixels.empty()) {
        const std::size_t comma = encoder.pixels.find(',');
        const bool hasChoice = comma != std::string_view::npos;
        if (settings.fullChroma && !hasChoice) {
            throw Error(ErrorCode::Usage,
                        fmt::format("chroma: {} writes {} only", encoder.name, encoder.pixels),
                        "Leave 4:4:4 off, or choose h264 or vp9.");
        }
        const std::string name(settings.fullChroma ? encoder.pixels.substr(comma + 1)
                                                   : encoder.pixels.substr(0, comma));
        return av_get_pix_fmt(name.c_str());
    }
    const auto source = static_cast<AVPixelFormat>(first.format);
    const AVCodec* codec = avcodec_find_encoder_by_name(std::string(encoder.name).c_str());
    for (const AVPixelFormat* kept = codec->pix_fmts; kept != nullptr && *kept != AV_PIX_FMT_NONE;
         ++kept) {
        if (*kept == source) {
            return source;
        }
    }
    constexpr int kAlpha = 1;
    int loss = 0;
    const AVPixelFormat best =
        avcodec_find_best_pix_fmt_of_list(codec->pix_fmts, source, kAlpha, &loss);
    if (best == AV_PIX_FMT_NONE || loss != 0) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("pixels of the format {} cannot be kept by {} without loss",
                                formatName(first.format), encoder.name),
                    "Choose another codec.");
    }
    return best;
}

void takeColour(FittedForm& form, const AVFrame& first, const EncodingFormat& format) {
    form.primaries = first.color_primaries;
    form.transfer = first.color_trc;
    if (isRgb(form.pixels)) {
        form.matrix = AVCOL_SPC_RGB;
        form.range = AVCOL_RANGE_JPEG;
        return;
    }
    if (!isRgb(first.format)) {
        form.matrix = matrixFor(first.colorspace, first.height);
        form.range = format.isShared ? AVCOL_RANGE_MPEG : rangeOf(first);
        return;
    }
    form.matrix = AVCOL_SPC_BT709;
    form.range = AVCOL_RANGE_MPEG;
    form.primaries =
        first.color_primaries == AVCOL_PRI_UNSPECIFIED ? AVCOL_PRI_BT709 : first.color_primaries;
    form.transfer = first.color_trc == AVCOL_TRC_UNSPECIFIED ? AVCOL_TRC_BT709 : first.color_trc;
}

[[noreturn]] void failFilter(int error, const std::string& what) {
    throw Error(error == AVERROR(ENOMEM) ? ErrorCode::OutOfMemory : ErrorCode::BadInput,
                fmt::format("frames cannot be converted ({}): {}", what, faultText(error)),
                "Choose another codec or scale.");
}

} // namespace

FittedForm formOf(const AVFrame& first,
                  const EncodingFormat& format,
                  const EncodingPlan& plan,
                  const EncodeSettings& settings) {
    FittedForm form;
    form.width = plan.size.width;
    form.height = plan.size.height;
    form.padding = plan.padding;
    form.scale = plan.scale;
    form.isNearest = plan.isNearest;
    form.turn = settings.turn;
    form.pixels = pixelsFor(first, *plan.encoder, settings);
    form.sampleAspect = {settings.sampleAspect.over, settings.sampleAspect.under};
    if (isTurnedAside(settings)) {
        std::swap(form.sampleAspect.num, form.sampleAspect.den);
    }
    takeColour(form, first, format);
    return form;
}

bool FrameFitter::isFit(const Kind& kind) const {
    const bool isSame = kind.width == m_form.width && kind.height == m_form.height &&
                        kind.format == m_form.pixels && m_form.turn == 0;
    return isSame &&
           (isRgb(kind.format) || (kind.matrix == m_form.matrix && kind.range == m_form.range));
}

std::string FrameFitter::filtersFor(const Kind& kind) const {
    const std::string from =
        isRgb(kind.format) ? std::string()
                           : fmt::format("in_color_matrix={}:in_range={}:", scaleName(kind.matrix),
                                         rangeName(kind.range));
    const std::string to =
        isRgb(m_form.pixels)
            ? std::string()
            : fmt::format("out_color_matrix={}:out_range={}:", scaleName(m_form.matrix),
                          rangeName(m_form.range));
    const std::int32_t width = m_form.width - m_form.padding.width;
    const std::int32_t height = m_form.height - m_form.padding.height;
    const bool isMade = m_form.isNearest || m_form.turn != 0;
    std::string filters;
    if (isMade) { // through RGB: every pixel keeps its colour
        filters = fmt::format("scale={}{},format=rgb24,", from, kExactFlags);
        constexpr int kQuarter = 90, kHalf = 180, kThreeQuarters = 270;
        filters += m_form.turn == kQuarter         ? "transpose=clock,"
                   : m_form.turn == kHalf          ? "hflip,vflip,"
                   : m_form.turn == kThreeQuarters ? "transpose=cclock,"
                                                   : "";
        // Without full chroma, half a picture would have the means of two pixels' colours.
        const bool shrinks = m_form.scale.over <= m_form.scale.under;
        filters += fmt::format("scale={}:{}:{},format=rgb24,", width, height,
                               m_form.isNearest ? "flags=neighbor+full_chroma_inp"
                               : shrinks        ? "flags=area+accurate_rnd"
                                                : kExactFlags);
    }
    if (m_form.pixels == AV_PIX_FMT_PAL8) {
        return filters + fmt::format("scale={}:{}:{}{},format=rgb24,split[a][b];"
                                     "[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1",
                                     width, height, isMade ? "" : from, kExactFlags);
    }
    // Each chroma value of an enlarged picture is the mean of pixels of one colour.
    filters +=
        fmt::format("scale={}:{}:{}{}{},format={}", width, height, isMade ? "" : from, to,
                    isMade ? "flags=area+accurate_rnd+full_chroma_inp+bitexact" : kExactFlags,
                    formatName(m_form.pixels));
    if (m_form.padding.width > 0 || m_form.padding.height > 0) {
        filters +=
            fmt::format(",pad={}:{}:0:0,fillborders=right={}:bottom={}:mode=smear", m_form.width,
                        m_form.height, m_form.padding.width, m_form.padding.height);
    }
    return filters;
}

void FrameFitter::makeGraph(const Kind& kind) {
    // Ticks go through as they are: the unit does not matter here.
    std::string source = fmt::format("video_size={}x{}:pix_fmt={}:time_base=1/1:pixel_aspect=1/1",
                                     kind.width, kind.height, kind.format);
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100)
    source += fmt::format(":colorspace={}:range={}", static_cast<int>(kind.matrix),
                          static_cast<int>(kind.range));
#endif
    const std::string filters = filtersFor(kind);
    const int error = m_graph.make(source, filters);
    if (error < 0) {
        failFilter(error, filters);
    }
    m_kind = kind;
}

void FrameFitter::push(Owned<AVFrame> frame) {
    const Kind kind{frame->width, frame->height, frame->format,
                    isRgb(frame->format) ? AVCOL_SPC_RGB
                                         : matrixFor(frame->colorspace, frame->height),
                    rangeOf(*frame)};
    if (m_graph.isMade() && !(kind == m_kind)) {
        finish(); // frames that the old graph still holds come first
    }
    if (isFit(kind)) {
        take(std::move(frame));
        return;
    }
    if (!m_graph.isMade()) {
        makeGraph(kind);
    }
    frame->colorspace = kind.matrix;
    frame->color_range = kind.range;
    frame->sample_aspect_ratio = {1, 1};
    const int error = m_graph.push(frame.get());
    if (error < 0) {
        failFilter(error, filtersFor(kind));
    }
    drain();
}

void FrameFitter::drain() {
    while (true) {
        Owned<AVFrame> fitted = makeFrame();
        const int error = m_graph.pull(fitted.get());
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) {
            return;
        }
        if (error < 0) {
            failFilter(error, filtersFor(m_kind));
        }
        take(std::move(fitted));
    }
}

void FrameFitter::take(Owned<AVFrame> fitted) {
    fitted->colorspace = m_form.matrix;
    fitted->color_primaries = m_form.primaries;
    fitted->color_trc = m_form.transfer;
    fitted->color_range = m_form.range;
    fitted->sample_aspect_ratio = m_form.sampleAspect;
    fitted->pict_type = AV_PICTURE_TYPE_NONE; // the encoder decides
    m_ready.push_back(std::move(fitted));
}

Owned<AVFrame> FrameFitter::pop() {
    if (m_ready.empty()) {
        return nullptr;
    }
    Owned<AVFrame> first = std::move(m_ready.front());
    m_ready.pop_front();
    return first;
}

void FrameFitter::finish() {
    if (!m_graph.isMade()) {
        return;
    }
    const int error = m_graph.push(nullptr);
    if (error < 0) {
        failFilter(error, filtersFor(m_kind));
    }
    drain();
    m_graph.reset();
}

} // namespace depthscope::media
