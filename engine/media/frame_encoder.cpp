// SPDX-License-Identifier: MIT
#include "engine/media/frame_encoder.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/stream_facts.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>

namespace depthscope::media {

namespace {

/// Seeking back decodes at most so much.
constexpr double kSecondsBetweenKeys = 2;

/// More threads cost quality in some encoders, and pictures are small here.
constexpr int kMostThreads = 8;

void set(AVDictionary*& options, std::string_view name, const std::string& value) {
    av_dict_set(&options, std::string(name).c_str(), value.c_str(), 0);
}

/// Version 3 has slices with checksums; tiny pictures have room for one. Of pictures whose width or
/// height is 1 FFmpeg's version 3 loses every value without a word: they get version 1.
void setFfv1(AVDictionary*& options, const FittedForm& form) {
    const std::int32_t side = std::min(form.width, form.height);
    if (side < 2) {
        set(options, "level", "1");
        return;
    }
    constexpr std::int32_t kRoomForSlices = 64;
    set(options, "level", "3");
    set(options, "slicecrc", "1");
    set(options, "slices", side < kRoomForSlices ? "1" : "4");
}

AVDictionary* optionsOf(const FittedForm& form, const FrameEncoder::Setup& setup) {
    AVDictionary* options = nullptr;
    for (const auto& [name, value] : setup.encoder->options) {
        set(options, name, std::string(value));
    }
    const EncodingFormat& format = *setup.format;
    if (format.hasQuality()) {
        const std::int32_t quality = setup.settings->quality.value_or(format.usualQuality);
        const double scaledQuality = std::round(quality * setup.encoder->qualityScale);
        set(options, setup.encoder->quality,
            std::to_string(static_cast<std::int64_t>(scaledQuality)));
    }
    if (format.name == "ffv1") {
        setFfv1(options, form);
    }
    return options;
}

void takeForm(AVCodecContext& context, const FittedForm& form) {
    context.width = form.width;
    context.height = form.height;
    context.pix_fmt = form.pixels;
    context.colorspace = form.matrix;
    context.color_primaries = form.primaries;
    context.color_trc = form.transfer;
    context.color_range = form.range;
    context.sample_aspect_ratio = form.sampleAspect;
}

} // namespace

FrameEncoder::FrameEncoder(const FittedForm& form, const Setup& setup) {
    const AVCodec* codec = avcodec_find_encoder_by_name(std::string(setup.encoder->name).c_str());
    m_context = owned(avcodec_alloc_context3(codec));
    takeForm(*m_context, form);
    const trace::Ratio& rate = setup.settings->rate;
    m_context->time_base = setup.timeBase;
    m_context->framerate = {rate.over, rate.under};
    const double frames = kSecondsBetweenKeys * rate.over / rate.under;
    constexpr double kMostBetween = 250;
    m_context->gop_size =
        setup.format->isLossless ? 1 : static_cast<int>(std::clamp(frames, 1.0, kMostBetween));
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    m_context->thread_count =
        setup.settings->threads > 0 ? setup.settings->threads : std::clamp(cores, 1, kMostThreads);
    if (setup.inContainer) {
        m_context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    AVDictionary* requested = optionsOf(form, setup);
    const int error = avcodec_open2(m_context.get(), codec, &requested);
    const Owned<AVDictionary> unused(requested);
    if (error < 0) {
        fail(error, "cannot be opened");
    }
}

void FrameEncoder::fail(int error, const char* doing) const {
    const ErrorCode code = error == AVERROR(ENOMEM) ? ErrorCode::OutOfMemory : ErrorCode::BadInput;
    throw Error(code,
                fmt::format("the encoder {} {} for {} x {} {} pixels at frame {}: {}",
                            m_context->codec->name, doing, m_context->width, m_context->height,
                            formatName(m_context->pix_fmt), m_sent, faultText(error)),
                "Choose another codec or scale; info lists the encoders.");
}

void FrameEncoder::send(const AVFrame* frame) {
    const int error = avcodec_send_frame(m_context.get(), frame);
    if (error < 0 && error != AVERROR_EOF) {
        fail(error, "failed");
    }
    m_sent += frame != nullptr ? 1 : 0;
}

bool FrameEncoder::receive(AVPacket& packet) {
    av_packet_unref(&packet);
    const int error = avcodec_receive_packet(m_context.get(), &packet);
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) {
        return false;
    }
    if (error < 0) {
        fail(error, "failed");
    }
    return true;
}

} // namespace depthscope::media
