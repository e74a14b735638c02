// SPDX-License-Identifier: MIT
#include "engine/media/png.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/media/av_frame.h"
#include "engine/media/ffmpeg.h"

extern "C" {
#include <libavutil/crc.h>
}

#include <algorithm>
#include <cstdint>

namespace depthscope::media {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& reason) {
    throw Error(ErrorCode::OutOfMemory, file.string() + ": no PNG could be made: " + reason,
                "Free some memory, or choose a smaller picture.");
}

void append(std::string& bytes, std::uint32_t number) {
    constexpr unsigned kByte = 8, kBytes = 4;
    for (unsigned b = kBytes; b-- > 0;) {
        bytes += static_cast<char>(number >> (b * kByte) & 0xffU);
    }
}

/// Length, kind, data, checksum of kind and data.
std::string chunkOf(const PngText& text) {
    // No compression, no language, no translated keyword.
    const std::string body = "iTXt" + text.keyword + std::string(5, '\0') + text.text;
    std::string chunk;
    append(chunk, static_cast<std::uint32_t>(body.size() - 4));
    chunk += body;
    const std::uint32_t sum =
        av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), UINT32_MAX,
               reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
    append(chunk, ~sum);
    return chunk;
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
    const Owned<AVFrame> frame = avFrameOf(image);
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

std::string withTexts(std::string_view png, std::span<const PngText> texts) {
    constexpr std::size_t kHeaderEnd = 8 + 25; // signature, then IHDR as a whole
    std::string bytes(png.substr(0, kHeaderEnd));
    for (const PngText& text : texts) {
        bytes += chunkOf(text);
    }
    return bytes.append(png.substr(std::min(kHeaderEnd, png.size())));
}

} // namespace depthscope::media
