// SPDX-License-Identifier: MIT
#include "engine/media/demuxer.h"

#include "engine/base/error.h"
#include "engine/media/stream_facts.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace depthscope::media {

namespace {

/// Containers in which a packet is found again by its place in the file, and whose time stamps may
/// be missing, guessed or begin anew.
constexpr auto kByPlace = std::to_array<std::string_view>(
    {"mpegts", "mpeg", "h264", "hevc", "m4v", "mpegvideo", "mjpeg", "obu", "vc1", "dirac"});

/// A stream that ends this much before its container says, in seconds, was cut off.
constexpr double kBreak = 0.5;

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

Demuxer::Demuxer(std::filesystem::path path, const Limits& limits, std::stop_token stop)
    : m_path(std::move(path))
    , m_limits(limits)
    , m_stop(std::move(stop)) {
    open();
}

void Demuxer::open() {
    m_container.reset();
    m_container = std::make_unique<Container>(m_path, m_limits, m_stop);
    m_endedEarly = false;
    chooseStream();
    readFacts();
}

void Demuxer::chooseStream() {
    int picture = -1;
    m_stream = -1;
    for (unsigned s = 0; s < m_container->context().nb_streams; ++s) {
        AVStream* stream = m_container->context().streams[s];
        stream->discard = AVDISCARD_ALL;
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO) {
            continue;
        }
        const bool isCover = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
        int& choice = isCover ? picture : m_stream;
        choice = choice < 0 ? static_cast<int>(s) : choice;
    }
    m_stream = m_stream < 0 ? picture : m_stream;
    if (m_stream < 0) {
        m_container->refuse(m_container->context().nb_streams == 0
                                ? "has no streams"
                                : "has no picture, only sound or text",
                            "Choose a file with a video stream.");
    }
    m_container->context().streams[m_stream]->discard = AVDISCARD_DEFAULT;
}

void Demuxer::readFacts() {
    AVStream* stream = m_container->context().streams[m_stream];
    m_facts = factsOf(m_container->context(), *stream);
    m_facts.container = m_container->name();
    checkSize(m_path, m_facts, m_limits);
    m_reached = 0;
    // Matroska reports a file that was cut off as one that ended. Its header tells the length of
    // the longest stream.
    const bool isAlone = m_container->context().nb_streams == 1 && m_facts.container == "matroska";
    m_promised = isAlone && m_container->context().duration != AV_NOPTS_VALUE
                     ? static_cast<double>(m_container->context().duration) / AV_TIME_BASE
                     : 0;
}

const AVCodecParameters& Demuxer::parameters() const {
    return *m_container->context().streams[m_stream]->codecpar;
}

PacketSource::Trust Demuxer::trust() const {
    const AVCodecID codec = parameters().codec_id;
    return {isOneFramePerPacket(codec) && !isOneOf(kByPlace, m_facts.container),
            areKeysComplete(codec)};
}

bool Demuxer::read(AVPacket& packet) {
    const int error = m_container->read(packet, m_stream);
    if (error < 0) {
        m_endedEarly = error != AVERROR_EOF || m_reached + kBreak < m_promised;
        return false;
    }
    noteEnd(packet);
    return true;
}

void Demuxer::noteEnd(const AVPacket& packet) {
    const AVStream& stream = *m_container->context().streams[m_stream];
    if (packet.pts != AV_NOPTS_VALUE) {
        const std::int64_t begin = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
        m_reached = std::max(m_reached, static_cast<double>(packet.pts - begin + packet.duration) *
                                            av_q2d(stream.time_base));
    }
}

void Demuxer::rewind() {
    // Opened anew: seeking to the start would skip what stands before the first key frame.
    open();
}

bool Demuxer::seek(const PacketEntry& packet) {
    if (isOneOf(kByPlace, m_facts.container)) {
        return packet.position >= 0 && av_seek_frame(&m_container->context(), m_stream,
                                                     packet.position, AVSEEK_FLAG_BYTE) >= 0;
    }
    const std::int64_t time = packet.pts == kNoTime   ? packet.dts
                              : packet.dts == kNoTime ? packet.pts
                                                      : std::min(packet.pts, packet.dts);
    return time != kNoTime &&
           av_seek_frame(&m_container->context(), m_stream, time, AVSEEK_FLAG_BACKWARD) >= 0;
}

void Demuxer::setStop(std::stop_token stop) {
    m_stop = std::move(stop);
    m_container->setStop(m_stop);
}

double Demuxer::progress() const {
    return std::min(1.0, static_cast<double>(m_container->input().position()) /
                             static_cast<double>(m_container->input().size()));
}

} // namespace depthscope::media
