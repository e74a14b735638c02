// SPDX-License-Identifier: MIT
#include "engine/media/sound_reader.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/container.h"

extern "C" {
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace depthscope::media {

namespace {

/// Decoders of sound need what stands before: so many seconds are decoded and not heard.
constexpr double kRunUp = 0.5;

/// A hole in the time stamps is filled with silence up to here, in seconds; more is a mistake.
constexpr double kLongestSilence = 3600;

struct Resampler {
    void operator()(SwrContext* object) const { swr_free(&object); }
};

int soundStreamOf(AVFormatContext& context) {
    const int found = av_find_best_stream(&context, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    for (unsigned s = 0; s < context.nb_streams; ++s) {
        const bool isChosen = static_cast<int>(s) == found;
        context.streams[s]->discard = isChosen ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    return found;
}

} // namespace

class SoundReader::Stream {
public:
    Stream(std::unique_ptr<Container> container, int stream);

    [[nodiscard]] bool open();
    [[nodiscard]] std::string description() const;
    void seek(double seconds);
    [[nodiscard]] std::size_t read(std::span<float> values);

private:
    [[nodiscard]] bool decodeMore();
    void take(const AVFrame& frame);
    void place(const AVFrame& frame);
    [[nodiscard]] bool prepare(const AVFrame& frame);

    [[nodiscard]] const AVStream& stream() const {
        return *m_container->context().streams[m_index];
    }

    std::unique_ptr<Container> m_container;
    int m_index;
    Owned<AVCodecContext> m_decoder;
    std::unique_ptr<SwrContext, Resampler> m_resampler;
    int m_sourceRate = 0;
    int m_sourceFormat = -1;
    int m_sourceChannels = 0;
    std::vector<float> m_ready; ///< decoded, from m_taken on
    std::size_t m_taken = 0;
    double m_from = 0;         ///< seconds of the sample that read() begins with after a seek
    std::int64_t m_toSkip = 0; ///< samples of each channel before it
    bool m_isPlaced = false;   ///< the first frame after the seek has come
    bool m_isFlushed = false;
    bool m_isDone = false;
};

SoundReader::Stream::Stream(std::unique_ptr<Container> container, int stream)
    : m_container(std::move(container))
    , m_index(stream) {}

bool SoundReader::Stream::open() {
    const AVCodecParameters& parameters = *stream().codecpar;
    const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
    if (codec == nullptr) {
        return false;
    }
    m_decoder = owned(avcodec_alloc_context3(codec));
    if (avcodec_parameters_to_context(m_decoder.get(), &parameters) < 0) {
        return false;
    }
    m_decoder->pkt_timebase = stream().time_base;
    m_decoder->thread_count = 1;
    return avcodec_open2(m_decoder.get(), codec, nullptr) >= 0;
}

std::string SoundReader::Stream::description() const {
    const AVCodecParameters& parameters = *stream().codecpar;
    return fmt::format(
        "{}, {} {}, {} Hz", avcodec_get_name(parameters.codec_id), parameters.ch_layout.nb_channels,
        parameters.ch_layout.nb_channels == 1 ? "channel" : "channels", parameters.sample_rate);
}

void SoundReader::Stream::seek(double seconds) {
    const double target = std::max(0.0, seconds - kRunUp) * AV_TIME_BASE;
    avformat_seek_file(&m_container->context(), -1, INT64_MIN, static_cast<std::int64_t>(target),
                       static_cast<std::int64_t>(target), AVSEEK_FLAG_BACKWARD);
    avcodec_flush_buffers(m_decoder.get());
    m_resampler.reset();
    m_ready.clear();
    m_taken = 0;
    m_from = seconds;
    m_toSkip = 0;
    m_isPlaced = false;
    m_isFlushed = false;
    m_isDone = false;
}

/// The first frame after a seek says where it stands; from there on samples are counted.
void SoundReader::Stream::place(const AVFrame& frame) {
    m_isPlaced = true;
    if (frame.best_effort_timestamp == AV_NOPTS_VALUE) {
        return;
    }
    const double begins =
        static_cast<double>(frame.best_effort_timestamp) * av_q2d(stream().time_base);
    const double early = std::clamp(m_from - begins, -kLongestSilence, kLongestSilence);
    const auto samples = static_cast<std::int64_t>(std::llround(early * kSoundRate));
    if (samples >= 0) {
        m_toSkip = samples;
    } else {
        m_ready.resize(static_cast<std::size_t>(-samples) * kSoundChannels, 0.0F);
    }
}

/// False where this FFmpeg cannot resample it.
bool SoundReader::Stream::prepare(const AVFrame& frame) {
    const bool isSame = m_resampler && frame.sample_rate == m_sourceRate &&
                        frame.format == m_sourceFormat &&
                        frame.ch_layout.nb_channels == m_sourceChannels;
    if (isSame) {
        return true;
    }
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    AVChannelLayout source = frame.ch_layout; // before FFmpeg 6 it was not asked for as a constant
    SwrContext* raw = nullptr;
    const int error = swr_alloc_set_opts2(&raw, &stereo, AV_SAMPLE_FMT_FLT, kSoundRate, &source,
                                          static_cast<AVSampleFormat>(frame.format),
                                          frame.sample_rate, 0, nullptr);
    m_resampler.reset(raw);
    if (error < 0 || swr_init(raw) < 0) {
        m_resampler.reset();
        return false;
    }
    m_sourceRate = frame.sample_rate;
    m_sourceFormat = frame.format;
    m_sourceChannels = frame.ch_layout.nb_channels;
    return true;
}

void SoundReader::Stream::take(const AVFrame& frame) {
    if (frame.nb_samples <= 0 || frame.sample_rate <= 0 || !prepare(frame)) {
        return;
    }
    if (!m_isPlaced) {
        place(frame);
    }
    const int most = swr_get_out_samples(m_resampler.get(), frame.nb_samples);
    if (most <= 0) {
        return;
    }
    std::vector<float> made(static_cast<std::size_t>(most) * kSoundChannels);
    auto* out = reinterpret_cast<std::uint8_t*>(made.data());
    const auto** in = const_cast<const std::uint8_t**>(frame.extended_data);
    const int count = swr_convert(m_resampler.get(), &out, most, in, frame.nb_samples);
    const std::int64_t skipped = std::min<std::int64_t>(m_toSkip, std::max(count, 0));
    m_toSkip -= skipped;
    made.resize(static_cast<std::size_t>(std::max(count, 0)) * kSoundChannels);
    m_ready.insert(m_ready.end(), made.begin() + skipped * kSoundChannels, made.end());
}

bool SoundReader::Stream::decodeMore() {
    const Owned<AVFrame> frame = makeFrame();
    while (!m_isDone) {
        const int got = avcodec_receive_frame(m_decoder.get(), frame.get());
        if (got >= 0) {
            take(*frame);
            return true;
        }
        if (got != AVERROR(EAGAIN)) {
            m_isDone = got == AVERROR_EOF || m_isFlushed;
            continue;
        }
        const Owned<AVPacket> packet = makePacket();
        const int error = m_container->read(*packet, m_index);
        m_isFlushed = m_isFlushed || error < 0;
        // A packet that is refused as damaged is a hole in the sound, not the end of it.
        avcodec_send_packet(m_decoder.get(), error < 0 ? nullptr : packet.get());
    }
    return false;
}

std::size_t SoundReader::Stream::read(std::span<float> values) {
    std::size_t written = 0;
    while (written < values.size()) {
        if (m_taken == m_ready.size()) {
            m_ready.clear();
            m_taken = 0;
            if (!decodeMore()) {
                break;
            }
            continue;
        }
        const std::size_t count = std::min(values.size() - written, m_ready.size() - m_taken);
        std::copy_n(m_ready.begin() + static_cast<std::ptrdiff_t>(m_taken), count,
                    values.begin() + static_cast<std::ptrdiff_t>(written));
        m_taken += count;
        written += count;
    }
    return written;
}

SoundReader::SoundReader(const std::filesystem::path& path,
                         const Limits& limits,
                         std::stop_token stop) {
    auto container = std::make_unique<Container>(path, limits, std::move(stop));
    const int index = soundStreamOf(container->context());
    if (index < 0) {
        return;
    }
    auto stream = std::make_unique<Stream>(std::move(container), index);
    if (stream->open()) {
        stream->seek(0);
        m_stream = std::move(stream);
    }
}

SoundReader::~SoundReader() = default;
SoundReader::SoundReader(SoundReader&&) noexcept = default;
SoundReader& SoundReader::operator=(SoundReader&&) noexcept = default;

std::string SoundReader::description() const {
    return m_stream ? m_stream->description() : std::string();
}

void SoundReader::seek(double seconds) {
    if (m_stream) {
        m_stream->seek(seconds);
    }
}

std::size_t SoundReader::read(std::span<float> values) {
    return m_stream ? m_stream->read(values) : 0;
}

} // namespace depthscope::media
