// SPDX-License-Identifier: MIT
#include "engine/media/decoder.h"

#include "engine/base/error.h"
#include "engine/media/av_frame.h"
#include "engine/media/stream_facts.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace depthscope::media {

namespace {

/// Frame threads hold one frame back each: past four, a seek waits for frames nobody asked for.
constexpr int kMostThreads = 4;

/// A decoder that fails for ever while it is drained would never end.
constexpr int kMostFaultsInARow = 64;

int threadsFor(int requested) {
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    return requested > 0 ? requested : std::clamp(cores, 1, kMostThreads);
}

[[noreturn]] void failMemory() {
    throw Error(ErrorCode::OutOfMemory, "no memory for a video frame", "Close other programs.");
}

} // namespace

Decoder::Decoder(const PacketSource& source,
                 const Limits& limits,
                 int threads,
                 std::shared_ptr<HardwarePath> hardware) {
    const AVCodecParameters& parameters = source.parameters();
    const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
    if (codec == nullptr) {
        throw Error(ErrorCode::BadInput, "this FFmpeg has no decoder for " + source.facts().codec,
                    "Convert the video with another program; info lists the decoders.");
    }
    m_context = owned(avcodec_alloc_context3(codec));
    if (avcodec_parameters_to_context(m_context.get(), &parameters) < 0) {
        failMemory();
    }
    const ClipFacts& facts = source.facts();
    m_context->flags |= AV_CODEC_FLAG_BITEXACT;
    m_context->max_pixels = limits.framePixels;
    m_context->pkt_timebase = {facts.timeBase.over, facts.timeBase.under};
    m_context->framerate = {facts.frameRate.over, facts.frameRate.under};
    m_context->thread_count = threadsFor(threads);
    if (hardware && hardware->attach(*m_context, *codec)) {
        m_hardware = std::move(hardware);
    }
    const int error = avcodec_open2(m_context.get(), codec, nullptr);
    if (error < 0) {
        throw Error(error == AVERROR(ENOMEM) ? ErrorCode::OutOfMemory : ErrorCode::BadInput,
                    "the decoder of " + facts.codec + " cannot be opened: " + faultText(error),
                    "Check the file, or convert it with another program.");
    }
}

bool Decoder::send(AVPacket& packet, std::int64_t number) {
    packet.pts = number;
    packet.dts = number;
    const int error = avcodec_send_packet(m_context.get(), &packet);
    if (error == AVERROR(ENOMEM)) {
        failMemory();
    }
    return error >= 0;
}

void Decoder::prime(const AVPacket& first) {
    const Owned<AVPacket> copy = makePacket();
    if (av_packet_ref(copy.get(), &first) < 0) {
        failMemory();
    }
    const Owned<AVFrame> ignored = makeFrame();
    if (send(*copy, 0)) {
        avcodec_receive_frame(m_context.get(), ignored.get());
    }
    avcodec_flush_buffers(m_context.get());
}

void Decoder::finish() {
    m_isFinishing = true;
    avcodec_send_packet(m_context.get(), nullptr);
}

std::optional<Decoded> Decoder::receive() {
    while (!m_isDone) {
        Owned<AVFrame> decoded = makeFrame();
        const int error = avcodec_receive_frame(m_context.get(), decoded.get());
        if (error == AVERROR(EAGAIN)) {
            return std::nullopt;
        }
        if (error == AVERROR(ENOMEM)) {
            failMemory();
        }
        if (error == AVERROR_EOF) {
            m_isDone = true;
        } else if (error < 0) {
            ++m_faults;
            m_isDone = m_isFinishing && ++m_faultsInARow > kMostFaultsInARow;
            if (!m_isFinishing) {
                return std::nullopt; // the next packet may go better
            }
        } else {
            m_faultsInARow = 0;
            if (m_hardware && !m_hardware->fetch(*decoded)) {
                ++m_faults;
                m_isDone = true;
                return std::nullopt;
            }
            const std::int64_t packet = decoded->pts == AV_NOPTS_VALUE ? -1 : decoded->pts;
            return Decoded{frameOf(std::move(decoded)), packet};
        }
    }
    return std::nullopt;
}

int Decoder::takeFaults() {
    return std::exchange(m_faults, 0);
}

} // namespace depthscope::media
