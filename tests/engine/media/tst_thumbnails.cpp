// SPDX-License-Identifier: MIT
// Small pictures of a clip: which frames, how large, of which clip; none while it plays.
#include "tests/engine/media/clips.h"
#include "tests/engine/media/player_bench.h"

#include <QtTest>
#include <algorithm>
#include <set>

using namespace depthscope;
using namespace depthscope::test;
using media::PlayWishes;

class TestThumbnails : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY(m_clips.make("clip.mkv", "-c:v ffv1 -pix_fmt yuv420p"));
        QVERIFY(m_clips.make("keys.avi", "-c:v mpeg4 -g 10 -bf 0"));
        QVERIFY(m_clips.make("one.png", "-frames:v 1"));
    }

    /// Each equal part of the clip has one, a key frame where there is one, coarsely first.
    void framesAllOverTheClip() {
        const auto index = media::buildIndex(m_clips.file("keys.avi"), {});
        const auto frames = media::thumbnailFrames(*index, 6);
        QCOMPARE(std::set(frames.begin(), frames.end()),
                 (std::set<std::int64_t>{0, 10, 20, 30, 40, 50}));
        QVERIFY(!std::is_sorted(frames.begin(), frames.end()));
        const auto all = media::thumbnailFrames(*index, 1000);
        QCOMPARE(std::ssize(all), std::int64_t{media::kMostThumbnails});
        QCOMPARE(std::set(all.begin(), all.end()).size(), all.size());
        const auto one = media::buildIndex(m_clips.file("one.png"), {});
        QCOMPARE(media::thumbnailFrames(*one, 48), (std::vector<std::int64_t>{0}));
    }

    void comeInTheBackgroundAndChangeWithTheClip() {
        Watcher watcher;
        media::PlayerOptions options;
        options.thumbnails = true;
        media::Player player(watcher.wake(), std::move(options));
        PlayWishes wishes;
        wishes.open = m_clips.file("clip.mkv");
        player.wish(wishes);
        const auto isFull = [](std::size_t count) {
            return [count](const trace::ClipView& view) {
                return view.thumbnails && view.thumbnails->size() == count;
            };
        };
        trace::ClipPtr state = watcher.until(player, isFull(media::kMostThumbnails));
        QVERIFY(state && isFull(media::kMostThumbnails)(*state));
        const std::vector<trace::Thumbnail>& all = *state->thumbnails;
        for (std::size_t n = 0; n < all.size(); ++n) {
            QVERIFY(n == 0 || all[n].frame > all[n - 1].frame);
            QCOMPARE(all[n].picture->width, 96);
            QCOMPARE(all[n].picture->height, 64);
        }
        wishes.open = m_clips.file("one.png");
        player.wish(wishes);
        state = watcher.until(player, isFull(1));
        QVERIFY(state && isFull(1)(*state));
        QCOMPARE(state->thumbnails->front().frame, 0);
    }

    void endWithTheirPlayer() {
        for (int n = 0; n < 5; ++n) {
            Watcher watcher;
            media::PlayerOptions options;
            options.thumbnails = true;
            media::Player player(watcher.wake(), std::move(options));
            PlayWishes wishes;
            wishes.open = m_clips.file("clip.mkv");
            player.wish(wishes);
            QVERIFY(watcher.idle(player));
        }
    }

private:
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestThumbnails)
#include "tst_thumbnails.moc"
