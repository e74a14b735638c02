// SPDX-License-Identifier: MIT
// Every frame of every codec and container is, bit for bit, what `ffmpeg -f framemd5` makes of it,
// in order and after seeking. A codec that this ffmpeg cannot encode is skipped.
#include "engine/media/frame_hash.h"
#include "engine/media/reader.h"
#include "tests/engine/media/clips.h"

#include <QtTest>
#include <random>

using namespace depthscope;
using namespace depthscope::test;

namespace {

constexpr const char* kX264 = "-c:v libx264 -preset veryfast -x264-params ";
constexpr const char* kX265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:";
constexpr const char* kOpen = "open-gop=1:keyint=15:min-keyint=15:bframes=3:scenecut=0";
constexpr const char* kVfr = "-vf select='not(mod(n\\,3))+not(mod(n\\,7))' -vsync vfr ";
constexpr const char* kFields = "-flags +ildct+ilme ";

std::vector<std::string> decodedInOrder(const std::string& file) {
    std::vector<std::string> sums;
    [[maybe_unused]] const auto index = media::decodeAll(file, {}, [&](const trace::Frame& frame) {
        sums.push_back(media::md5Of(frame));
        return true;
    });
    return sums;
}

/// The first frame that comes out otherwise after a seek; -1 where none does.
std::int64_t firstWrongSeek(const std::string& file,
                            const std::vector<std::string>& sums,
                            std::int64_t certainPixels,
                            int seeks) {
    media::ReaderOptions options;
    options.index.certainPixels = certainPixels;
    options.cacheBytes = 0; // or a seek would find what an earlier one left
    media::Reader reader(file, options);
    if (reader.index()->frameCount() != std::ssize(sums)) {
        return std::ssize(sums);
    }
    std::mt19937 random(7);
    for (int seek = 0; seek < seeks; ++seek) {
        const auto number = static_cast<std::int64_t>(random() % sums.size());
        const trace::Frame frame = reader.frame(number);
        if (frame.number != number || frame.damaged ||
            media::md5Of(frame) != sums[static_cast<std::size_t>(number)]) {
            return number;
        }
    }
    return -1;
}

} // namespace

