// SPDX-License-Identifier: MIT
#include "engine/media/png.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/media/ffmpeg.h"

#include <algorithm>

namespace depthscope::media {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& reason) {
    throw Error(ErrorCode::OutOfMemory, file.string() + ": no PNG could be made: " + reason,
                "Free some memory, or choose a smaller picture.");
}

Owned<AVFrame> frameOf(const std::filesystem::path& file, const RgbImage& image) {
    Owned<AVFrame> frame = makeFrame();
    frame->format = AV_PIX_FMT_RGB24;
    frame->width = image.width;
    frame->height = image.height;
    if (const int error = av_frame_get_buffer(frame.get(), 0); error < 0) {
        fail(file, faultText(error));
    }
    const std::size_t rowBytes = std::size_t{3} * static_cast<std::size_t>(image.width);
    for (int row = 0; row < image.height; ++row) {
        std::copy_n(image.bytes.data() + static_cast<std::size_t>(row) * rowBytes, rowBytes,
                    frame->data[0] + std::ptrdiff_t{row} * frame->linesize[0]);
    }
    return frame;
}

} // namespace

void writePng(const std::filesystem::path& file, const RgbImage& image) {
    quietLog();
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    if (codec == nullptr) {
        throw Error(ErrorCode::BadInput, "this FFmpeg has no encoder for PNG",
                    "Install an FFmpeg with zlib.");
    }
    const Owned<AVCodecContext> context(owned(avcodec_alloc_context3(codec)));
    context->width = image.width;
    context->height = image.height;
    context->pix_fmt = AV_PIX_FMT_RGB24;
    context->time_base = {1, 1};
    context->thread_count = 1;
    const Owned<AVFrame> frame = frameOf(file, image);
    const Owned<AVPacket> packet = makePacket();
    int error = avcodec_open2(context.get(), codec, nullptr);
    error = error < 0 ? error : avcodec_send_frame(context.get(), frame.get());
    error = error < 0 ? error : avcodec_send_frame(context.get(), nullptr);
    error = error < 0 ? error : avcodec_receive_packet(context.get(), packet.get());
    if (error < 0) {
        fail(file, faultText(error));
    }
    AtomicFile target(file);
    target.write(packet->data, static_cast<std::size_t>(packet->size));
    target.commit();
}

} // namespace depthscope::media
