// SPDX-License-Identifier: MIT
#include "engine/media/container.h"

#include "engine/base/error.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

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

Container::Container(std::filesystem::path path, const Limits& limits, std::stop_token stop)
    : m_path(std::move(path))
    , m_stop(std::move(stop)) {
    quietLog();
    m_input = std::make_unique<FileInput>(m_path);
    m_input->setStop(m_stop);
    const AVInputFormat* format = probe();
    Owned<AVFormatContext> context = owned(avformat_alloc_context());
    context->pb = m_input->context();
    context->io_open = &refuseOther;
    context->probesize = limits.probeBytes;
    context->max_streams = limits.streams;
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
    findStreams(limits);
}

void Container::refuse(const std::string& reason, const std::string& hint) const {
    if (m_stop.stop_requested()) {
        throw Error(ErrorCode::Interrupted, m_path.string() + ": reading was stopped");
    }
    throw Error(ErrorCode::BadInput, m_path.string() + ": " + reason,
                hint.empty() ? "Check the file, or convert it with another program." : hint);
}

std::string_view Container::name() const {
    return firstName(m_context->iformat->name);
}

void Container::setStop(std::stop_token stop) {
    m_stop = std::move(stop);
    m_input->setStop(m_stop);
}

const AVInputFormat* Container::probe() {
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

void Container::findStreams(const Limits& limits) {
    // Decoders are opened to find out pixel formats and frame rates: they too have the limit.
    const std::string most = std::to_string(limits.framePixels);
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

int Container::read(AVPacket& packet, int stream) {
    while (true) {
        av_packet_unref(&packet);
        const int error = av_read_frame(m_context.get(), &packet);
        if (m_stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, m_path.string() + ": reading was stopped");
        }
        if (error == AVERROR(EAGAIN)) {
            continue;
        }
        // A size from a damaged file that is too large to be granted looks like a lack of memory:
        // as every other error it ends what can be read.
        if (error < 0 || packet.stream_index == stream) {
            return error;
        }
    }
}

} // namespace depthscope::media
