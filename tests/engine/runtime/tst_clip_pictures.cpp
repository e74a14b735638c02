// SPDX-License-Identifier: MIT
// Pictures of steps through a recording and back: every pixel, without an engine. What a stranger
// puts into the tables is refused before memory is asked for.
#include "engine/media/clip_packets.h"
#include "engine/recording/save.h"
#include "engine/runtime/clip_pictures.h"
#include "engine/runtime/replay_runtime.h"
#include "tests/engine/media/numbered.h"
#include "tests/engine/recording/hostile_file.h"
#include "tests/engine/recording/random_trace.h"
#include "tests/engine/recording/trace_difference.h"

#include <QTemporaryDir>
#include <QTest>
#include <semaphore>

using namespace depthscope;
using namespace depthscope::runtime;
using tests::RandomTrace;

namespace {

/// A denoising run whose steps have noise for pictures.
std::vector<trace::StepPtr> clipRun(int width, int height, int steps, int frames) {
    RandomTrace random(3);
    std::vector<trace::StepPtr> made;
    unsigned seed = 0;
    for (const trace::StepPtr& plain : random.grid(1, trace::kMainRun, steps)) {
        auto step = std::make_shared<trace::StepTrace>(*plain);
        trace::ClipContent clip;
        clip.rate = {12, 1};
        clip.firstFrame = 4;
        for (int f = 0; f < frames; ++f) {
            clip.pictures.push_back(
                std::make_shared<const RgbPicture>(test::noisePicture(width, height, ++seed)));
        }
        step->content = std::move(clip);
        made.push_back(std::move(step));
    }
    return made;
}

/// Everything that replaying a file gives, to its end.
std::vector<Event> replayed(const std::string& file) {
    std::counting_semaphore<> woken{0};
    ReplayRuntime runtime(file, [&] { woken.release(); });
    std::vector<Event> all;
    while (true) {
        woken.acquire();
        for (Event& event : runtime.drain()) {
            all.push_back(std::move(event));
        }
        if (!all.empty() && std::holds_alternative<JobEnded>(all.back())) {
            return all;
        }
    }
}

} // namespace

