// SPDX-License-Identifier: MIT
// The pictures of runs in the player: the step that is looked at, what stands beside it, newer
// runs, files that the user opens, and the cursor that goes to a place of another frame.
#include "tests/widgets/instruments/clip_run.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/clip_player.h"
#include "widgets/lab/run_clips.h"

#include <QSignalSpy>
#include <QTest>

using namespace depthscope;
using tests::ClipRun;

namespace {

const QString kClip = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");

struct Fixture : test::LabFixture {
    /// Three denoising steps whose pictures become brighter, and what is asked for beside them.
    void show(std::uint64_t run, int tone, std::initializer_list<const char*> beside = {}) {
        recorded.clear();
        for (std::uint32_t step = 0; step < 3; ++step) {
            recorded.push_back(
                ClipRun::step(trace::kMainRun, tone + 10 * static_cast<int>(step), run, step));
        }
        for (const char* key : beside) {
            auto step = ClipRun::step(key, tone + 100, run + 1);
            if (key == std::string(trace::kTruthRun)) {
                step->routing = {}; // pictures alone
            }
            recorded.push_back(std::move(step));
        }
        lab.openRecording(QStringLiteral("x.depthscope"));
        QVERIFY(settles());
    }

    [[nodiscard]] bool settles() {
        return QTest::qWaitFor([this] { return lab.idle(); }, 30'000);
    }

    [[nodiscard]] const trace::ClipView& clip() const { return *player.clip(); }

    /// Of frame 0 of what is shown.
    [[nodiscard]] static int tone(const trace::ClipView& clip) {
        return int{clip.picture->bytes.front()} - static_cast<int>(clip.frame->number);
    }

    void look(std::uint32_t step) {
        instruments::Cursor cursor = lab.cursor();
        cursor.step = step;
        lab.setCursor(cursor);
    }

    lab::ClipPlayer player{lab};
    lab::RunClips runs{lab, player};
};

} // namespace

class TestRunClips : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        if (!lab::ClipPlayer::isAvailable()) {
            QSKIP("built without video");
        }
    }

    void thePredictionAndTheTruth() {
        Fixture f;
        QVERIFY(!f.runs.isShown() && f.runs.offered().empty());
        QSignalSpy changed(&f.runs, &lab::RunClips::changed);
        f.show(1, 50, {trace::kTruthRun, trace::kFullDepthRun});
        QVERIFY(f.runs.isShown());
        QCOMPARE(f.clip().name, std::string("prediction"));
        QCOMPARE(f.clip().contextFrames, ClipRun::kContext);
        QCOMPARE(f.clip().frame->number, ClipRun::kContext);
        QCOMPARE(f.tone(f.clip()), 70); // the newest step
        QCOMPARE(f.clip().picture, f.recorded[2]->clip()->pictures[2]);
        QVERIFY(f.clip().other);
        QCOMPARE(f.clip().other->run, trace::RunKey(trace::kTruthRun));
        QCOMPARE(f.tone(*f.clip().other), 150);
        QCOMPARE(f.runs.offered(),
                 (std::vector<trace::RunKey>{trace::kTruthRun, trace::kFullDepthRun}));
        QVERIFY(changed.count() > 0);
    }

    /// The denoising scrubber: other pictures of the same frame.
    void theStepThatIsLookedAt() {
        Fixture f;
        f.show(1, 50, {trace::kTruthRun});
        f.player.seek(5);
        QVERIFY(f.settles());
        f.look(0);
        QVERIFY(f.settles());
        QCOMPARE(f.clip().frame->number, 5);
        QCOMPARE(f.tone(f.clip()), 50);
        QCOMPARE(f.tone(*f.clip().other), 150);
        const std::uint64_t generation = f.clip().generation;
        Q_EMIT f.lab.traceChanged(); // nothing new
        QVERIFY(f.settles());
        QCOMPARE(f.clip().generation, generation);
    }

    void whatStandsBesideIsChosenAndKept() {
        Fixture f;
        f.show(1, 50, {trace::kTruthRun, trace::kFullDepthRun});
        f.runs.setBeside(trace::kFullDepthRun);
        QVERIFY(f.settles());
        QCOMPARE(f.clip().other->name, std::string("full depth"));
        f.show(3, 20, {trace::kTruthRun, trace::kFullDepthRun});
        QCOMPARE(f.tone(f.clip()), 40);
        QCOMPARE(f.clip().other->name, std::string("full depth"));
        QCOMPARE(f.tone(*f.clip().other), 120);
        f.show(5, 30, {trace::kTruthRun}); // no such run: the truth
        QCOMPARE(f.clip().other->name, std::string("truth"));
        f.runs.setBeside({});
        QVERIFY(f.settles());
        QVERIFY(!f.clip().other);
        f.show(7, 30);
        QVERIFY(!f.clip().other && f.runs.offered().empty());
    }

    void aNewerRunLeavesPlayingAlone() {
        Fixture f;
        f.show(1, 50, {trace::kTruthRun});
        f.player.setSpeed(0.1);
        f.player.setPlaying(true);
        QVERIFY(QTest::qWaitFor([&] { return f.clip().playing; }, 30'000));
        f.show(3, 90, {trace::kTruthRun});
        QVERIFY(QTest::qWaitFor([&] { return f.tone(f.clip()) == 110; }, 30'000));
        QVERIFY(f.clip().playing && f.clip().looping);
        QCOMPARE(f.clip().speed, 0.1);
        f.player.setPlaying(false);
        QVERIFY(f.settles());
    }

    void aFileStaysUntilTheNextRun() {
        Fixture f;
        f.show(1, 50, {trace::kTruthRun});
        f.player.open(kClip);
        QVERIFY(f.settles());
        QVERIFY(!f.runs.isShown());
        f.look(1);
        QVERIFY(f.settles());
        QVERIFY(!f.runs.isShown() && !f.clip().file.empty());
        f.show(2, 60, {trace::kTruthRun});
        QVERIFY(f.runs.isShown());
        QCOMPARE(f.tone(f.clip()), 80);
        // As B a file stays, whatever run comes.
        f.player.compareWith(kClip);
        QVERIFY(f.settles());
        QVERIFY(!f.clip().other->file.empty());
        f.show(4, 70, {trace::kTruthRun});
        QVERIFY(!f.clip().other->file.empty());
        QCOMPARE(f.tone(f.clip()), 90);
        f.runs.setBeside(trace::kTruthRun);
        QVERIFY(f.settles());
        QCOMPARE(f.clip().other->name, std::string("truth"));
    }

    void aRunWithoutPicturesClosesIt() {
        Fixture f;
        f.show(1, 50);
        f.lab.goLive();
        f.openExpert();
        QVERIFY(f.settles());
        QVERIFY(QTest::qWaitFor([&] { return f.player.clip() == nullptr; }, 30'000));
    }

    void theCursorTakesThePlayerToItsFrame() {
        Fixture f;
        f.show(1, 50);
        f.lab.hover({3 * 16 + 2, {}}); // of frames 6 and 7
        QVERIFY(f.settles());
        QCOMPARE(f.clip().frame->number, 6);
        f.player.seek(7);
        QVERIFY(f.settles());
        f.lab.hover({3 * 16 + 9, {}}); // is on screen already
        QVERIFY(f.settles());
        QCOMPARE(f.clip().frame->number, 7);
        f.lab.hover({});
        f.lab.pin({5, {}});
        QVERIFY(f.settles());
        QCOMPARE(f.clip().frame->number, 0);
    }
};

QTEST_MAIN(TestRunClips)
#include "tst_run_clips.moc"
