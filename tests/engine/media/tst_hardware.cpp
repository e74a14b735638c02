// SPDX-License-Identifier: MIT
// Leaving the graphics processor for software: no frame is lost or another one, wherever it fails.
// No test machine has such a device: a path that decodes in software and fails when it is told to
// stands in for it.
#include "engine/media/frame_hash.h"
#include "engine/media/hardware.h"
#include "engine/media/playback.h"
#include "engine/media/reader.h"
#include "tests/engine/media/clips.h"

#include <QtTest>
#include <chrono>

using namespace depthscope;
using namespace depthscope::test;

namespace {

class FailingPath final : public media::HardwarePath {
public:
    explicit FailingPath(int good)
        : m_good(good) {}

    [[nodiscard]] std::string_view name() const override { return "stand-in"; }

    [[nodiscard]] bool attach(AVCodecContext&, const AVCodec&) override { return m_good >= 0; }

    [[nodiscard]] bool fetch(AVFrame&) override { return m_fetched++ < m_good; }

private:
    int m_good; ///< frames before one cannot be fetched; below 0: no codec is taken
    int m_fetched = 0;
};

media::ReaderOptions failingAfter(int frames) {
    media::ReaderOptions options;
    options.hardware = std::make_shared<FailingPath>(frames);
    return options;
}

} // namespace

class TestHardware : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY(m_clips.make("a.mp4", "-c:v libx264 -g 12 -bf 2"));
        m_sums = m_clips.frameMd5("a.mp4");
        QCOMPARE(m_sums.size(), 60U);
    }

    void failsAtAnyFrame_data() {
        QTest::addColumn<int>("good");
        for (const int good : {0, 1, 5, 12, 13, 59, 1000}) {
            QTest::addRow("%d", good) << good;
        }
    }

    /// Forwards through all frames, then at random: always the frame that ffmpeg has there.
    void failsAtAnyFrame() {
        QFETCH(int, good);
        media::Reader reader(m_clips.file("a.mp4"), failingAfter(good));
        for (std::int64_t n = 0; n < 60; ++n) {
            QCOMPARE(media::md5Of(reader.frame(n)), m_sums[static_cast<std::size_t>(n)]);
            // Frame threads of the stand-in run ahead of the frame that is asked for.
            QVERIFY(n >= good || reader.device() == "stand-in");
        }
        QCOMPARE(reader.device(), std::string_view(good < 60 ? "" : "stand-in"));
        for (const std::int64_t n : {47, 3, 30, 29, 59, 0}) {
            QCOMPARE(media::md5Of(reader.frame(n)), m_sums[static_cast<std::size_t>(n)]);
        }
    }

    void seeksThatFail() {
        for (int good = 0; good < 20; ++good) {
            media::ReaderOptions options = failingAfter(good);
            options.cacheBytes = 1;
            media::Reader reader(m_clips.file("a.mp4"), options);
            for (const std::int64_t n : {50, 8, 31, 30}) {
                QCOMPARE(media::md5Of(reader.frame(n)), m_sums[static_cast<std::size_t>(n)]);
            }
        }
    }

    void aCodecThatIsNotTaken() {
        media::Reader reader(m_clips.file("a.mp4"), failingAfter(-1));
        QCOMPARE(media::md5Of(reader.frame(33)), m_sums[33]);
        QCOMPARE(reader.device(), std::string_view());
    }

    /// On a machine without a device, as those that test this, the player says so and plays.
    void thePlayerSaysWhatDecodes() {
        trace::ClipView shown;
        media::PlayerOptions options;
        options.usesHardware = true;
        media::Playback playback(options, [&](const trace::ClipView& view) { shown = view; });
        media::PlayWishes wishes;
        wishes.open = m_clips.file("a.mp4");
        playback.begin(wishes, media::PlayTime{0}, {});
        for (int i = 0; i < 100 && !shown.frame; ++i) {
            static_cast<void>(playback.work(media::PlayTime{i}, {}));
        }
        const auto device = media::openHardware();
        if (device) {
            const std::string name(device->name());
            QVERIFY(shown.codec == "h264 (" + name + ")" || shown.codec == "h264");
        } else {
            QCOMPARE(shown.codec, std::string("h264"));
        }
        QVERIFY(shown.frame && shown.frame->number == 0);
    }

private:
    Clips m_clips;
    std::vector<std::string> m_sums;
};

QTEST_GUILESS_MAIN(TestHardware)
#include "tst_hardware.moc"
