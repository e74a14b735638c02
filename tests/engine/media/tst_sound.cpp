// SPDX-License-Identifier: MIT
// The sound of a clip: sample by sample in time after a seek, in a loop, behind a decoder that was
// late; and the pictures that go by what was heard of it.
#include "engine/media/sound_track.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/media/player_bench.h"

#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;
using namespace depthscope::test;
using media::kSoundChannels;
using media::kSoundRate;
using std::chrono::milliseconds;

namespace {

/// The test sound says the time: each sample is its number by a million, and its negative right.
constexpr double kScale = 1e6;
/// 24-bit samples, rounded on the way in and out.
constexpr double kTolerance = 1e-6;

double numberOf(float value) {
    return std::round(static_cast<double>(value) * kScale);
}

/// Plays nothing; the test says what was heard.
struct FakeSink final : media::SoundSink {
    std::shared_ptr<media::SoundTrack> track;
    std::optional<double> at;
    int starts = 0;

    void start(std::shared_ptr<media::SoundTrack> next) override {
        track = std::move(next);
        ++starts;
    }

    void stop() override { track.reset(); }

    [[nodiscard]] std::optional<double> heard() const override { return at; }
};

} // namespace

class TestSound : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY(m_clips.make("pictures.mkv", "-c:v ffv1 -pix_fmt yuv420p"));
        // Whose time stamps count samples: Matroska's are rounded to a thousandth of a second.
        const QStringList words{"-v",
                                "quiet",
                                "-y",
                                "-f",
                                "lavfi",
                                "-i",
                                "aevalsrc=n/1000000|-n/1000000:s=48000:d=2.4",
                                "-i",
                                m_clips.path("pictures.mkv"),
                                "-map",
                                "1:v",
                                "-map",
                                "0:a",
                                "-c:v",
                                "mjpeg",
                                "-c:a",
                                "pcm_s24le",
                                m_clips.path("clip.mov")};
        QVERIFY(outputOf("ffmpeg", words).isEmpty());
        QVERIFY(QFile::exists(m_clips.path("clip.mov")));
    }

    void samplesStandWhereTheyBelong() {
        media::SoundReader reader(m_clips.file("clip.mov"), {}, {});
        QVERIFY(reader.description().find("pcm_s24le, 2 channels, 48000 Hz") == 0);
        std::vector<float> values(2'000);
        for (const double from : {0.0, 1.0, 0.3333, 2.0, 0.04}) {
            reader.seek(from);
            QCOMPARE(reader.read(values), values.size());
            const double first = std::round(from * kSoundRate);
            for (std::size_t n = 0; n < values.size() / 2; ++n) {
                const double wanted = (first + static_cast<double>(n)) / kScale;
                QVERIFY(std::abs(static_cast<double>(values[2 * n]) - wanted) < kTolerance);
                QVERIFY(std::abs(static_cast<double>(values[2 * n + 1]) + wanted) < kTolerance);
            }
        }
        reader.seek(2.39);
        std::vector<float> end(96'000);
        QCOMPARE(reader.read(end), std::size_t{480 * 2});
        reader.seek(-0.5); // before the first sample: silence, then the first one
        QCOMPARE(reader.read(end), end.size());
        QCOMPARE(end[2 * 23'000], 0.0F);
        QCOMPARE(numberOf(end[2 * 24'100]), 100.0);
    }

    void aClipWithoutSound() {
        media::SoundReader reader(m_clips.file("pictures.mkv"), {}, {});
        QVERIFY(reader.description().empty());
        std::vector<float> values(100);
        QCOMPARE(reader.read(values), std::size_t{0});
    }

    void otherFormatsAreResampled() {
        const QStringList words{"-v",
                                "quiet",
                                "-y",
                                "-f",
                                "lavfi",
                                "-i",
                                "sine=f=1000:r=22050:d=1",
                                "-i",
                                m_clips.path("pictures.mkv"),
                                "-map",
                                "1:v",
                                "-map",
                                "0:a",
                                "-c:v",
                                "copy",
                                "-c:a",
                                "flac",
                                m_clips.path("sine.mkv")};
        QVERIFY(outputOf("ffmpeg", words).isEmpty());
        media::SoundReader reader(m_clips.file("sine.mkv"), {}, {});
        std::vector<float> values(96'000);
        const std::size_t count = reader.read(values) / 2;
        QVERIFY(count > 47'900 && count <= 48'000);
        int crossings = 0;
        for (std::size_t n = 1; n < count; ++n) {
            crossings += (values[2 * n] >= 0) != (values[2 * n - 2] >= 0) ? 1 : 0;
        }
        QVERIFY(std::abs(crossings - 2'000) <= 6); // 1 kHz for a second
    }

    void aLoopBeginsAnewOnItsSample() {
        media::SoundTrack track(m_clips.file("clip.mov"), {}, {1.0, 0.5, 1.25, true});
        track.waitFor(2 * 20'000);
        std::vector<float> values(2 * 20'000);
        track.read(values);
        QCOMPARE(numberOf(values[0]), 48'000.0);
        QCOMPARE(numberOf(values[2 * 11'999]), 59'999.0);
        QCOMPARE(numberOf(values[2 * 12'000]), 24'000.0);
    }

    /// Silence stands for what was late, and what it stood for is never heard: no drift.
    void lateSamplesAreLeftOut() {
        media::SoundTrack track(m_clips.file("clip.mov"), {}, {0, 0, 2.4, false});
        std::vector<float> values(2 * 1'000);
        track.read(values); // before the file can have been opened
        const std::size_t late = track.late();
        track.waitFor(2 * 5'000);
        track.read(values);
        QVERIFY(late <= values.size());
        QCOMPARE(numberOf(values[0]), 1'000.0);
    }

    void picturesGoByTheSound() {
        auto sink = std::make_shared<FakeSink>();
        media::PlayerOptions options;
        options.sink = sink;
        Bench bench(std::move(options));
        bench.open(m_clips.file("clip.mov"));
        QVERIFY(bench.view().hasSoundDevice);
        QVERIFY(!bench.view().sound.empty());
        bench.seek(10);
        bench.play();
        QVERIFY(sink->track);
        sink->track->waitFor(2 * 100);
        std::vector<float> values(2 * 100);
        sink->track->read(values);
        QCOMPARE(numberOf(values[0]), 10 * 0.04 * kSoundRate); // what belongs to frame 10
        // The device is a tenth slower than the clock: the pictures stay with what is heard.
        double worst = 0;
        for (int n = 1; n <= 100; ++n) {
            sink->at = n * 0.009;
            bench.advance(milliseconds(10));
            worst = std::max(worst, std::abs(bench.view().frame->seconds - 0.4 - *sink->at));
        }
        QVERIFY2(worst <= 0.04 + 1e-9, qPrintable(QString::number(worst))); // a frame
        QCOMPARE(bench.view().missed, 0);
        bench.pause();
        QVERIFY(!sink->track);
    }

    void otherSpeedsAreSilent() {
        auto sink = std::make_shared<FakeSink>();
        media::PlayerOptions options;
        options.sink = sink;
        Bench bench(std::move(options));
        bench.open(m_clips.file("clip.mov"));
        bench.play(2);
        QVERIFY(!sink->track);
        bench.play(1);
        QVERIFY(sink->track);
        bench.play(-1);
        QVERIFY(!sink->track);
        bench.open(m_clips.file("pictures.mkv"));
        bench.play(1);
        QVERIFY(!sink->track);
        QVERIFY(bench.view().sound.empty());
    }

private:
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestSound)
#include "tst_sound.moc"
