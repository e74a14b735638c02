// SPDX-License-Identifier: MIT
// Clips in memory in the player: the pictures themselves are shown, newer ones take the place of
// older ones without a jump, as A and as B, alone or against a file; what cannot be shown is said.
#include "tests/engine/media/clips.h"
#include "tests/engine/media/player_bench.h"

#include <QtTest>
#include <algorithm>
#include <memory>
#include <string>

using namespace depthscope;
using namespace depthscope::test;
using media::MadeClip;
using media::PlayWishes;
using std::chrono::milliseconds;

namespace {

constexpr media::PlayTime kFrame = milliseconds(125); // of 8 a second

std::shared_ptr<MadeClip> made(const std::string& name, int frames, std::uint8_t tone) {
    auto clip = std::make_shared<MadeClip>();
    clip->name = name;
    clip->run = name == "truth" ? trace::kTruthRun : trace::kMainRun;
    clip->contextFrames = 2;
    for (int frame = 0; frame < frames; ++frame) {
        auto picture = std::make_shared<RgbPicture>(RgbPicture{4, 2, {}});
        picture->bytes.assign(4 * 2 * 3, static_cast<std::uint8_t>(tone + frame));
        clip->pictures.push_back(std::move(picture));
    }
    return clip;
}

PlayWishes shown(const std::shared_ptr<MadeClip>& a) {
    PlayWishes wishes;
    wishes.open = a;
    return wishes;
}

PlayWishes shown(const std::shared_ptr<MadeClip>& a, const std::shared_ptr<MadeClip>& b) {
    PlayWishes wishes = shown(a);
    wishes.compare = b;
    return wishes;
}

} // namespace

