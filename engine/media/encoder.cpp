// SPDX-License-Identifier: MIT
#include "engine/media/encoder.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/av_frame.h"
#include "engine/media/frame_encoder.h"
#include "engine/media/frame_fitter.h"
#include "engine/media/packet_target.h"
#include "engine/media/stream_facts.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace depthscope::media {

namespace {

const EncodingFormat& formatFor(const std::filesystem::path& target,
                                const EncodeSettings& settings) {
    if (settings.format.empty()) {
        return encodingFormatOf(target);
    }
    const EncodingFormat* format = findEncodingFormat(settings.format);
    if (format == nullptr) {
        throw Error(ErrorCode::Usage, fmt::format("unknown codec '{}'", settings.format),
                    fmt::format("Valid: {}.", listOf(encodingFormats(), &EncodingFormat::name)));
    }
    const std::string ending = target.extension().string();
    const bool isFolder = format->name == "png" && ending.empty();
    if (!isFolder && std::find(format->endings.begin(), format->endings.end(), ending) ==
                         format->endings.end()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: a file of {} must end in {}", target.string(), format->label,
                                fmt::join(format->endings, ", ")),
                    "Change the file's name or the codec.");
    }
    return *format;
}

void checkSettings(const EncodingFormat& format, const EncodeSettings& settings) {
    const auto requirePositive = [](const trace::Ratio& ratio, const char* name) {
        if (ratio.over <= 0 || ratio.under <= 0) {
            throw Error(ErrorCode::Usage, fmt::format("{}: must be greater than 0", name));
        }
    };
    requirePositive(settings.rate, "rate");
    requirePositive(settings.sampleAspect, "sample aspect");
    constexpr int kQuarter = 90;
    if (settings.turn % kQuarter != 0 || settings.turn < 0) {
        throw Error(ErrorCode::Usage, "turn: must be 0, 90, 180 or 270 degrees");
    }
    if (!settings.quality) {
        return;
    }
    if (!format.hasQuality()) {
        throw Error(ErrorCode::Usage, fmt::format("quality: {} has none to choose", format.label),
                    "Omit it, or choose h264, vp9 or av1.");
    }
    if (*settings.quality < format.bestQuality || *settings.quality > format.worstQuality) {
        throw Error(ErrorCode::Usage,
                    fmt::format("quality: must be {} (best) to {} for {}", format.bestQuality,
                                format.worstQuality, format.label));
    }
}

} // namespace

struct Encoder::State {
    State(std::filesystem::path file, EncodeSettings how);

    void add(Owned<AVFrame> frame, std::int64_t pts, const trace::Ratio& timeBase);

    /// An error of `work`, with the file's name before it.
    void named(const std::function<void()>& work) const;

    EncodedClip finish(const std::stop_token& stop);

    std::filesystem::path target;
    EncodeSettings settings;
    const EncodingFormat* format;
    std::int64_t frames = 0;

private:
    void open(const AVFrame& first, const trace::Ratio& timeBase);
    void encodeFitted();
    void writePackets(const std::stop_token& stop);
    [[nodiscard]] std::int64_t nextTime(std::int64_t pts);

    std::unique_ptr<PacketTarget> m_output;
    std::optional<FittedForm> m_form;
    std::optional<FrameFitter> m_fitter;
    std::optional<FrameEncoder> m_encoder;
    Owned<AVPacket> m_packet = makePacket();
    std::int64_t m_firstPts = 0;
    std::int64_t m_lastTime = -1;
    std::int64_t m_lastStep = 1; ///< between the last two frames
};

Encoder::State::State(std::filesystem::path file, EncodeSettings how)
    : target(std::move(file))
    , settings(std::move(how))
    , format(&formatFor(target, settings)) {
    quietLog();
    checkSettings(*format, settings);
    m_output = format->name == "png" ? makeImages(target) : makeMuxedFile(target);
}

