// SPDX-License-Identifier: MIT
#include "widgets/lab/sound_output.h"

#include <QAudioDevice>
#include <QAudioFormat>
#include <QAudioSink>
#include <QIODevice>
#include <QMediaDevices>
#include <QObject>
#include <QThread>
#include <QTimer>
#include <algorithm>
#include <chrono>
#include <mutex>
#include <span>

namespace depthscope::lab {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBufferMilliseconds = 60;
constexpr int kAskMilliseconds = 10; ///< between two questions to the device

QAudioFormat format() {
    QAudioFormat wanted;
    wanted.setSampleRate(media::kSoundRate);
    wanted.setChannelCount(media::kSoundChannels);
    wanted.setSampleFormat(QAudioFormat::Float);
    return wanted;
}

/// A track as the device takes it.
class TrackDevice final : public QIODevice {
public:
    explicit TrackDevice(std::shared_ptr<media::SoundTrack> track)
        : m_track(std::move(track)) {
        open(QIODevice::ReadOnly);
    }

    [[nodiscard]] bool isSequential() const override { return true; }

    [[nodiscard]] qint64 bytesAvailable() const override {
        return format().bytesForDuration(1'000'000) + QIODevice::bytesAvailable();
    }

protected:
    qint64 readData(char* data, qint64 most) override {
        const auto count = static_cast<std::size_t>(most) / sizeof(float);
        m_track->read(std::span(reinterpret_cast<float*>(data), count));
        return static_cast<qint64>(count * sizeof(float));
    }

    qint64 writeData(const char*, qint64) override { return -1; }

private:
    std::shared_ptr<media::SoundTrack> m_track;
};

/// Lives on the thread of the sound. What the device has played is asked for often and told to
/// other threads with the moment at which it was true.
class Speaker final : public QObject {
public:
    explicit Speaker(QAudioDevice device)
        : m_device(std::move(device)) {
        m_ask.setParent(this);
        m_ask.setInterval(kAskMilliseconds);
        m_ask.setTimerType(Qt::PreciseTimer);
        connect(&m_ask, &QTimer::timeout, this, &Speaker::ask);
    }

    void begin(std::shared_ptr<media::SoundTrack> track) {
        end();
        m_source = std::make_unique<TrackDevice>(std::move(track));
        m_sink = std::make_unique<QAudioSink>(m_device, format());
        m_sink->setBufferSize(format().bytesForDuration(kBufferMilliseconds * 1000));
        m_sink->start(m_source.get());
        m_ask.start();
    }

    void end() {
        m_ask.stop();
        if (m_sink) {
            m_sink->stop();
        }
        m_sink.reset();
        m_source.reset();
        const std::lock_guard lock(m_mutex);
        m_heard.reset();
    }

    [[nodiscard]] std::optional<double> heard() {
        const std::lock_guard lock(m_mutex);
        return m_heard ? std::optional(*m_heard +
                                       std::chrono::duration<double>(Clock::now() - m_when).count())
                       : std::nullopt;
    }

private:
    void ask() {
        if (m_sink->state() != QAudio::ActiveState || m_sink->processedUSecs() <= 0) {
            return;
        }
        const auto waiting = std::max<qsizetype>(0, m_sink->bufferSize() - m_sink->bytesFree());
        const auto microseconds =
            m_sink->processedUSecs() - format().durationForBytes(static_cast<qint32>(waiting));
        const std::lock_guard lock(m_mutex);
        m_heard = std::max(0.0, static_cast<double>(microseconds) / 1e6);
        m_when = Clock::now();
    }

    QAudioDevice m_device;
    QTimer m_ask;
    std::unique_ptr<TrackDevice> m_source;
    std::unique_ptr<QAudioSink> m_sink;
    std::mutex m_mutex;
    std::optional<double> m_heard;
    Clock::time_point m_when;
};

class SoundOutput final : public media::SoundSink {
public:
    explicit SoundOutput(const QAudioDevice& device)
        : m_speaker(new Speaker(device)) {
        m_speaker->moveToThread(&m_thread);
        QObject::connect(&m_thread, &QThread::finished, m_speaker, &QObject::deleteLater);
        m_thread.setObjectName(QStringLiteral("sound"));
        m_thread.start(QThread::TimeCriticalPriority);
    }

    ~SoundOutput() override {
        stop();
        m_thread.quit();
        m_thread.wait();
    }

    void start(std::shared_ptr<media::SoundTrack> track) override {
        QMetaObject::invokeMethod(
            m_speaker, [speaker = m_speaker, track = std::move(track)] { speaker->begin(track); });
    }

    void stop() override {
        QMetaObject::invokeMethod(m_speaker, [speaker = m_speaker] { speaker->end(); });
    }

    [[nodiscard]] std::optional<double> heard() const override { return m_speaker->heard(); }

private:
    QThread m_thread;
    Speaker* m_speaker; ///< ends with its thread
};

QtMessageHandler usualHandler = nullptr;

void withoutPulseAudio(QtMsgType type, const QMessageLogContext& context, const QString& message) {
    if (!message.startsWith(QLatin1String("PulseAudioService:"))) {
        usualHandler(type, context, message);
    }
}

/// Where there is no sound server Qt prints that it could not reach it; the panel says "silent".
QAudioDevice defaultDevice() {
    usualHandler = qInstallMessageHandler(withoutPulseAudio);
    const QAudioDevice device = QMediaDevices::defaultAudioOutput();
    qInstallMessageHandler(usualHandler);
    return device;
}

} // namespace

std::shared_ptr<media::SoundSink> makeSoundOutput() {
    const QAudioDevice device = defaultDevice();
    return device.isNull() || !device.isFormatSupported(format())
               ? nullptr
               : std::make_shared<SoundOutput>(device);
}

} // namespace depthscope::lab
