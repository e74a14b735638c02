// SPDX-License-Identifier: MIT
// Steps, the bounded cache, numbers that are not there, stopping, and what is said of a clip.
#include "engine/base/error.h"
#include "engine/media/frame_cache.h"
#include "engine/media/frame_hash.h"
#include "engine/media/reader.h"
#include "tests/engine/media/clips.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::test;

class TestMediaReader : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        if (!hasEncoder("libx264")) {
            QSKIP("this ffmpeg has no encoder libx264");
        }
        QVERIFY(m_clips.make("clip.mkv", "-c:v libx264 -preset veryfast -x264-params "
                                         "open-gop=1:keyint=20:bframes=3:scenecut=0"));
        m_sums = m_clips.frameMd5("clip.mkv");
        QCOMPARE(std::ssize(m_sums), 60);
    }

    void stepsBackAreTheReverse_data() {
        QTest::addColumn<qulonglong>("cacheBytes");
        QTest::newRow("no cache") << 0ULL;
        QTest::newRow("room for three frames") << 60'000ULL;
        QTest::newRow("room for all") << (1ULL << 30U);
    }

    void stepsBackAreTheReverse() {
        QFETCH(qulonglong, cacheBytes);
        media::Reader reader(m_clips.file("clip.mkv"), {{}, cacheBytes, nullptr});
        QCOMPARE(reader.previous()->number, 0);
        QVERIFY(!reader.previous());
        for (std::int64_t n = 1; n <= 50; ++n) {
            const auto frame = reader.next();
            QCOMPARE(frame->number, n);
            QCOMPARE(media::md5Of(*frame), m_sums[static_cast<std::size_t>(n)]);
        }
        for (std::int64_t n = 49; n >= 0; --n) {
            const auto frame = reader.previous();
            QCOMPARE(frame->number, n);
            QCOMPARE(media::md5Of(*frame), m_sums[static_cast<std::size_t>(n)]);
        }
        QCOMPARE(reader.frame(59).number, 59);
        QVERIFY(!reader.next());
    }

    void numbersThatAreNotThere() {
        media::Reader reader(m_clips.file("clip.mkv"));
        for (const std::int64_t number : {std::int64_t{-1}, std::int64_t{60}, INT64_MAX}) {
            try {
                static_cast<void>(reader.frame(number));
                QFAIL("no error");
            } catch (const Error& error) {
                QCOMPARE(error.code(), ErrorCode::BadInput);
                QVERIFY(error.message().find("60 frames") != std::string::npos);
                QVERIFY(error.message().find("clip.mkv") != std::string::npos);
            }
        }
        QCOMPARE(media::md5Of(reader.frame(31)), m_sums[31]);
    }

    void stopEndsACallAndTheNextOneGoesOn() {
        std::stop_source stop;
        stop.request_stop();
        const std::string file = m_clips.file("clip.mkv");
        QVERIFY_EXCEPTION_THROWN(media::Reader(file, {}, stop.get_token()), Error);
        media::Reader reader(file);
        try {
            static_cast<void>(reader.frame(40, stop.get_token()));
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Interrupted);
        }
        QCOMPARE(media::md5Of(reader.frame(40)), m_sums[40]);
    }

    void framesOutliveTheirReader() {
        std::optional<trace::Frame> frame;
        {
            media::Reader reader(m_clips.file("clip.mkv"));
            frame = reader.frame(17);
        }
        QCOMPARE(media::md5Of(*frame), m_sums[17]);
    }

    void cacheIsBoundedInBytes() {
        media::FrameCache cache(100);
        const auto put = [&cache](std::int64_t number, std::size_t bytes) {
            trace::Frame frame;
            frame.number = number;
            frame.byteCount = bytes;
            cache.put(frame);
        };
        put(1, 40);
        put(2, 40);
        QVERIFY(cache.find(1)); // now the last used
        put(3, 40);
        QVERIFY(cache.find(1) && !cache.find(2) && cache.find(3));
        QCOMPARE(cache.bytes(), 80U);
        put(3, 60);
        QCOMPARE(cache.bytes(), 100U);
        put(4, 101);
        QVERIFY(!cache.find(4) && cache.find(1));
        cache.clear();
        QCOMPARE(cache.bytes(), 0U);
    }

    void factsOfTheClip() {
        QVERIFY(m_clips.make("facts.mp4",
                             "-vf setsar=4/3 -c:v libx264 -preset veryfast -color_range tv "
                             "-colorspace bt709 -color_primaries bt709 -color_trc bt709"));
        QVERIFY(m_clips.remake("turned.mp4", "", "facts.mp4", "-c copy -metadata:s:v rotate=90"));
        const media::ClipFacts facts = media::Reader(m_clips.file("facts.mp4")).index()->facts();
        QCOMPARE(facts.codec, std::string("h264"));
        QCOMPARE(facts.pixelFormat, std::string("yuv420p"));
        QVERIFY((facts.sampleAspect == trace::Ratio{4, 3}));
        QVERIFY((facts.frameRate == trace::Ratio{25, 1}));
        QVERIFY((facts.colour == trace::Colour{"bt709", "bt709", "bt709", "tv"}));
        QCOMPARE(facts.rotation, 0);
        const int turn = media::Reader(m_clips.file("turned.mp4")).index()->facts().rotation;
        // As the ffmpeg program turns it: transpose=1 is clockwise, transpose=2 the other way.
        const std::string upright =
            outputOf("ffmpeg", {"-v", "quiet", "-i", m_clips.path("turned.mp4"), "-frames:v", "1",
                                "-f", "framemd5", "-"})
                .toStdString();
        const QString filter = turn == 90 ? "transpose=1" : "transpose=2";
        QVERIFY(turn == 90 || turn == 270);
        QVERIFY(upright.find(m_clips.frameMd5("facts.mp4", filter).front()) != std::string::npos);
    }

    void variableRate_data() {
        QTest::addColumn<QString>("words");
        QTest::addColumn<bool>("isVariable");
        const QString x264 = "-c:v libx264 -preset ultrafast ";
        QTest::newRow("25.mkv") << x264 << false;
        QTest::newRow("ntsc.mkv") << "-vf fps=30000/1001 " + x264 << false;
        QTest::newRow("60.mkv") << "-vf fps=60 " + x264 << false;
        QTest::newRow("holes.mkv") << "-vf select='mod(n\\,5)' -vsync vfr " + x264 << true;
        QTest::newRow("holes.mp4") << "-vf select='mod(n\\,5)' -vsync vfr " + x264 << true;
    }

    void variableRate() {
        QFETCH(QString, words);
        QFETCH(bool, isVariable);
        const QString name = QTest::currentDataTag();
        QVERIFY(m_clips.make(name, words));
        QCOMPARE(media::buildIndex(m_clips.file(name), {})->hasVariableRate(), isVariable);
    }

private:
    Clips m_clips;
    std::vector<std::string> m_sums;
};

QTEST_APPLESS_MAIN(TestMediaReader)
#include "tst_media_reader.moc"
