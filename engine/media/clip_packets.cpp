// SPDX-License-Identifier: MIT
#include "engine/media/clip_packets.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/av_frame.h"
#include "engine/media/encoding_format.h"
#include "engine/media/frame_encoder.h"
#include "engine/media/frame_fitter.h"
#include "engine/media/limits.h"
#include "engine/media/rgb.h"

#include <cstring>
#include <utility>

namespace depthscope::media {

namespace {

constexpr std::string_view kCodec = "ffv1";

[[noreturn]] void
refuse(std::size_t picture, const trace::ClipContent& clip, const std::string& what) {
    throw Error(ErrorCode::BadInput,
                fmt::format("frame {} of the clip: {}",
                            clip.firstFrame + static_cast<std::int32_t>(picture), what),
                "The recording is damaged, or was changed by another program.");
}

/// One encoder for the pictures of a step.
class Packer {
public:
    explicit Packer(trace::ClipContent& clip)
        : m_clip(clip) {}

    void run() {
        const RgbPicture& first = *m_clip.pictures.front();
        m_settings.rate = m_clip.rate;
        m_settings.threads = 1; // slices of tiny pictures are not worth a thread
        const Owned<AVFrame> frame = avFrameOf(first);
        const EncodingFormat& format = *findEncodingFormat(kCodec);
        const EncodingPlan plan = planEncoding(format, {first.width, first.height}, m_settings);
        if (plan.encoder == nullptr) {
            throw Error(ErrorCode::BadInput, "frames cannot be recorded: " + plan.reason,
                        "Install an FFmpeg with FFV1.");
        }
        const FittedForm form = formOf(*frame, format, plan, m_settings);
        FrameFitter fitter(form);
        FrameEncoder encoder(
            form, {&format, plan.encoder, &m_settings, {m_clip.rate.under, m_clip.rate.over}});
        m_clip.packets.clear();
        for (std::size_t n = 0; n < m_clip.pictures.size(); ++n) {
            const RgbPicture& picture = *m_clip.pictures[n];
            if (picture.width != first.width || picture.height != first.height) {
                refuse(n, m_clip, "must be as large as the first one");
            }
            Owned<AVFrame> next = avFrameOf(picture);
            next->pts = m_clip.firstFrame + static_cast<std::int64_t>(n);
            fitter.push(std::move(next));
            encoder.send(fitter.pop().get());
            take(encoder);
        }
        encoder.send(nullptr);
        take(encoder);
        const AVCodecContext& context = encoder.context();
        m_clip.codec = {std::string(kCodec), first.width, first.height, {}};
        m_clip.codec.extradata.assign(context.extradata,
                                      context.extradata + context.extradata_size);
    }

private:
    void take(FrameEncoder& encoder) {
        while (encoder.receive(*m_packet)) {
            m_clip.packets.push_back(
                {m_packet->pts, {m_packet->data, m_packet->data + m_packet->size}});
        }
    }

    trace::ClipContent& m_clip;
    EncodeSettings m_settings;
    Owned<AVPacket> m_packet = makePacket();
};

Owned<AVCodecContext> openDecoder(const trace::PictureCodec& codec) {
    const AVCodec* decoder = avcodec_find_decoder(AV_CODEC_ID_FFV1);
    Owned<AVCodecContext> context = owned(avcodec_alloc_context3(decoder));
    context->width = codec.width;
    context->height = codec.height;
    context->thread_count = 1;
    context->max_pixels = Limits().framePixels; // FFV1 has no size in its packets: ours holds
    const std::size_t bytes = codec.extradata.size();
    context->extradata =
        static_cast<std::uint8_t*>(av_mallocz(bytes + AV_INPUT_BUFFER_PADDING_SIZE));
    if (context->extradata == nullptr) {
        throw Error(ErrorCode::OutOfMemory, "no memory for a video", "Close other programs.");
    }
    std::copy(codec.extradata.begin(), codec.extradata.end(), context->extradata);
    context->extradata_size = static_cast<int>(bytes);
    if (decoder == nullptr || avcodec_open2(context.get(), decoder, nullptr) < 0) {
        throw Error(ErrorCode::BadInput, "the frames of the clip cannot be decoded",
                    "The recording is damaged, or this FFmpeg has no FFV1.");
    }
    return context;
}

/// The frame of one packet; null where it is damaged.
Owned<AVFrame> decode(AVCodecContext& context, const trace::PicturePacket& packet) {
    const Owned<AVPacket> sent = makePacket();
    if (packet.bytes.empty() ||
        av_new_packet(sent.get(), static_cast<int>(packet.bytes.size())) < 0) {
        return nullptr;
    }
    std::memcpy(sent->data, packet.bytes.data(), packet.bytes.size());
    sent->pts = packet.pts;
    sent->flags = AV_PKT_FLAG_KEY;
    Owned<AVFrame> frame = makeFrame();
    const bool isDecoded = avcodec_send_packet(&context, sent.get()) >= 0 &&
                           avcodec_receive_frame(&context, frame.get()) >= 0;
    const bool isSound =
        isDecoded && frame->decode_error_flags == 0 && (frame->flags & AV_FRAME_FLAG_CORRUPT) == 0;
    return isSound ? std::move(frame) : nullptr;
}

void checkCodec(const trace::ClipContent& clip) {
    const trace::PictureCodec& codec = clip.codec;
    const Limits limits;
    if (codec.name != kCodec) {
        refuse(0, clip, fmt::format("unknown codec '{}'", codec.name));
    }
    if (codec.width < 1 || codec.height < 1 || codec.width > limits.frameSide ||
        codec.height > limits.frameSide ||
        std::int64_t{codec.width} * codec.height > limits.framePixels) {
        refuse(0, clip,
               fmt::format("{} x {} pixels is not a valid size", codec.width, codec.height));
    }
}

} // namespace

void packPictures(trace::ClipContent& clip) {
    quietLog();
    if (!clip.pictures.empty()) {
        Packer(clip).run();
    }
}

void unpackPictures(trace::ClipContent& clip) {
    quietLog();
    clip.pictures.clear();
    if (clip.packets.empty()) {
        return;
    }
    checkCodec(clip);
    const Owned<AVCodecContext> context = openDecoder(clip.codec);
    RgbConverter converter;
    for (std::size_t n = 0; n < clip.packets.size(); ++n) {
        Owned<AVFrame> frame = decode(*context, clip.packets[n]);
        if (!frame) {
            refuse(n, clip, "is damaged");
        }
        if (frame->width != clip.codec.width || frame->height != clip.codec.height) {
            refuse(n, clip,
                   fmt::format("is {} x {} pixels where the clip has {} x {}", frame->width,
                               frame->height, clip.codec.width, clip.codec.height));
        }
        clip.pictures.push_back(
            std::make_shared<const RgbPicture>(converter.convert(frameOf(std::move(frame)))));
    }
}

} // namespace depthscope::media