class TestClipPictures : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void picturesComeBack_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::newRow("1x1") << 1 << 1;
        QTest::newRow("16x16") << 16 << 16;
        QTest::newRow("33x31") << 33 << 31;
        QTest::newRow("320x180") << 320 << 180;
    }

    void picturesComeBack() {
        QFETCH(int, width);
        QFETCH(int, height);
        const std::vector<trace::StepPtr> steps = clipRun(width, height, 3, 5);
        const std::vector<trace::StepPtr> stored = packed(steps);
        const std::string file = m_folder.filePath("clip.depthscope").toStdString();
        recording::saveRecording(file, stored, {}, {});
        const recording::Recording read = recording::readRecording(file);
        QCOMPARE(read.steps.size(), steps.size());
        std::size_t n = 0;
        for (const Event& event : replayed(file)) {
            const auto* published = std::get_if<StepPublished>(&event);
            if (published == nullptr) {
                continue;
            }
            QCOMPARE(tests::differenceOf(*read.steps[n], *stored[n]), std::string());
            const trace::ClipContent* clip = published->step->clip();
            QVERIFY(clip != nullptr);
            QCOMPARE(clip->firstFrame, 4);
            QCOMPARE(clip->packets.size(), 5U);
            QCOMPARE(clip->pictures.size(), 5U);
            for (std::size_t p = 0; p < clip->pictures.size(); ++p) {
                QVERIFY(clip->pictures[p]->bytes == steps[n]->clip()->pictures[p]->bytes);
            }
            ++n;
        }
        QCOMPARE(n, steps.size());
    }

    void stepsWithoutPicturesStayTheSame() {
        RandomTrace random(4);
        const trace::StepPtr step = random.run(1, trace::kMainRun, 1, 5).front();
        QCOMPARE(packed(step), step);
        QCOMPARE(unpacked(step), step);
    }

    void unpackedPicturesAreNotRecorded() {
        const std::string file = m_folder.filePath("raw.depthscope").toStdString();
        QVERIFY_EXCEPTION_THROWN(recording::saveRecording(file, clipRun(8, 8, 1, 2), {}, {}),
                                 Error);
    }

    /// A file of format 2 has all tables but those of clips.
    void format2IsRead() {
        RandomTrace random(6);
        const std::vector<trace::StepPtr> steps = random.run(1, trace::kMainRun, 3, 20);
        const QString sound = m_folder.filePath("new.depthscope");
        const QString old = m_folder.filePath("old.depthscope");
        recording::saveRecording(sound.toStdString(), steps, {}, {});
        tests::writeChangedBy("DROP TABLE clip; DROP TABLE frame; PRAGMA user_version = 2",
                              tests::bytesOfFile(sound), old);
        const recording::Recording read = recording::readRecording(old.toStdString());
        QCOMPARE(read.steps.size(), steps.size());
        QCOMPARE(tests::differenceOf(*read.steps[2], *steps[2]), std::string());
        tests::writeChangedBy("DROP TABLE clip; DROP TABLE frame", tests::bytesOfFile(sound), old);
        tests::verifyRefused(old, "clip is missing");
    }

    void changedClipsAreRefused_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QByteArray>("names");
        const auto row = [](const char* name, const char* sql, const char* names) {
            QTest::newRow(name) << QByteArray(sql) << QByteArray(names);
        };
        row("huge", "UPDATE clip SET width = 2000000", "pixels");
        row("many pixels", "UPDATE clip SET width = 32768, height = 32768", "too many");
        row("no width", "UPDATE clip SET width = 0", "pixels");
        row("below 0", "UPDATE clip SET height = -5", "-5");
        row("no rate", "UPDATE clip SET rateOver = 0", "rate");
        row("long name", "UPDATE clip SET codec = printf('%.*c', 99, 'x')", "longer");
        row("long extradata", "UPDATE clip SET extradata = zeroblob(99999)", "65536");
        row("frame missing", "DELETE FROM frame WHERE number = 5", "frame 5 is missing");
        row("empty packet", "UPDATE frame SET packet = x''", "packets");
        row("text packet", "UPDATE frame SET packet = 'abc'", "packet");
        row("first frame", "UPDATE clip SET firstFrame = 2147483647", "missing");
        row("other table", "DROP TABLE frame; CREATE TABLE frame(step, number, pts, packet)",
            "frame");
        row("text too", "INSERT INTO text VALUES(1, x'', x'', x'', x'', '{\"loss\":0}')", "both");
    }

    void changedClipsAreRefused() {
        QFETCH(QByteArray, sql);
        QFETCH(QByteArray, names);
        const QString sound = m_folder.filePath("sound.depthscope");
        const QString changed = m_folder.filePath("changed.depthscope");
        recording::saveRecording(sound.toStdString(), packed(clipRun(16, 16, 2, 3)), {}, {});
        tests::writeChangedBy(sql, tests::bytesOfFile(sound), changed);
        tests::verifyRefused(changed, names);
    }

    /// Packets are opaque to the reader of the file: replaying says what is wrong with them.
    void damagedPacketsAreNamed_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QByteArray>("names");
        const auto row = [](const char* name, const char* sql, const char* names) {
            QTest::newRow(name) << QByteArray(sql) << QByteArray(names);
        };
        row("words", "UPDATE frame SET packet = CAST('no packet at all' AS BLOB) WHERE number = 5",
            "frame 5");
        row("cut", "UPDATE frame SET packet = substr(packet, 1, 40) WHERE number = 5", "frame 5");
        row("other codec", "UPDATE clip SET codec = 'h264'", "h264");
        row("other extradata", "UPDATE clip SET extradata = zeroblob(40)", "clip");
    }

    void damagedPacketsAreNamed() {
        QFETCH(QByteArray, sql);
        QFETCH(QByteArray, names);
        const QString sound = m_folder.filePath("sound.depthscope");
        const QString changed = m_folder.filePath("changed.depthscope");
        recording::saveRecording(sound.toStdString(), packed(clipRun(16, 16, 2, 3)), {}, {});
        tests::writeChangedBy(sql, tests::bytesOfFile(sound), changed);
        const std::vector<Event> events = replayed(changed.toStdString());
        const std::optional<Error>& error = std::get<JobEnded>(events.back()).error;
        QVERIFY(error.has_value());
        QCOMPARE(error->code(), ErrorCode::BadInput);
        QVERIFY2(error->message().find(names.toStdString()) != std::string::npos, error->what());
        QVERIFY2(error->message().find("changed.depthscope") != std::string::npos, error->what());
    }

private:
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestClipPictures)
#include "tst_clip_pictures.moc"