class TestMediaDecode : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void equalsFfmpeg_data() {
        QTest::addColumn<QString>("encoder");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* name, const char* encoder, const QString& words) {
            QTest::newRow(name) << QString(encoder) << words;
        };
        const QString x264 = QString(kX264) + "keyint=20:bframes=3:scenecut=0";
        const QString open = QString(kX264) + kOpen;
        const QString hevc = QString(kX265) + kOpen;
        const QString mpeg2 = "-c:v mpeg2video -bf 2 -g 15 -q:v 3";
        const QString mpeg4 = "-c:v mpeg4 -bf 2 -g 20 -q:v 3";
        row("h264.mp4", "libx264", x264);
        row("h264-open.mp4", "libx264", open);
        row("h264-open.mkv", "libx264", open);
        row("h264-open.ts", "libx264", open);
        row("h264-open.h264", "libx264", open);
        row("h264-fields.mkv", "libx264", kFields + QString(kX264) + "tff=1:keyint=20");
        row("h264-fields.ts", "libx264", kFields + QString(kX264) + "tff=1:keyint=20");
        row("h264-refresh.mkv", "libx264", QString(kX264) + "intra-refresh=1:keyint=20");
        row("h264-10.mkv", "libx264", "-pix_fmt yuv420p10le " + x264);
        row("h264-fragments.mp4", "libx264", x264 + " -movflags +frag_keyframe+empty_moov");
        row("h264-negative.mp4", "libx264", x264 + " -movflags +negative_cts_offsets");
        row("h264-vfr.mkv", "libx264", kVfr + x264);
        row("h264-vfr.mp4", "libx264", kVfr + x264);
        row("hevc-open.mp4", "libx265", hevc);
        row("hevc-open.mkv", "libx265", hevc);
        row("hevc-open.ts", "libx265", hevc);
        row("hevc-10.mp4", "libx265", "-pix_fmt yuv420p10le " + hevc);
        row("vp8.webm", "libvpx",
            "-c:v libvpx -g 20 -auto-alt-ref 1 -lag-in-frames 16 -cpu-used 8");
        row("vp9.webm", "libvpx-vp9",
            "-c:v libvpx-vp9 -g 20 -auto-alt-ref 1 -lag-in-frames 16 -cpu-used 8");
        row("av1.mkv", "libaom-av1", "-c:v libaom-av1 -cpu-used 8 -g 20 -usage realtime");
        row("av1.mp4", "libaom-av1", "-c:v libaom-av1 -cpu-used 8 -g 20 -usage realtime");
        row("mpeg2.ts", "mpeg2video", mpeg2);
        row("mpeg2.mpg", "mpeg2video", mpeg2);
        row("mpeg2.m2v", "mpeg2video", mpeg2);
        row("mpeg2-fields.mkv", "mpeg2video", kFields + mpeg2);
        row("mpeg4.avi", "mpeg4", mpeg4);
        row("mpeg4.mp4", "mpeg4", mpeg4);
        row("mpeg4-packed.avi", "libxvid", "-c:v libxvid -bf 2 -g 20 -q:v 3");
        row("mjpeg.avi", "mjpeg", "-c:v mjpeg -q:v 3");
        row("mjpeg.mov", "mjpeg", "-c:v mjpeg -q:v 3 -pix_fmt yuvj422p");
        row("prores.mov", "prores_ks", "-c:v prores_ks -frames:v 10");
        row("dnxhd.mov", "dnxhd",
            "-s 256x128 -c:v dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p -frames:v 10");
        row("ffv1.mkv", "ffv1", "-c:v ffv1 -g 12");
        row("ffv1-odd.avi", "ffv1", "-s 97x65 -c:v ffv1 -g 1 -pix_fmt bgr0");
        row("picture.gif", "gif", "");
        row("picture.apng", "apng", "");
        row("raw.y4m", "rawvideo", "-s 97x65");
        row("raw.avi", "rawvideo", "-s 97x65 -c:v rawvideo -pix_fmt bgr24");
        row("raw-palette.nut", "rawvideo", "-c:v rawvideo -pix_fmt pal8");
        row("theora.ogg", "libtheora", "-c:v libtheora -g 20");
        row("flv1.flv", "flv", "-c:v flv1");
    }

    void equalsFfmpeg() {
        QFETCH(QString, encoder);
        QFETCH(QString, words);
        if (!hasEncoder(encoder)) {
            QSKIP(qPrintable("this ffmpeg has no encoder " + encoder));
        }
        const QString name = QTest::currentDataTag();
        QVERIFY(m_clips.make(name, words));
        check(name);
    }

    void equalsFfmpegOnWhatWasCut_data() {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("words");
        QTest::newRow("edit-list.mp4") << "-ss 0.7"
                                       << "-c copy";
        QTest::newRow("negative-start.mp4") << "-ss 0.7"
                                            << "-c copy -avoid_negative_ts disabled";
        QTest::newRow("cut.mkv") << "-ss 0.7"
                                 << "-c copy";
        QTest::newRow("one-frame.mp4") << ""
                                       << "-c copy -frames:v 1";
    }

    void equalsFfmpegOnWhatWasCut() {
        QFETCH(QString, before);
        QFETCH(QString, words);
        if (!hasEncoder("libx264")) {
            QSKIP("this ffmpeg has no encoder libx264");
        }
        QVERIFY(m_clips.make("whole.mp4", QString(kX264) + kOpen));
        const QString name = QTest::currentDataTag();
        QVERIFY(m_clips.remake(name, before, "whole.mp4", words));
        check(name);
    }

    void equalsFfmpegFromTheMiddle_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("ts") << "middle.ts";
        QTest::newRow("h264") << "middle.h264";
    }

    void equalsFfmpegFromTheMiddle() {
        QFETCH(QString, name);
        if (!hasEncoder("libx264")) {
            QSKIP("this ffmpeg has no encoder libx264");
        }
        constexpr qsizetype kTsPacket = 188;
        QVERIFY(m_clips.make(name, QString(kX264) + kOpen));
        const QByteArray whole = m_clips.bytes(name);
        m_clips.write(name, whole.mid(whole.size() / 3 / kTsPacket * kTsPacket));
        check(name);
    }

    void equalsFfmpegOnImages() {
        // The pattern itself is no file, so that make() says no.
        QVERIFY(!m_clips.make("image-%03d.png", "-frames:v 12 -start_number 0"));
        const std::vector<std::string> sums = m_clips.frameMd5("image-%03d.png");
        QCOMPARE(std::ssize(sums), 12);
        QCOMPARE(decodedInOrder(m_clips.file("image-%03d.png")), sums);
        QCOMPARE(firstWrongSeek(m_clips.file("image-%03d.png"), sums, 0, 20), -1);
        QDir(m_clips.path("")).mkdir("folder");
        for (int n = 0; n < 12; ++n) { // without leading zeros: 2 comes before 10
            const QString from = QStringLiteral("image-%1.png").arg(n, 3, 10, QChar('0'));
            QVERIFY(QFile::copy(m_clips.path(from),
                                m_clips.path(QStringLiteral("folder/f%1.png").arg(n))));
        }
        QCOMPARE(decodedInOrder(m_clips.file("folder")), sums);
    }

    void equalsFfmpegOnOneImage_data() {
        QTest::addColumn<QString>("encoder");
        QTest::newRow("one.png") << "png";
        QTest::newRow("one.jpg") << "mjpeg";
        QTest::newRow("one.webp") << "libwebp";
    }

    void equalsFfmpegOnOneImage() {
        QFETCH(QString, encoder);
        if (!hasEncoder(encoder)) {
            QSKIP(qPrintable("this ffmpeg has no encoder " + encoder));
        }
        const QString name = QTest::currentDataTag();
        QVERIFY(m_clips.make(name, "-frames:v 1 -c:v " + encoder));
        check(name);
    }

private:
    void check(const QString& name) {
        const std::vector<std::string> sums = m_clips.frameMd5(name);
        QVERIFY(!sums.empty());
        const std::string file = m_clips.file(name);
        QCOMPARE(decodedInOrder(file), sums);
        // By packets where they tell, and by the decoding pass.
        const int seeks = name.startsWith("h264") || name.startsWith("middle") ? 200 : 60;
        QCOMPARE(firstWrongSeek(file, sums, 0, seeks), -1);
        QCOMPARE(firstWrongSeek(file, sums, INT64_MAX, 5), -1);
    }

    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaDecode)
#include "tst_media_decode.moc"
