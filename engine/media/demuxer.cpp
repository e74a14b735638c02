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

/// What a container can be. All others are refused: playlists and scripts name other files, devices
/// and protocols reach outside.
constexpr auto kContainers = std::to_array<std::string_view>(
    {"mov",          "matroska",  "mpegts",    "mpeg",        "avi",       "ogg",      "flv",
     "asf",          "ivf",       "nut",       "mxf",         "dv",        "gif",      "apng",
     "yuv4mpegpipe", "h264",      "hevc",      "m4v",         "mpegvideo", "obu",      "av1",
     "mjpeg",        "dirac",     "vc1",       "rm",          "wtv",       "bmp_pipe", "png_pipe",
     "jpeg_pipe",    "webp_pipe", "tiff_pipe", "jpegls_pipe", "j2k_pipe",  "gif_pipe"});

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

/// "mov" of "mov,mp4,m4a,3gp,3g2,mj2".
std::string_view firstName(const char* names) {
    const std::string_view all = names;
    return all.substr(0, all.find(','));
}

int refuseOther(AVFormatContext* /*context*/,
                AVIOContext** /*io*/,
                const char* /*url*/,
                int /*flags*/,
                AVDictionary** /*options*/) {
    return AVERROR(EPERM);
}

} // namespace

Demuxer::Demuxer(std::filesystem::path path, const Limits& limits, std::stop_token stop)
    : m_path(std::move(path))
    , m_limits(limits)
    , m_stop(std::move(stop)) {
    quietLog();
    open();
}

void Demuxer::refuse(const std::string& reason, const std::string& hint) const {
    if (m_stop.stop_requested()) {
        throw Error(ErrorCode::Interrupted, m_path.string() + ": reading was stopped");
    }
    throw Error(ErrorCode::BadInput, m_path.string() + ": " + reason,
                hint.empty() ? "Check the file, or convert it with another program." : hint);
}

void Demuxer::open() {
    m_context.reset();
    m_input = std::make_unique<FileInput>(m_path);
    m_input->setStop(m_stop);
    m_endedEarly = false;
    const AVInputFormat* format = probe();
    Owned<AVFormatContext> context = owned(avformat_alloc_context());
    context->pb = m_input->context();
    context->io_open = &refuseOther;
    context->probesize = m_limits.probeBytes;
    context->max_streams = m_limits.streams;
    AVDictionary* requested = nullptr;
    av_dict_set(&requested, "scan_all_pmts", "1", 0); // as the ffmpeg program does, for mpegts
    AVFormatContext* raw = context.release();
    const int error = avformat_open_input(&raw, m_path.c_str(), format, &requested);
    const Owned<AVDictionary> unused(requested);
    if (error < 0) {
        refuse("cannot be opened as " + std::string(firstName(format->name)) + ": " +
               faultText(error));
    }
    m_context.reset(raw);
    findStreams();
    chooseStream();
    readFacts();
}

const AVInputFormat* Demuxer::probe() {
    const auto find = [this](const char* name) {
        const AVInputFormat* format = nullptr;
        const int score = av_probe_input_buffer2(m_input->context(), &format, name, nullptr, 0, 0);
        return score < 0 ? nullptr : format;
    };
    const AVInputFormat* format = find(m_path.c_str());
    if (format != nullptr && firstName(format->name) == "image2") {
        format = find(""); // by its bytes: image2 would read the files that a name stands for
    }
    if (format == nullptr) {
        refuse("must be a video or an image of a known format");
    }
    if (!isOneOf(kContainers, firstName(format->name))) {
        refuse("is " + std::string(format->name) + ", which is not opened",
               "Playlists, scripts and devices are refused. Open the video file itself.");
    }
    return format;
}

void Demuxer::findStreams() {
    // Decoders are opened to find out pixel formats and frame rates: they too have the limit.
    const std::string most = std::to_string(m_limits.framePixels);
    const unsigned count = m_context->nb_streams;
    std::vector<AVDictionary*> options(count, nullptr);
    for (AVDictionary*& option : options) {
        av_dict_set(&option, "max_pixels", most.c_str(), 0);
        av_dict_set(&option, "flags", "bitexact", 0);
    }
    const int error =
        avformat_find_stream_info(m_context.get(), options.empty() ? nullptr : options.data());
    for (AVDictionary* option : options) {
        const Owned<AVDictionary> freed(option);
    }
    if (error < 0) {
        refuse("its streams cannot be read: " + faultText(error));
    }
}

void Demuxer::chooseStream() {
    int picture = -1;
    m_stream = -1;
    for (unsigned s = 0; s < m_context->nb_streams; ++s) {
        AVStream* stream = m_context->streams[s];
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
        refuse(m_context->nb_streams == 0 ? "has no streams" : "has no picture, only sound or text",
               "Choose a file with a video stream.");
    }
    m_context->streams[m_stream]->discard = AVDISCARD_DEFAULT;
}

void Demuxer::readFacts() {
    AVStream* stream = m_context->streams[m_stream];
    m_facts = factsOf(*m_context, *stream);
    m_facts.container = firstName(m_context->iformat->name);
    checkSize(m_path, m_facts, m_limits);
    m_reached = 0;
    // Matroska reports a file that was cut off as one that ended. Its header tells the length of
    // the longest stream.
    const bool isAlone = m_context->nb_streams == 1 && m_facts.container == "matroska";
    m_promised = isAlone && m_context->duration != AV_NOPTS_VALUE
                     ? static_cast<double>(m_context->duration) / AV_TIME_BASE
                     : 0;
}

const AVCodecParameters& Demuxer::parameters() const {
    return *m_context->streams[m_stream]->codecpar;
}

PacketSource::Trust Demuxer::trust() const {
    const AVCodecID codec = parameters().codec_id;
    return {isOneFramePerPacket(codec) && !isOneOf(kByPlace, m_facts.container),
            areKeysComplete(codec)};
}

bool Demuxer::read(AVPacket& packet) {
    while (true) {
        av_packet_unref(&packet);
        const int error = av_read_frame(m_context.get(), &packet);
        if (m_stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, m_path.string() + ": reading was stopped");
        }
        if (error == AVERROR(EAGAIN)) {
            continue;
        }
        if (error == AVERROR(ENOMEM)) {
            throw Error(ErrorCode::OutOfMemory, m_path.string() + ": no memory to read it",
                        "Close other programs.");
        }
        if (error < 0) {
            m_endedEarly = error != AVERROR_EOF || m_reached + kBreak < m_promised;
            return false;
        }
        if (packet.stream_index == m_stream) {
            noteEnd(packet);
            return true;
        }
    }
}

void Demuxer::noteEnd(const AVPacket& packet) {
    const AVStream& stream = *m_context->streams[m_stream];
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
        return packet.position >= 0 &&
               av_seek_frame(m_context.get(), m_stream, packet.position, AVSEEK_FLAG_BYTE) >= 0;
    }
    const std::int64_t time = packet.pts == kNoTime   ? packet.dts
                              : packet.dts == kNoTime ? packet.pts
                                                      : std::min(packet.pts, packet.dts);
    return time != kNoTime &&
           av_seek_frame(m_context.get(), m_stream, time, AVSEEK_FLAG_BACKWARD) >= 0;
}

void Demuxer::setStop(std::stop_token stop) {
    m_stop = std::move(stop);
    m_input->setStop(m_stop);
}

double Demuxer::progress() const {
    return std::min(1.0, static_cast<double>(m_input->position()) /
                             static_cast<double>(m_input->size()));
}

} // namespace depthscope::media
