// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/file_output.h"
#include "engine/media/packet_target.h"

#include <string>

namespace depthscope::media {

namespace {

struct ReleaseOutput {
    void operator()(AVFormatContext* object) const { avformat_free_context(object); }
};

class MuxedFile final : public PacketTarget {
public:
    explicit MuxedFile(std::filesystem::path file)
        : m_file(std::move(file))
        , m_output(m_file) {}

    void begin(const AVCodecContext& encoder, const EncodeSettings& settings) override;
    void write(AVPacket& packet, AVRational timeBase) override;
    void finish() override;

    [[nodiscard]] std::int64_t bytes() const override { return m_bytes; }

private:
    static int openPart(AVFormatContext* context,
                        AVIOContext** opened,
                        const char* url,
                        int flags,
                        AVDictionary** options);
    static int closePart(AVFormatContext* context, AVIOContext* opened);
    void makeStream(const AVCodecContext& encoder, const EncodeSettings& settings);
    void check(int error, const char* doing) const;

    std::filesystem::path m_file;
    FileOutput m_output; ///< outlives m_context
    std::unique_ptr<AVFormatContext, ReleaseOutput> m_context;
    std::int64_t m_bytes = 0;
};

/// Only the file itself is opened once more, to move its index to the front.
int MuxedFile::openPart(AVFormatContext* context,
                        AVIOContext** opened,
                        const char* /*url*/,
                        int flags,
                        AVDictionary** /*options*/) {
    if ((flags & AVIO_FLAG_WRITE) != 0) {
        return AVERROR(EPERM);
    }
    try {
        *opened = static_cast<FileOutput*>(context->opaque)->openForReading();
        return 0;
    } catch (const Error&) {
        return AVERROR(ENOMEM);
    }
}

int MuxedFile::closePart(AVFormatContext* /*context*/, AVIOContext* opened) {
    FileOutput::close(opened);
    return 0;
}

void MuxedFile::check(int error, const char* doing) const {
    m_output.check(); // a full disk is why, where it is
    if (error < 0) {
        throw Error(error == AVERROR(ENOMEM) ? ErrorCode::OutOfMemory : ErrorCode::BadInput,
                    fmt::format("{}: {}: {}", m_file.string(), doing, faultText(error)),
                    "Choose another codec, or another ending for the file.");
    }
}

void MuxedFile::begin(const AVCodecContext& encoder, const EncodeSettings& settings) {
    const std::string ending = m_file.extension().string();
    const char* container = ending == ".mkv" ? "matroska" : ending.empty() ? "" : &ending[1];
    AVFormatContext* raw = nullptr;
    const int error = avformat_alloc_output_context2(&raw, nullptr, container, nullptr);
    m_context.reset(raw);
    check(error, "its container cannot be written by this FFmpeg");
    m_context->pb = m_output.context();
    m_context->opaque = &m_output;
    m_context->io_open = &openPart;
    m_context->io_close2 = &closePart;
    m_context->flags |= AVFMT_FLAG_BITEXACT; // the same clip gives the same file
    makeStream(encoder, settings);
    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "+faststart", 0);
    const int headed = avformat_write_header(m_context.get(), &options);
    const Owned<AVDictionary> unused(options);
    check(headed, "its header cannot be written");
}

void MuxedFile::makeStream(const AVCodecContext& encoder, const EncodeSettings& settings) {
    AVStream* stream = avformat_new_stream(m_context.get(), nullptr);
    if (stream == nullptr || avcodec_parameters_from_context(stream->codecpar, &encoder) < 0) {
        check(AVERROR(ENOMEM), "no memory for its stream");
    }
    stream->time_base = encoder.time_base;
    stream->sample_aspect_ratio = encoder.sample_aspect_ratio;
    stream->avg_frame_rate = settings.keepsTimes ? AVRational{0, 1} : encoder.framerate;
    const auto note = [this](const char* name, const std::string& text) {
        if (!text.empty()) {
            av_dict_set(&m_context->metadata, name, text.c_str(), 0);
        }
    };
    note("title", settings.title);
    note("comment", settings.comment);
}

void MuxedFile::write(AVPacket& packet, AVRational timeBase) {
    packet.stream_index = 0;
    m_bytes += packet.size;
    av_packet_rescale_ts(&packet, timeBase, m_context->streams[0]->time_base);
    check(av_interleaved_write_frame(m_context.get(), &packet), "a frame cannot be written");
}

void MuxedFile::finish() {
    check(av_write_trailer(m_context.get()), "its end cannot be written");
    avio_flush(m_context->pb);
    m_bytes = avio_size(m_context->pb);
    m_output.commit();
}

} // namespace

std::unique_ptr<PacketTarget> makeMuxedFile(const std::filesystem::path& file) {
    return std::make_unique<MuxedFile>(file);
}

} // namespace depthscope::media
