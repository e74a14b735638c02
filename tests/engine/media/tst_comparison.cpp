// SPDX-License-Identifier: MIT
// Two clips locked frame by frame: after steps, seeks and while playing both show the same number;
// what differs in size or length; the difference by its definition; a second clip that fails.
#include "engine/media/frame_hash.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/media/player_bench.h"

#include <QtTest>
#include <algorithm>
#include <cstdlib>

using namespace depthscope;
using namespace depthscope::test;
using media::PlayWishes;
using std::chrono::milliseconds;

namespace {

constexpr media::PlayTime kFrame = milliseconds(40); // of 25 a second

} // namespace

class TestComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY(m_clips.make("a.mkv", "-c:v ffv1 -pix_fmt yuv420p"));
        QVERIFY(m_clips.make("b.mkv", "-vf negate -frames:v 40 -c:v ffv1 -pix_fmt yuv420p"));
        QVERIFY(m_clips.make("small.mkv", "-s 48x32 -c:v ffv1 -pix_fmt yuv420p"));
        m_a = m_clips.frameMd5("a.mkv");
        m_b = m_clips.frameMd5("b.mkv");
        QCOMPARE(std::ssize(m_a), 60);
        QCOMPARE(std::ssize(m_b), 40);
    }

    void bothShowTheSameFrame() {
        Bench bench;
        bench.open(m_clips.file("a.mkv"));
        QVERIFY(!bench.view().other);
        bench.seek(7);
        bench.compare(m_clips.file("b.mkv"));
        verifyLocked(bench.view(), 7);
        QCOMPARE(bench.view().other->frameCount, 40);
        for (const std::int64_t frame : {30, 2, 39, 11}) {
            bench.seek(frame);
            verifyLocked(bench.view(), frame);
        }
        // As the issue asks: n forward and n back give the same frame.
        for (int n = 0; n < 10; ++n) {
            bench.step(1);
        }
        verifyLocked(bench.view(), 21);
        for (int n = 0; n < 10; ++n) {
            bench.step(-1);
        }
        verifyLocked(bench.view(), 11);
        bench.play();
        for (std::int64_t frame = 12; frame < 30; ++frame) {
            bench.advance(kFrame);
            verifyLocked(bench.view(), frame);
        }
        bench.pause();
        verifyLocked(bench.view(), 29);
        QVERIFY(!bench.view().other->quick);
    }

    void aShorterOneEnds() {
        Bench bench;
        bench.open(m_clips.file("a.mkv"));
        bench.compare(m_clips.file("b.mkv"));
        bench.seek(40);
        QCOMPARE(bench.view().frame->number, 40);
        QVERIFY(bench.view().other && !bench.view().other->frame);
        QVERIFY(bench.view().other->error.empty());
        bench.step(-1);
        verifyLocked(bench.view(), 39);
    }

    void differenceIsWhatItSays() {
        Bench bench;
        bench.open(m_clips.file("a.mkv"));
        bench.compare(m_clips.file("b.mkv"));
        QVERIFY(!bench.view().difference);
        for (const int gain : {1, 16}) {
            PlayWishes wishes;
            wishes.differenceGain = gain;
            bench.wish(wishes);
            const trace::ClipView& view = bench.view();
            QVERIFY(view.difference);
            QCOMPARE(view.difference->bytes.size(), view.picture->bytes.size());
            for (std::size_t i = 0; i < view.picture->bytes.size(); ++i) {
                const int a = view.picture->bytes[i];
                const int b = view.other->picture->bytes[i];
                QCOMPARE(int{view.difference->bytes[i]}, std::min(255, gain * std::abs(a - b)));
            }
        }
        bench.compare(m_clips.file("a.mkv")); // against itself: nothing
        const std::vector<std::uint8_t>& bytes = bench.view().difference->bytes;
        QVERIFY(std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; }));
    }

    void otherSizesHaveNoDifference() {
        Bench bench;
        bench.open(m_clips.file("a.mkv"));
        bench.compare(m_clips.file("small.mkv"));
        PlayWishes wishes;
        wishes.differenceGain = 4;
        bench.wish(wishes);
        QVERIFY(!bench.view().difference);
        QCOMPARE(bench.view().other->frame->width, 48);
        QCOMPARE(bench.view().other->picture->width, 48);
    }

    void aSecondOneThatFailsLeavesTheFirst() {
        m_clips.write("bad.mp4", "this is not a video");
        Bench bench;
        bench.open(m_clips.file("a.mkv"));
        bench.seek(5);
        bench.compare(m_clips.file("bad.mp4"));
        QVERIFY(bench.view().other);
        QVERIFY(bench.view().other->error.find("bad.mp4") != std::string::npos);
        QVERIFY(bench.view().error.empty() && !bench.view().busy);
        QCOMPARE(bench.view().frame->number, 5);
        bench.step(1);
        QCOMPARE(bench.view().frame->number, 6);
        PlayWishes none;
        none.compare = std::filesystem::path();
        bench.wish(none);
        QVERIFY(!bench.view().other);
        bench.compare(m_clips.file("b.mkv"));
        verifyLocked(bench.view(), 6);
        bench.open(m_clips.file("small.mkv")); // another clip begins without comparison
        QVERIFY(!bench.view().other);
    }

private:
    void verifyLocked(const trace::ClipView& view, std::int64_t frame) const {
        const auto at = static_cast<std::size_t>(frame);
        QVERIFY(view.frame && view.other && view.other->frame);
        QCOMPARE(view.frame->number, frame);
        QCOMPARE(view.other->frame->number, frame);
        QCOMPARE(media::md5Of(*view.frame), m_a[at]);
        QCOMPARE(media::md5Of(*view.other->frame), m_b[at]);
        QVERIFY(view.generation != view.other->generation);
    }

    Clips m_clips;
    std::vector<std::string> m_a;
    std::vector<std::string> m_b;
};

QTEST_APPLESS_MAIN(TestComparison)
#include "tst_comparison.moc"
