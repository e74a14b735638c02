// SPDX-License-Identifier: MIT
// A prediction that begins in a user's own video: the frames are those of the recipe, what follows
// is the truth as far as the video goes, damaged frames are refused. And the clip that a training
// shows.
#include "engine/media/clip_stretch.h"
#include "engine/session/own_context.h"
#include "engine/session/training_clip.h"
#include "engine/session/video_clips.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/session/small_video_session.h"

#include <QtTest>
#include <cmath>
#include <variant>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

struct Fixture : SmallVideoSession {
    /// Steps of a run.
    std::vector<trace::StepPtr> run(const runtime::VideoSampleRequest& request) {
        std::vector<trace::StepPtr> steps;
        sample(request, [&](const runtime::Event& event) {
            if (const auto* published = std::get_if<runtime::StepPublished>(&event)) {
                steps.push_back(published->step);
            }
        });
        return steps;
    }

    [[nodiscard]] const models::VideoModel& model() const {
        return *static_cast<const session::VideoSlot&>(*workspace.slots[0]).model;
    }
};

runtime::VideoSampleRequest beginningAt(const std::string& file, std::int64_t first) {
    runtime::VideoSampleRequest request;
    request.own = {file, first, 2};
    request.steps = 2;
    request.pictures = true;
    return request;
}

} // namespace

class TestOwnContext : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        if (!m_clips.make(QStringLiteral("plain.mkv"),
                          QStringLiteral("-frames:v 20 -c:v ffv1 -pix_fmt yuv420p"))) {
            QSKIP("NOT TESTED: the ffmpeg program was not found; install ffmpeg");
        }
        QVERIFY(
            m_clips.make(QStringLiteral("mpeg.mkv"), QStringLiteral("-c:v mpeg4 -g 60 -q:v 3")));
    }

    /// The truth is what readClipStretch makes, of which tst_own_clips says that it is right.
    void framesAreThoseOfTheRecipe() {
        Fixture fixture;
        const std::string file = m_clips.file(QStringLiteral("plain.mkv"));
        const auto steps = fixture.run(beginningAt(file, 3));
        QCOMPARE(steps.size(), std::size_t{3}); // the truth, two steps
        QVERIFY(steps[0]->key == trace::kTruthRun);
        const media::SmallClip known = media::readClipStretch(
            {.file = file, .size = {8, 8}, .first = 3, .every = 2, .least = 2, .most = 6}, {});
        QVERIFY(bytesOf(*steps[0]->clip()) == known.rgb);
        const trace::ClipContent& made = *steps[2]->clip();
        QVERIFY(std::isfinite(made.psnr) && std::isfinite(made.psnrCopyLast));
        QCOMPARE(made.source, steps[0]->clip()->source);
        QVERIFY(made.source.find("frame 3, each 2") != std::string::npos);
        QCOMPARE(made.rate, known.rate);
        QVERIFY(steps[2]->notice.find("plain.mkv is outside training") != std::string::npos);
    }

    /// References and other settings do not read the file again, a file that changed is read again.
    void whatWasReadIsKept() {
        Fixture fixture;
        const std::string file = m_clips.file(QStringLiteral("plain.mkv"));
        (void)fixture.run(beginningAt(file, 3));
        const auto kept = fixture.workspace.context;
        runtime::VideoSampleRequest again = beginningAt(file, 3);
        again.seed = 7;
        (void)fixture.run(again);
        QVERIFY(fixture.workspace.context == kept);
        (void)fixture.run(beginningAt(file, 4));
        QVERIFY(fixture.workspace.context != kept);
    }

    void theEndOfAVideoHasNoTruth() {
        Fixture fixture;
        const auto steps = fixture.run(beginningAt(m_clips.file(QStringLiteral("plain.mkv")), 17));
        QCOMPARE(steps.size(), std::size_t{2});
        QVERIFY(std::isnan(steps[1]->clip()->psnr));
        QCOMPARE(steps[1]->clip()->pictures.size(), std::size_t{6});
    }

    void badInputIsNamed() {
        Fixture fixture;
        const auto messageOf = [&](const std::string& file, std::int64_t first) {
            try {
                (void)fixture.run(beginningAt(file, first));
            } catch (const Error& error) {
                return error.message();
            }
            return std::string("none");
        };
        const std::string plain = m_clips.file(QStringLiteral("plain.mkv"));
        QVERIFY(messageOf(plain, 19).find("has 20 frames") != std::string::npos);
        QVERIFY(messageOf(plain + ".none", 0).find("plain.mkv.none") != std::string::npos);
        QByteArray bytes = m_clips.bytes(QStringLiteral("mpeg.mkv"));
        for (qsizetype at = bytes.size() / 2; at < bytes.size() / 2 + 40; ++at) {
            bytes[at] = char(bytes[at] ^ 0x5a);
        }
        m_clips.write(QStringLiteral("damaged.mkv"), bytes);
        const std::string damaged = m_clips.file(QStringLiteral("damaged.mkv"));
        bool isRefused = false;
        for (std::int64_t first = 24; first < 56 && !isRefused; ++first) {
            isRefused = messageOf(damaged, first).find("is damaged") != std::string::npos;
        }
        QVERIFY(isRefused);
    }

    /// The same at each call, so that evaluations can be compared; the truth is the clip's.
    void theClipOfATraining() {
        const Fixture fixture;
        const data::Clip clip =
            session::proceduralClips("moving-shapes", fixture.model().spec(), 5)->clip(0);
        const auto one = session::predictedClip(fixture.model(), clip, 40);
        const auto two = session::predictedClip(fixture.model(), clip, 80);
        QCOMPARE(one->step, std::int64_t{40});
        QCOMPARE(one->contextFrames, 2);
        QCOMPARE(one->made.size(), std::size_t{6});
        std::vector<std::uint8_t> truth;
        for (std::size_t f = 0; f < 6; ++f) {
            QVERIFY(one->made[f]->bytes == two->made[f]->bytes);
            truth.insert(truth.end(), one->truth[f]->bytes.begin(), one->truth[f]->bytes.end());
        }
        QVERIFY(truth == clip.rgb);
        QVERIFY(one->made[1]->bytes == one->truth[1]->bytes);
        QVERIFY(one->made[2]->bytes != one->truth[2]->bytes);
        QCOMPARE(one->psnr, two->psnr);
    }

private:
    test::Clips m_clips;
};

QTEST_GUILESS_MAIN(TestOwnContext)
#include "tst_own_context.moc"