class TestMadeClips : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void opensOnTheFirstPredictedFrame() {
        Bench bench;
        const auto clip = made("prediction", 8, 100);
        bench.wish(shown(clip));
        const trace::ClipView& view = bench.view();
        QVERIFY(view.file.empty() && view.error.empty());
        QCOMPARE(view.name, std::string("prediction"));
        QCOMPARE(view.run, trace::RunKey(trace::kMainRun));
        QCOMPARE(view.contextFrames, 2);
        QCOMPARE(view.frameCount, 8);
        QCOMPARE(view.duration, 1.0);
        QVERIFY(view.looping && !view.playing && view.exact && !view.busy);
        QCOMPARE(view.frame->number, 2);
        QCOMPARE(view.frame->seconds, 0.25);
        QCOMPARE(view.picture, clip->pictures[2]); // the same one, not a copy
        QVERIFY(view.components.empty());
        QCOMPARE(view.thumbnails->size(), std::size_t{8});
        QCOMPARE(view.thumbnails->at(5).picture, clip->pictures[5]);
        // No state without a picture was seen on the way.
        QVERIFY(std::ranges::all_of(bench.seen,
                                    [](const auto& one) { return one.picture != nullptr; }));
    }

    void playsRoundAndRound() {
        Bench bench;
        const auto clip = made("prediction", 8, 100);
        bench.wish(shown(clip));
        PlayWishes play;
        play.playing = true;
        bench.wish(play);
        for (int n = 1; n <= 20; ++n) {
            bench.advance(kFrame);
            QCOMPARE(bench.view().frame->number, (2 + n) % 8);
        }
        QCOMPARE(bench.view().missed, 0);
        bench.step(-1);
        QVERIFY(!bench.view().playing);
        QCOMPARE(bench.view().frame->number, (22 - 1) % 8);
    }

    /// The slider moves while the clip plays: other pictures, everything else as it was.
    void newerPicturesTakeThePlaceOfOlderOnes() {
        Bench bench;
        bench.wish(shown(made("prediction", 8, 100), made("truth", 8, 150)));
        PlayWishes wishes;
        wishes.playing = true;
        wishes.speed = 0.5;
        wishes.range = trace::FrameRange{2, 6};
        bench.wish(wishes);
        bench.advance(2 * kFrame);
        QCOMPARE(bench.view().frame->number, 3);
        const std::size_t before = bench.seen.size();
        const auto newer = made("prediction", 8, 200);
        bench.wish(shown(newer));
        for (std::size_t n = before; n < bench.seen.size(); ++n) {
            QVERIFY(bench.seen[n].frame && bench.seen[n].frame->number == 3);
        }
        QCOMPARE(bench.view().picture, newer->pictures[3]);
        QVERIFY(bench.view().generation != bench.seen[before - 1].generation);
        QVERIFY(bench.view().playing && bench.view().looping);
        QCOMPARE(bench.view().speed, 0.5);
        QCOMPARE(*bench.view().range, (trace::FrameRange{2, 6}));
        QCOMPARE(bench.view().other->name, std::string("truth"));
        // The frames that wait are newer ones too, and come when they were due.
        bench.advance(2 * kFrame);
        QCOMPARE(bench.view().frame->number, 4);
        QCOMPARE(bench.view().picture, newer->pictures[4]);
        bench.pause();
        bench.seek(5);
        bench.wish(shown(made("prediction", 8, 30)));
        QCOMPARE(bench.view().frame->number, 5);
        QCOMPARE(bench.view().missed, 0);
    }

    void anotherLengthIsAnotherClip() {
        Bench bench;
        bench.wish(shown(made("prediction", 8, 100), made("truth", 8, 150)));
        bench.seek(7);
        bench.wish(shown(made("prediction", 4, 100)));
        QCOMPARE(bench.view().frameCount, 4);
        QCOMPARE(bench.view().frame->number, 2);
        QVERIFY(!bench.view().other);
        const auto given = made("prediction", 2, 100); // nothing predicted
        bench.wish(shown(given));
        QCOMPARE(bench.view().frame->number, 0);
    }

    void besideIsLockedAndExchanged() {
        Bench bench;
        const auto a = made("prediction", 8, 100);
        const auto b = made("truth", 8, 150);
        bench.wish(shown(a, b));
        QCOMPARE(bench.view().other->run, trace::RunKey(trace::kTruthRun));
        QCOMPARE(bench.view().other->picture, b->pictures[2]);
        PlayWishes gain;
        gain.differenceGain = 2;
        bench.wish(gain);
        QCOMPARE(int{bench.view().difference->bytes.front()}, 100);
        bench.play(1, true);
        bench.advance(kFrame);
        PlayWishes other;
        other.compare = made("full depth", 8, 110);
        bench.wish(other); // nothing stops that plays
        QVERIFY(bench.view().playing);
        QCOMPARE(bench.view().other->name, std::string("full depth"));
        QCOMPARE(int{bench.view().difference->bytes.front()}, 20);
        PlayWishes none;
        none.compare = std::filesystem::path();
        bench.wish(none);
        QVERIFY(bench.view().playing && !bench.view().other);
        bench.advance(kFrame);
        QCOMPARE(bench.view().picture, a->pictures[4]);
    }

    void againstAFileAndBack() {
        QVERIFY(m_clips.make("a.mkv", "-s 4x2 -frames:v 8 -c:v ffv1 -pix_fmt yuv444p"));
        Bench bench;
        bench.wish(shown(made("prediction", 8, 100)));
        bench.compare(m_clips.file("a.mkv"));
        QCOMPARE(bench.view().other->file, m_clips.file("a.mkv"));
        QCOMPARE(bench.view().other->frame->number, 2);
        const auto newer = made("prediction", 8, 7);
        bench.wish(shown(newer));
        QCOMPARE(bench.view().picture, newer->pictures[2]);
        QCOMPARE(bench.view().other->file, m_clips.file("a.mkv"));
        bench.open(m_clips.file("a.mkv"));
        QVERIFY(bench.view().run.empty() && !bench.view().looping);
        QCOMPARE(bench.view().contextFrames, 0);
        QCOMPARE(bench.view().frame->number, 0);
        bench.wish(shown(newer));
        QVERIFY(bench.view().file.empty() && bench.view().codec.empty());
        QCOMPARE(bench.view().frame->number, 2);
        PlayWishes close;
        close.open = std::filesystem::path();
        bench.wish(close);
        QVERIFY(bench.view().frameCount == 0 && !bench.view().frame && bench.view().run.empty());
    }

    void whatCannotBeShownIsSaid() {
        Bench bench;
        const auto good = made("prediction", 8, 100);
        bench.wish(shown(good));
        auto empty = made("prediction", 0, 0);
        bench.wish(shown(empty));
        QVERIFY2(bench.view().error.find("no frames") != std::string::npos,
                 bench.view().error.c_str());
        auto uneven = made("prediction", 8, 0);
        uneven->pictures[3] = std::make_shared<RgbPicture>(RgbPicture{2, 2, {1, 2}});
        bench.wish(shown(uneven));
        QVERIFY(bench.view().error.find("one size") != std::string::npos);
        bench.wish(shown(good));
        QVERIFY(bench.view().error.empty() && bench.view().picture);
    }

    /// What was wished before newer pictures came is still wished.
    void wishesOutliveNewerPictures() {
        PlayWishes wishes;
        wishes.open = made("prediction", 8, 1);
        PlayWishes seek;
        seek.seek = 6;
        seek.playing = true;
        wishes.add(seek);
        wishes.add(shown(made("prediction", 8, 2)));
        QCOMPARE(*wishes.seek, 6);
        QVERIFY(*wishes.playing);
        PlayWishes file;
        file.open = std::filesystem::path("other.mp4");
        wishes.add(file);
        QVERIFY(!wishes.seek && !wishes.playing);
        wishes.seek = 70;
        wishes.add(shown(made("prediction", 8, 3))); // the seek was of the file
        QVERIFY(!wishes.seek);
    }

    void inAPlayer() {
        Watcher watcher;
        media::PlayerOptions options;
        options.thumbnails = true;
        media::Player player(watcher.wake(), options);
        QVERIFY(!player.state());
        const auto a = made("prediction", 8, 100);
        player.wish(shown(a));
        trace::ClipPtr state = watcher.idle(player);
        QVERIFY(state && state->picture == a->pictures[2] && state->thumbnails);
        for (int n = 0; n < 20; ++n) {
            player.wish(shown(made("prediction", 8, static_cast<std::uint8_t>(n))));
        }
        state = watcher.idle(player);
        QCOMPARE(int{state->picture->bytes.front()}, 21); // the newest, its frame 2
        PlayWishes close;
        close.open = std::filesystem::path();
        player.wish(close);
        std::unique_lock lock(watcher.mutex);
        QVERIFY(watcher.changed.wait_for(lock, std::chrono::seconds(30),
                                         [&] { return !player.state(); }));
    }

private:
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMadeClips)
#include "tst_made_clips.moc"
