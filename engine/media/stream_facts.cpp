// SPDX-License-Identifier: MIT
#include "engine/media/stream_facts.h"

#include "engine/base/error.h"
#include "engine/media/colour_names.h"

extern "C" {
#include <libavutil/display.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace depthscope::media {

namespace {

/// Codecs between frames whose packets are one frame each and whose key frames can be relied on.
constexpr std::array kInterCodecs{AV_CODEC_ID_H264,       AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8,
                                  AV_CODEC_ID_VP9,        AV_CODEC_ID_AV1,  AV_CODEC_ID_MPEG2VIDEO,
                                  AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_FFV1};

/// Their key frames too, but a packet may hold two frames or none.
constexpr std::array kOtherInterCodecs{AV_CODEC_ID_MPEG4, AV_CODEC_ID_THEORA, AV_CODEC_ID_VP6F,
                                       AV_CODEC_ID_FLV1, AV_CODEC_ID_VC1};

template <std::size_t N>
bool isOneOf(const std::array<AVCodecID, N>& codecs, AVCodecID codec) {
    return std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

bool isIntra(AVCodecID codec) {
    const AVCodecDescriptor* facts = avcodec_descriptor_get(codec);
    return facts != nullptr && (facts->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
}

/// 0 where there is no display matrix, or a broken one.
std::int32_t rotationOf(const AVStream& stream) {
    const std::uint8_t* matrix = nullptr;
    constexpr std::size_t kMatrixBytes = 9 * sizeof(std::int32_t);
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData* data =
        av_packet_side_data_get(stream.codecpar->coded_side_data,
                                stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    matrix = data != nullptr && data->size >= kMatrixBytes ? data->data : nullptr;
#else
    std::size_t bytes = 0;
    matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
    matrix = bytes >= kMatrixBytes ? matrix : nullptr;
#endif
    if (matrix == nullptr) {
        return 0;
    }
    std::array<std::int32_t, 9> values{};
    std::memcpy(values.data(), matrix, kMatrixBytes);
    const double anticlockwise = av_display_rotation_get(values.data());
    if (!std::isfinite(anticlockwise)) {
        return 0;
    }
    constexpr int kTurn = 360;
    return (kTurn - static_cast<int>(std::lround(anticlockwise)) % kTurn) % kTurn;
}

} // namespace

trace::Ratio ratioOf(AVRational rational) {
    return {rational.num, rational.den};
}

std::string formatName(int pixelFormat) {
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(pixelFormat));
    return name == nullptr ? "" : name;
}

ClipFacts factsOf(AVFormatContext& context, AVStream& stream) {
    const AVCodecParameters& codec = *stream.codecpar;
    ClipFacts facts;
    facts.codec = avcodec_get_name(codec.codec_id);
    facts.width = codec.width;
    facts.height = codec.height;
    facts.pixelFormat = formatName(codec.format);
    facts.rotation = rotationOf(stream);
    const AVRational aspect = av_guess_sample_aspect_ratio(&context, &stream, nullptr);
    if (aspect.num > 0 && aspect.den > 0) {
        facts.sampleAspect = ratioOf(aspect);
    }
    facts.colour =
        colourNames(codec.color_space, codec.color_primaries, codec.color_trc, codec.color_range);
    facts.timeBase = ratioOf(stream.time_base);
    const AVRational rate = av_guess_frame_rate(&context, &stream, nullptr);
    if (rate.num > 0 && rate.den > 0) {
        facts.frameRate = ratioOf(rate);
    }
    return facts;
}

void checkSize(const std::filesystem::path& path, const ClipFacts& facts, const Limits& limits) {
    const std::int64_t pixels = std::int64_t{facts.width} * facts.height;
    if (facts.width > limits.frameSide || facts.height > limits.frameSide ||
        pixels > limits.framePixels) {
        throw Error(ErrorCode::BadInput,
                    path.string() + ": its frames are " + std::to_string(facts.width) + " x " +
                        std::to_string(facts.height) + " pixels; at most " +
                        std::to_string(limits.framePixels) + " pixels and " +
                        std::to_string(limits.frameSide) + " a side are read",
                    "Scale it down with another program.");
    }
}

bool isOneFramePerPacket(AVCodecID codec) {
    return isIntra(codec) || isOneOf(kInterCodecs, codec);
}

bool areKeysComplete(AVCodecID codec) {
    return isOneFramePerPacket(codec) || isOneOf(kOtherInterCodecs, codec);
}

} // namespace depthscope::media
