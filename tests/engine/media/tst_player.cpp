// SPDX-License-Identifier: MIT
// Playing with a clock that the test moves: what is shown when, what counts as missed, loops,
// speeds, seeks in two stages, steps, errors. And the player's thread: newest wish, stop, a clip of
// another.
#include "engine/media/frame_hash.h"
#include "engine/media/pixel_layout.h"
#include "engine/media/rgb.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/media/player_bench.h"

#include <QtTest>
#include <atomic>
#include <memory>

using namespace depthscope;
using namespace depthscope::test;
using media::PlaySchedule;
using media::PlayTime;
using media::PlayWishes;
using std::chrono::milliseconds;

namespace {

constexpr PlayTime kFrame = milliseconds(40); // of 25 a second

} // namespace

class TestPlayer : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        if (!hasEncoder("libx264")) {
            QSKIP("this ffmpeg has no encoder libx264");
        }
        QVERIFY(m_clips.make("clip.mp4", "-c:v libx264 -preset veryfast -x264-params "
                                         "keyint=30:bframes=2:scenecut=0"));
        m_sums = m_clips.frameMd5("clip.mp4");
        QCOMPARE(std::ssize(m_sums), 60);
    }

    void opensOnItsFirstFrame() {
        Bench bench;
        bench.open(file());
        QCOMPARE(bench.view().frameCount, 60);
        QCOMPARE(bench.view().frame->number, 0);
        QVERIFY(bench.view().exact && !bench.view().busy && !bench.view().playing);
        QVERIFY(std::abs(bench.view().duration - 2.4) < 1e-6);
        QCOMPARE(media::md5Of(*bench.view().frame), m_sums[0]);
        QCOMPARE(bench.view().picture->bytes.size(), std::size_t{96 * 64 * 3});
        QVERIFY(bench.seen.front().busy); // while the frames are found
    }

    /// The first frame of a long file is there before the index, and stays the same.
    void aLongFileShowsItsFirstFrameAtOnce() {
        media::PlayerOptions options;
        options.longFileBytes = 0;
        Bench bench(options);
        bench.open(file());
        const auto first = std::find_if(bench.seen.begin(), bench.seen.end(),
                                        [](const trace::ClipView& v) { return v.picture; });
        QVERIFY(first->indexing && first->busy && !first->exact);
        QCOMPARE(first->frameCount, 0);
        QCOMPARE(media::md5Of(*first->frame), m_sums[0]);
        QCOMPARE(bench.view().frameCount, 60);
        QVERIFY(bench.view().exact && !bench.view().indexing);
        QVERIFY(bench.view().picture->bytes == first->picture->bytes);
        bench.open("/nowhere.mp4"); // nothing of it is left behind an error
        QVERIFY(!bench.view().frame && !bench.view().error.empty());
    }

    void showsEachFrameWhenItIsDue() {
        Bench bench;
        bench.open(file());
        bench.play();
        for (std::int64_t n = 1; n < 60; ++n) {
            bench.advance(kFrame - milliseconds(1));
            QCOMPARE(bench.view().frame->number, n - 1);
            bench.advance(milliseconds(1));
            QCOMPARE(bench.view().frame->number, n);
            QCOMPARE(media::md5Of(*bench.view().frame), m_sums[static_cast<std::size_t>(n)]);
        }
        QVERIFY(bench.view().playing);
        bench.advance(kFrame); // the last one is shown as long as the others
        QVERIFY(!bench.view().playing);
        QCOMPARE(bench.view().missed, 0);
        QCOMPARE(bench.view().shown, 59);
        bench.play(); // from its end on: from the beginning
        QCOMPARE(bench.view().frame->number, 0);
    }

    void countsWhatTheClockPassed() {
        Bench bench;
        bench.open(file());
        bench.play();
        bench.advance(5 * kFrame);
        QCOMPARE(bench.view().frame->number, 5);
        QCOMPARE(bench.view().missed, 4);
        bench.advance(kFrame);
        QCOMPARE(bench.view().frame->number, 6);
        QCOMPARE(bench.view().missed, 4);
    }

    void speeds_data() {
        QTest::addColumn<double>("speed");
        QTest::addColumn<int>("passed");
        QTest::addColumn<int>("frame"); // from frame 30
        QTest::newRow("a tenth") << 0.1 << 399 << 30;
        QTest::newRow("a tenth, due") << 0.1 << 400 << 31;
        QTest::newRow("twice") << 2.0 << 100 << 35;
        QTest::newRow("eight times") << 8.0 << 50 << 40;
        QTest::newRow("above the fastest") << 50.0 << 50 << 40;
        QTest::newRow("backwards") << -1.0 << 120 << 27;
        QTest::newRow("backwards, twice") << -2.0 << 200 << 20;
    }

    void speeds() {
        QFETCH(double, speed);
        QFETCH(int, passed);
        QFETCH(int, frame);
        Bench bench;
        bench.open(file());
        bench.seek(30);
        bench.play(speed);
        bench.advance(milliseconds(passed));
        QCOMPARE(bench.view().frame->number, frame);
        QVERIFY(std::abs(speed) <= 1 || bench.view().missed == 0); // fast is meant to leave out
        PlayWishes pause;
        pause.playing = false;
        bench.wish(pause);
        bench.advance(std::chrono::seconds(1));
        QCOMPARE(bench.view().frame->number, frame);
    }

    /// While it plays a picture is as large as it is shown; where it stays, it is exact.
    void quickWhilePlayingExactWhenItStays() {
        Bench bench;
        bench.open(file());
        PlayWishes room;
        room.room = PictureSize{48, 32};
        bench.wish(room);
        QVERIFY(!bench.view().quick);
        bench.play();
        bench.advance(3 * kFrame);
        QVERIFY(bench.view().quick);
        QCOMPARE(bench.view().picture->width, 48);
        QCOMPARE(bench.view().frame->width, 96);
        QCOMPARE(media::md5Of(*bench.view().frame), m_sums[3]);
        bench.pause();
        QVERIFY(!bench.view().quick && !bench.view().busy);
        QCOMPARE(bench.view().frame->number, 3);
        QCOMPARE(bench.view().picture->bytes,
                 media::RgbConverter().convert(*bench.view().frame).bytes);
        bench.play();
        bench.advance(60 * kFrame); // and at the end
        QVERIFY(!bench.view().playing && !bench.view().quick);
        QCOMPARE(bench.view().frame->number, 59);
        QCOMPARE(bench.view().picture->width, 96);
    }

    /// A file that loses its bytes while it plays: said, and the next one opens.
    void failsInTheMiddleOfPlaying() {
        // Larger than what a reader has in its buffers.
        QVERIFY(m_clips.make("failing.mkv", "-s 640x480 -c:v mjpeg -q:v 2"));
        QVERIFY(QFileInfo(m_clips.path("failing.mkv")).size() > 1'000'000);
        media::PlayerOptions options;
        options.reader.cacheBytes = 0; // nothing is left of the pass that found the frames
        options.ringBytes = 0;
        Bench bench(std::move(options));
        bench.open(m_clips.file("failing.mkv"));
        bench.play();
        bench.advance(2 * kFrame);
        QVERIFY(bench.view().playing);
        QVERIFY(QFile::resize(m_clips.path("failing.mkv"), 200'000));
        for (int n = 0; n < 80 && bench.view().playing; ++n) {
            bench.advance(kFrame);
        }
        QVERIFY(!bench.view().playing);
        QVERIFY2(bench.view().error.find("failing.mkv") != std::string::npos,
                 bench.view().error.c_str());
        QVERIFY(!bench.view().hint.empty());
        QVERIFY(!bench.view().busy);
        bench.open(file());
        QVERIFY(bench.view().error.empty());
        QCOMPARE(bench.view().frame->number, 0);
    }

    void loopsBetweenTheMarks() {
        Bench bench;
        bench.open(file());
        bench.seek(11);
        PlayWishes marks;
        marks.range = trace::FrameRange{10, 13};
        bench.wish(marks);
        bench.play(1, true);
        std::vector<std::int64_t> numbers{bench.view().frame->number};
        for (int n = 0; n < 9; ++n) {
            bench.advance(kFrame);
            numbers.push_back(bench.view().frame->number);
        }
        QCOMPARE(numbers, (std::vector<std::int64_t>{11, 12, 13, 10, 11, 12, 13, 10, 11, 12}));
        QCOMPARE(bench.view().missed, 0);
    }

    void seeksInTwoStages() {
        Bench bench;
        bench.open(file());
        const std::size_t before = bench.seen.size();
        bench.seek(50);
        std::vector<std::pair<std::int64_t, bool>> shown;
        for (std::size_t i = before; i < bench.seen.size(); ++i) {
            const trace::ClipView& view = bench.seen[i];
            if (view.generation != bench.seen[i - 1].generation) {
                shown.emplace_back(view.frame->number, view.exact);
            }
        }
        QCOMPARE(shown, (std::vector<std::pair<std::int64_t, bool>>{{30, false}, {50, true}}));
        QCOMPARE(media::md5Of(*bench.view().frame), m_sums[50]);
        bench.seek(1000);
        QCOMPARE(bench.view().frame->number, 59);
    }

    void stepsForthAndBack() {
        Bench bench;
        bench.open(file());
        bench.seek(20);
        for (const std::int64_t by : {1, 1, 1, -1, -5, 12, -12, 1, 2}) {
            const std::int64_t wanted = bench.view().frame->number + by;
            bench.step(by);
            QCOMPARE(bench.view().frame->number, wanted);
            QVERIFY(bench.view().exact);
            QCOMPARE(media::md5Of(*bench.view().frame), m_sums[static_cast<std::size_t>(wanted)]);
        }
        bench.step(-1000);
        QCOMPARE(bench.view().frame->number, 0);
    }

    void sayWhatIsWrongAndOpenAnother() {
        m_clips.write("broken.mp4", "this is not a video");
        Bench bench;
        bench.open(m_clips.file("broken.mp4"));
        QVERIFY(bench.view().error.find("broken.mp4") != std::string::npos);
        QVERIFY(!bench.view().hint.empty());
        QVERIFY(!bench.view().busy);
        bench.play();
        QVERIFY(!bench.view().playing);
        bench.open(m_clips.file("gone.mp4"));
        QVERIFY(bench.view().error.find("gone.mp4") != std::string::npos);
        bench.open(file());
        QVERIFY(bench.view().error.empty());
        QCOMPARE(bench.view().frame->number, 0);
    }

    void anImageIsAClipOfOneFrame() {
        QVERIFY(m_clips.remake("one.png", "", "clip.mp4", "-frames:v 1"));
        Bench bench;
        bench.open(m_clips.file("one.png"));
        QCOMPARE(bench.view().frameCount, 1);
        bench.step(1);
        QCOMPARE(bench.view().frame->number, 0);
        bench.play();
        bench.advance(std::chrono::seconds(5));
        QVERIFY(!bench.view().playing);
    }

    void timesAreMadeToGrow() {
        const auto times = media::growingTimes({-1, -0.5, -0.5, -0.7, 2}, 0.04);
        QCOMPARE(times.size(), std::size_t{6});
        QCOMPARE(times.front(), 0.0);
        for (std::size_t n = 1; n < times.size(); ++n) {
            QVERIFY(times[n] > times[n - 1]);
        }
        QCOMPARE(times[4], 3.0);
    }

    void valuesOfPixels() {
        QVERIFY(!media::pixelLayout("yuv420p10le").empty());
        QVERIFY(media::pixelLayout("pal8").empty());
        QVERIFY(media::pixelLayout("monow").empty());
        QVERIFY(media::pixelLayout("yuv420p10be").empty());
        const std::vector<std::uint8_t> luma{0x01, 0x00, 0xff, 0x03, 0x02, 0x00, 0x03, 0x00};
        const std::vector<std::uint8_t> chroma{0x00, 0x02};
        trace::Frame frame;
        frame.width = 2;
        frame.height = 2;
        frame.planes = {{luma.data(), 4, 4, 2}, {chroma.data(), 2, 2, 1}, {chroma.data(), 2, 2, 1}};
        const auto layout = media::pixelLayout("yuv420p10le");
        QCOMPARE(layout.size(), std::size_t{3});
        QCOMPARE(*trace::valueAt(frame, layout[0], 1, 0), 1023U);
        QCOMPARE(*trace::valueAt(frame, layout[0], 0, 1), 2U);
        QCOMPARE(*trace::valueAt(frame, layout[1], 1, 1), 512U);
        QVERIFY(!trace::valueAt(frame, layout[0], 2, 0));
        QVERIFY(!trace::valueAt(frame, layout[0], 0, -1));
    }

    void theNewestWishWins() {
        Watcher watcher;
        media::Player player(watcher.wake());
        PlayWishes wishes;
        wishes.open = m_clips.file("gone.mp4");
        player.wish(wishes);
        QVERIFY(player.state()->busy);
        wishes.open = file();
        player.wish(wishes);
        for (std::int64_t n = 1; n < 60; ++n) {
            PlayWishes seek;
            seek.seek = n;
            player.wish(seek);
        }
        const trace::ClipPtr state = watcher.idle(player);
        QVERIFY(state && state->frame);
        QCOMPARE(state->frame->number, 59);
        QCOMPARE(media::md5Of(*state->frame), m_sums[59]);
        PlayWishes back;
        back.steps = -1;
        for (int n = 0; n < 20; ++n) {
            player.wish(back);
        }
        QCOMPARE(watcher.idle(player)->frame->number, 39);
    }

    /// What the thread publishes of its work so far leaves a newer mark as it is.
    void aMarkOutlivesOlderWork() {
        std::unique_ptr<media::Player> player;
        Watcher watcher;
        std::atomic_bool isMarked = false;
        std::atomic_bool isLost = false;
        const auto wake = watcher.wake();
        player = std::make_unique<media::Player>([&] {
            const trace::ClipPtr state = player->state();
            const bool begins = state && state->frame && state->frame->number == 0;
            if (begins && state->target == 55 && !isMarked) {
                PlayWishes marks;
                marks.range = trace::FrameRange{3, 9};
                player->wish(marks);
                isMarked = true;
            } else if (isMarked && !(state->range && state->range->first == 3)) {
                isLost = true;
            }
            wake();
        });
        PlayWishes wishes;
        wishes.open = file();
        player->wish(wishes);
        QVERIFY(watcher.idle(*player)->frame);
        wishes = {};
        wishes.seek = 55;
        player->wish(wishes);
        const trace::ClipPtr state = watcher.until(*player, [](const trace::ClipView& view) {
            return !view.busy && view.frame && view.frame->number == 55;
        });
        QVERIFY(state && isMarked && !isLost);
        QCOMPARE(state->range->last, 9);
    }

    void endsWhileItIsBusy() {
        for (int n = 0; n < 10; ++n) {
            media::Player player([] {});
            PlayWishes wishes;
            wishes.open = file();
            wishes.seek = 55;
            wishes.playing = true;
            player.wish(wishes);
        }
    }

    void theBundledClipCountsItsFrames() {
        Bench bench;
        bench.open(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");
        QCOMPARE(bench.view().frameCount, 200);
        QVERIFY(QFileInfo(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4").size() < 300'000);
        for (const std::int64_t number : {0, 1, 49, 50, 51, 137, 199, 128, 3}) {
            bench.seek(number);
            QCOMPARE(numberIn(*bench.view().picture), number);
        }
        for (std::int64_t number = 4; number < 40; ++number) {
            bench.step(1);
            QCOMPARE(numberIn(*bench.view().picture), number);
        }
    }

private:
    /// As packaging/make_clip.py writes it: a white and a black block, then twelve bits.
    static std::int64_t numberIn(const RgbPicture& picture) {
        std::int64_t number = 0;
        for (int block = 0; block < 14; ++block) {
            const int x = 16 * block + 8;
            const int y = picture.height - 8;
            const auto at = static_cast<std::size_t>((y * picture.width + x) * 3);
            const bool isWhite = picture.bytes[at] > 127;
            if (block < 2 ? isWhite != (block == 0) : false) {
                return -1;
            }
            number = block < 2 ? 0 : 2 * number + (isWhite ? 1 : 0);
        }
        return number;
    }

    [[nodiscard]] std::string file() const { return m_clips.file("clip.mp4"); }

    Clips m_clips;
    std::vector<std::string> m_sums;
};

QTEST_APPLESS_MAIN(TestPlayer)
#include "tst_player.moc"