void Encoder::State::named(const std::function<void()>& work) const {
    try {
        work();
    } catch (const Error& error) {
        const bool isNamed = error.message().find(target.string()) != std::string::npos;
        throw Error(error.code(),
                    isNamed ? error.message()
                            : fmt::format("{}: {}", target.string(), error.message()),
                    error.hint());
    }
}

void Encoder::State::open(const AVFrame& first, const trace::Ratio& timeBase) {
    const EncodingPlan plan = planEncoding(*format, {first.width, first.height}, settings);
    if (plan.encoder == nullptr) {
        throw Error(ErrorCode::BadInput, plan.reason, plan.remedy);
    }
    m_form = formOf(first, *format, plan, settings);
    m_fitter.emplace(*m_form);
    const trace::Ratio& rate = settings.rate;
    const AVRational unit = settings.keepsTimes ? AVRational{timeBase.over, timeBase.under}
                                                : AVRational{rate.under, rate.over};
    m_encoder.emplace(
        *m_form, FrameEncoder::Setup{format, plan.encoder, &settings, unit, format->name != "png"});
    m_output->begin(m_encoder->context(), settings);
}

/// Equal and falling times are moved behind the frame before.
std::int64_t Encoder::State::nextTime(std::int64_t pts) {
    if (!settings.keepsTimes) {
        return frames;
    }
    m_firstPts = frames == 0 ? pts : m_firstPts;
    const std::int64_t wanted = pts - m_firstPts;
    const std::int64_t time = std::max(wanted, m_lastTime + 1);
    m_lastStep = frames == 0 ? 1 : time - m_lastTime;
    m_lastTime = time;
    return time;
}

void Encoder::State::add(Owned<AVFrame> frame, std::int64_t pts, const trace::Ratio& timeBase) {
    if (!m_encoder) {
        open(*frame, timeBase);
    }
    frame->pts = nextTime(pts);
    m_fitter->push(std::move(frame));
    ++frames;
    encodeFitted();
}

void Encoder::State::encodeFitted() {
    while (const Owned<AVFrame> fitted = m_fitter->pop()) {
        m_encoder->send(fitted.get());
        writePackets({});
    }
}

void Encoder::State::writePackets(const std::stop_token& stop) {
    while (m_encoder->receive(*m_packet)) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, "encoding was stopped");
        }
        if (m_packet->duration <= 0) {
            m_packet->duration = m_lastStep; // or the last frame would have no length
        }
        m_output->write(*m_packet, m_encoder->context().time_base);
    }
}

EncodedClip Encoder::State::finish(const std::stop_token& stop) {
    EncodedClip clip;
    named([&] {
        if (!m_encoder) {
            throw Error(ErrorCode::BadInput, "no frames to encode", "Choose at least one frame.");
        }
        m_fitter->finish();
        encodeFitted();
        m_encoder->send(nullptr);
        writePackets(stop);
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, "encoding was stopped");
        }
        m_output->finish();
        clip = {std::string(format->name),
                m_encoder->context().codec->name,
                m_form->width,
                m_form->height,
                formatName(m_form->pixels),
                m_form->scale,
                m_form->padding.width + m_form->padding.height > 0,
                frames,
                m_output->bytes()};
    });
    return clip;
}

Encoder::Encoder(const std::filesystem::path& target, const EncodeSettings& settings)
    : m_state(std::make_unique<State>(target, settings)) {}

Encoder::~Encoder() = default;

void Encoder::add(const trace::Frame& frame) {
    m_state->named([&] { m_state->add(avFrameOf(frame), frame.pts, frame.timeBase); });
}

void Encoder::add(const RgbPicture& picture) {
    const trace::Ratio& rate = m_state->settings.rate;
    m_state->named([&] {
        m_state->add(avFrameOf(picture), m_state->frames, {rate.under, rate.over});
    });
}

std::int64_t Encoder::frames() const {
    return m_state->frames;
}

EncodedClip Encoder::finish(const std::stop_token& stop) {
    return m_state->finish(stop);
}

} // namespace depthscope::media
