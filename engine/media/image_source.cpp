// SPDX-License-Identifier: MIT
#include "engine/media/image_source.h"

#include "engine/base/error.h"
#include "engine/base/text_file.h"
#include "engine/media/decoder.h"
#include "engine/media/image_files.h"
#include "engine/media/stream_facts.h"

#include <cstring>
#include <utility>

namespace depthscope::media {

namespace {

/// By the first bytes: a name may lie.
AVCodecID codecOf(const std::filesystem::path& file, const std::string& bytes) {
    if (bytes.starts_with("\x89PNG\r\n")) {
        return AV_CODEC_ID_PNG;
    }
    if (bytes.starts_with("\xff\xd8\xff")) {
        return AV_CODEC_ID_MJPEG;
    }
    constexpr std::size_t kKindAt = 8;
    if (bytes.starts_with("RIFF") && bytes.substr(kKindAt, 4) == "WEBP") {
        return AV_CODEC_ID_WEBP;
    }
    throw Error(ErrorCode::BadInput, file.string() + ": must be a PNG, JPEG or WebP image",
                "Check the file, or take it out of the folder.");
}

} // namespace

ImageSource::ImageSource(const std::filesystem::path& path,
                         const Limits& limits,
                         std::stop_token stop)
    : m_limits(limits)
    , m_stop(std::move(stop))
    , m_files(imageFiles(path))
    , m_parameters(owned(avcodec_parameters_alloc())) {
    quietLog();
    if (m_files.size() > m_limits.packets) {
        throw Error(ErrorCode::BadInput,
                    path.string() + ": has " + std::to_string(m_files.size()) +
                        " images; at most " + std::to_string(m_limits.packets) + " are read",
                    "Put some of them into another folder.");
    }
    m_parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    m_parameters->codec_id =
        codecOf(m_files.front(),
                readWhole(m_files.front(), static_cast<std::uint64_t>(m_limits.packetBytes)));
    m_facts.container = "images";
    m_facts.codec = avcodec_get_name(m_parameters->codec_id);
    learnFromFirst();
}

void ImageSource::learnFromFirst() {
    Decoder decoder(*this, m_limits, 1);
    const Owned<AVPacket> packet = makePacket();
    std::optional<Decoded> first;
    if (read(*packet) && decoder.send(*packet, 0)) {
        first = decoder.receive();
        if (!first) {
            decoder.finish();
            first = decoder.receive();
        }
    }
    rewind();
    if (!first) {
        throw Error(ErrorCode::BadInput, m_files.front().string() + ": cannot be decoded",
                    "Check the image, or take it out of the folder.");
    }
    const trace::Frame& frame = first->frame;
    m_facts.width = frame.width;
    m_facts.height = frame.height;
    m_facts.pixelFormat = frame.pixelFormat;
    m_facts.colour = frame.colour;
    checkSize(m_files.front(), m_facts, m_limits);
}

bool ImageSource::read(AVPacket& packet) {
    av_packet_unref(&packet);
    if (m_stop.stop_requested()) {
        throw Error(ErrorCode::Interrupted, "reading images was stopped");
    }
    if (m_next >= m_files.size()) {
        return false;
    }
    const std::string bytes =
        readWhole(m_files[m_next], static_cast<std::uint64_t>(m_limits.packetBytes));
    if (av_new_packet(&packet, static_cast<int>(bytes.size())) < 0) {
        throw Error(ErrorCode::OutOfMemory, m_files[m_next].string() + ": no memory to read it");
    }
    std::memcpy(packet.data, bytes.data(), bytes.size());
    packet.pts = packet.dts = static_cast<std::int64_t>(m_next);
    packet.pos = packet.pts; // images are found again by their number
    packet.duration = 1;
    packet.flags = AV_PKT_FLAG_KEY;
    ++m_next;
    return true;
}

bool ImageSource::seek(const PacketEntry& packet) {
    if (packet.position < 0 || packet.position >= std::ssize(m_files)) {
        return false;
    }
    m_next = static_cast<std::size_t>(packet.position);
    return true;
}

double ImageSource::progress() const {
    return static_cast<double>(m_next) / static_cast<double>(m_files.size());
}

} // namespace depthscope::media
