// SPDX-License-Identifier: MIT
// Files that are damaged, foreign or meant to do harm: an error that names the file, or frames that
// say they are damaged; never a crash, another file opened, or an endless wait.
#include "engine/base/error.h"
#include "engine/media/frame_hash.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"
#include "tests/engine/media/clips.h"

#include <sys/stat.h>

#include <QtTest>
#include <random>

using namespace depthscope;
using namespace depthscope::test;

namespace {

constexpr const char* kX264 =
    "-c:v libx264 -preset veryfast -x264-params keyint=15:bframes=3:scenecut=0";

/// The complaint; empty where the file was read.
std::string complaintOf(const std::string& file, const media::IndexOptions& options = {}) {
    try {
        static_cast<void>(media::decodeAll(file, options, {}));
    } catch (const Error& error) {
        return error.code() == ErrorCode::BadInput ? error.message() : "not bad input";
    }
    return {};
}

/// All headers of our files lie before it, or the container might not be known at all.
constexpr int kHeaderBytes = 6'000;

QByteArray flipped(QByteArray bytes, unsigned seed, int flips) {
    std::mt19937 random(seed);
    for (int flip = 0; flip < flips; ++flip) {
        const auto at =
            kHeaderBytes +
            static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size() - kHeaderBytes));
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    }
    return bytes;
}

/// The first packet that does not lie before the byte `at` as a whole.
std::int32_t firstPacketAt(const media::MediaIndex& index, qsizetype at) {
    const std::vector<media::PacketEntry>& packets = index.parts().packets;
    std::int32_t first = 0;
    while (first + 1 < std::ssize(packets) &&
           packets[static_cast<std::size_t>(first) + 1].position <= at) {
        ++first;
    }
    return first;
}

} // namespace

class TestMediaHostile : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        if (!hasEncoder("libx264")) {
            QSKIP("this ffmpeg has no encoder libx264");
        }
        QVERIFY(m_clips.make("good.mkv", kX264));
        QVERIFY(m_clips.make("good.mp4", kX264 + QString(" -movflags +faststart")));
        QVERIFY(m_clips.make("good.ts", kX264));
        QVERIFY(m_clips.make("late.mp4", kX264)); // its index stands at the end
    }

    void refused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray target = m_clips.path("good.mkv").toUtf8();
        QTest::newRow("empty.mp4") << QByteArray() << "empty";
        QTest::newRow("noise.bin")
            << QByteArray("\x01\x02\x03 no video at all") << "must be a video";
        QTest::newRow("text.txt") << QByteArray("some words\n").repeated(99) << "not opened";
        QTest::newRow("list.m3u8")
            << "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n" + target + "\n#EXT-X-ENDLIST\n"
            << "hls";
        QTest::newRow("list.ffconcat") << "ffconcat version 1.0\nfile '" + target + "'\n"
                                       << "concat";
        QTest::newRow("session.sdp") << QByteArray("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n"
                                                   "c=IN IP4 127.0.0.1\nt=0 0\n"
                                                   "m=video 5004 RTP/AVP 96\n")
                                     << "sdp";
        QTest::newRow("cut.mp4") << m_clips.bytes("late.mp4").left(20'000) << "cut.mp4";
    }

    void refused() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const QString name = QTest::currentDataTag();
        m_clips.write(name, bytes);
        const std::string complaint = complaintOf(m_clips.file(name));
        QVERIFY2(QString::fromStdString(complaint).contains(says), complaint.c_str());
        QVERIFY2(QString::fromStdString(complaint).contains(name), complaint.c_str());
    }

    void whatIsNoFileIsRefused() {
        const std::string pipe = m_clips.file("pipe.mkv"), empty = m_clips.file("empty-folder");
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0); // nobody ever writes to it
        QVERIFY(QDir().mkdir(m_clips.path("empty-folder")));
        QVERIFY(complaintOf(pipe).find("regular file") != std::string::npos);
        QVERIFY(complaintOf(empty).find("no images") != std::string::npos);
        QVERIFY(complaintOf("/dev/zero").find("regular file") != std::string::npos);
        const std::string longName(300, 'a');
        QVERIFY(complaintOf(longName + "/%d.png").find("too long") != std::string::npos);
        QVERIFY(complaintOf("http://localhost/a.mp4").find("No such file") != std::string::npos);
        QVERIFY(complaintOf("concat:a.ts|b.ts").find("No such file") != std::string::npos);
    }

    void soundAloneIsRefused() {
        QVERIFY(outputOf("ffmpeg", {"-v", "quiet", "-f", "lavfi", "-i", "sine=d=1", "-y",
                                    m_clips.path("sound.mp4")})
                    .isEmpty());
        const std::string complaint = complaintOf(m_clips.file("sound.mp4"));
        QVERIFY2(complaint.find("only sound") != std::string::npos, complaint.c_str());
    }

    void limitsHold() {
        media::IndexOptions options;
        options.limits.framePixels = 96 * 64 - 1;
        QVERIFY(complaintOf(m_clips.file("good.mkv"), options).find("96 x 64") !=
                std::string::npos);
        options.limits = {};
        options.limits.packets = 10;
        const std::string complaint = complaintOf(m_clips.file("good.mkv"), options);
        QVERIFY2(complaint.find("packet 10") != std::string::npos, complaint.c_str());
        QVERIFY(m_clips.make("wide.mkv", "-vf scale=40000:2 -frames:v 1 -c:v ffv1"));
        QVERIFY(complaintOf(m_clips.file("wide.mkv")).find("40000 x 2") != std::string::npos);
    }

    void oddSizes_data() {
        QTest::addColumn<QString>("words");
        QTest::newRow("tiny.mkv") << "-vf scale=1:1 -frames:v 3 -c:v ffv1";
        QTest::newRow("wide.mkv") << "-vf scale=20000:3 -frames:v 2 -c:v ffv1";
        QTest::newRow("high.png") << "-vf scale=1:9000 -frames:v 1";
    }

    void oddSizes() {
        QFETCH(QString, words);
        const QString name = QTest::currentDataTag();
        QVERIFY(m_clips.make(name, words));
        media::Reader reader(m_clips.file(name));
        const trace::Frame frame = reader.frame(reader.index()->frameCount() - 1);
        QCOMPARE(media::md5Of(frame), m_clips.frameMd5(name).back());
        QCOMPARE(std::ssize(media::RgbConverter().convert(frame).bytes),
                 std::ptrdiff_t{3} * frame.width * frame.height);
    }

    void strangeFilesAreShown_data() {
        QTest::addColumn<QString>("from"); // empty: test pictures
        QTest::addColumn<QString>("words");
        QTest::addColumn<int>("frames");
        const QString x264 = kX264;
        QTest::newRow("one.mp4") << "" << x264 + " -frames:v 1" << 1;
        QTest::newRow("bare.h264") << "good.mkv"
                                   << "-c copy -f h264" << 60; // no time stamps
        QTest::newRow("equal.flv") << "" << x264 + " -bf 0 -bsf:v setts=ts=40" << 60;
        QTest::newRow("before.mkv")
            << "good.mkv"
            << "-c copy -output_ts_offset -0.5 -avoid_negative_ts disabled" << 60;
    }

    /// All frames, as ffmpeg gives them.
    void strangeFilesAreShown() {
        QFETCH(QString, from);
        QFETCH(QString, words);
        QFETCH(int, frames);
        const QString name = QTest::currentDataTag();
        QVERIFY(from.isEmpty() ? m_clips.make(name, words) : m_clips.remake(name, "", from, words));
        verifyAsFfmpeg(name, frames);
    }

    void timesThatFallBackAreRead() {
        m_clips.write("twice.ts", m_clips.bytes("good.ts") + m_clips.bytes("good.ts"));
        verifyAsFfmpeg("twice.ts", static_cast<int>(m_clips.frameMd5("twice.ts").size()));
    }

    void coverAloneIsOneFrame() {
        QVERIFY(m_clips.make("cover.png", "-frames:v 1"));
        const QByteArray said =
            outputOf("ffmpeg", {"-v", "quiet", "-y", "-f", "lavfi", "-i", "sine=d=1", "-i",
                                m_clips.path("cover.png"), "-map", "0", "-map", "1", "-c:v", "copy",
                                "-disposition:v", "attached_pic", m_clips.path("cover.mp4")});
        QVERIFY(said.isEmpty());
        media::Reader reader(m_clips.file("cover.mp4"));
        QCOMPARE(reader.index()->frameCount(), 1);
        QCOMPARE(reader.frame(0).width, 96);
    }

    void pixelFormatThatChangesMidwayIsShown() {
        QVERIFY(m_clips.make("420.ts", "-c:v mpeg2video -pix_fmt yuv420p"));
        QVERIFY(m_clips.make("422.ts", "-c:v mpeg2video -pix_fmt yuv422p"));
        m_clips.write("formats.ts", m_clips.bytes("420.ts") + m_clips.bytes("422.ts"));
        media::Reader reader(m_clips.file("formats.ts"));
        QCOMPARE(reader.frame(0).pixelFormat, std::string("yuv420p"));
        QCOMPARE(reader.frame(reader.index()->frameCount() - 1).pixelFormat,
                 std::string("yuv422p"));
    }

    void fileThatGrowsWhileRead() {
        const QByteArray whole = m_clips.bytes("good.mkv");
        m_clips.write("grows.mkv", whole.left(whole.size() / 2));
        media::ReaderOptions options;
        options.cacheBytes = 0;
        media::Reader reader(m_clips.file("grows.mkv"), options);
        const std::int64_t count = reader.index()->frameCount();
        QVERIFY(count > 5 && count < 60);
        m_clips.write("grows.mkv", whole);
        QCOMPARE(reader.frame(0).number, 0);
        QCOMPARE(reader.frame(count / 2).number, count / 2);
        QCOMPARE(media::Reader(m_clips.file("grows.mkv")).index()->frameCount(), 60);
    }

    void sizeThatChangesMidwayIsShown() {
        // MPEG transport streams may simply be joined.
        QVERIFY(m_clips.make("small.ts", "-s 64x48 -c:v mpeg2video"));
        QVERIFY(m_clips.make("large.ts", "-s 128x96 -c:v mpeg2video"));
        m_clips.write("both.ts", m_clips.bytes("small.ts") + m_clips.bytes("large.ts"));
        media::Reader reader(m_clips.file("both.ts"));
        QCOMPARE(reader.frame(0).width, 64);
        QCOMPARE(reader.frame(reader.index()->frameCount() - 1).width, 128);
    }

    void namesOfAnyBytes() {
        for (const char* name : {"a name\nwith lines.mkv", "50% %d.mkv", "-x.mkv", "a:b|c.mkv",
                                 "\xff\xfe.mkv", "http:..mkv"}) {
            const std::filesystem::path file = std::filesystem::path(m_clips.file("")) / name;
            std::filesystem::copy_file(m_clips.file("good.mkv"), file);
            const std::int64_t count = media::buildIndex(file, {})->frameCount();
            std::filesystem::remove(file); // QTemporaryDir cannot
            QCOMPARE(count, 60);
        }
    }

    void cutOffShowsWhatIsThere() {
        const QByteArray whole = m_clips.bytes("good.mkv");
        m_clips.write("cut.mkv", whole.left(whole.size() * 6 / 10));
        std::vector<std::string> sums;
        const auto index =
            media::decodeAll(m_clips.file("cut.mkv"), {}, [&](const trace::Frame& frame) {
                sums.push_back(media::md5Of(frame));
                return true;
            });
        QVERIFY(index->frameCount() > 20 && index->frameCount() < 60);
        QCOMPARE(sums, m_clips.frameMd5("cut.mkv"));
        QVERIFY(index->isDamaged());
        QVERIFY(index->parts().endedEarly);
        QVERIFY(!media::buildIndex(m_clips.file("good.mkv"), {})->isDamaged());
    }

    void flippedBits_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<unsigned>("seed");
        for (const char* from : {"good.mkv", "good.mp4", "good.ts"}) {
            for (unsigned seed = 0; seed < 8; ++seed) {
                QTest::addRow("%s %u", from, seed) << QString(from) << seed;
            }
        }
    }

    /// As many frames as ffmpeg shows, and up to the first flipped bit the same. Behind it nothing
    /// can be compared: FFmpeg's decoders then read memory that earlier frames left, so that one
    /// program gives the same damaged file differently from run to run.
    void flippedBits() {
        QFETCH(QString, from);
        QFETCH(unsigned, seed);
        const QString name = "flipped-" + from;
        constexpr int kFlips = 25;
        const QByteArray good = m_clips.bytes(from), bad = flipped(good, seed, kFlips);
        m_clips.write(name, bad);
        std::vector<std::string> sums;
        std::shared_ptr<const media::MediaIndex> index;
        try {
            index = media::decodeAll(m_clips.file(name), {}, [&](const trace::Frame& frame) {
                if (frame.number == 0) {
                    sums.clear(); // once more, by one thread
                }
                sums.push_back(media::md5Of(frame));
                return true;
            });
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::BadInput);
            return;
        }
        const std::vector<std::string> wanted = m_clips.frameMd5(name);
        QCOMPARE(index->frameCount(), std::ssize(wanted));
        QCOMPARE(sums.size(), wanted.size());
        media::ReaderOptions options;
        options.cacheBytes = 0;
        media::Reader reader(m_clips.file(name), options);
        QCOMPARE(reader.index()->frameCount(), index->frameCount());
        const auto first = std::mismatch(good.begin(), good.end(), bad.begin()).first;
        const std::int32_t damage = firstPacketAt(*index, first - good.begin());
        for (std::int64_t n = 59; n >= 0; n -= 3) {
            if (n < index->frameCount()) {
                const trace::Frame frame = reader.frame(n);
                const auto at = static_cast<std::size_t>(n);
                QCOMPARE(frame.number, n);
                QVERIFY(index->frame(n).packet >= damage ||
                        (sums[at] == wanted[at] && media::md5Of(frame) == wanted[at]));
            }
        }
    }

    /// The packets promise frames that do not come: the index is made anew and all is as if it had
    /// been made by decoding at once.
    void promisesThatAreNotKept() {
        int changed = 0;
        for (unsigned seed = 0; seed < 8; ++seed) {
            m_clips.write("broken.mkv", flipped(m_clips.bytes("good.mkv"), seed, 40));
            media::ReaderOptions options;
            options.index.certainPixels = 0;
            media::Reader reader(m_clips.file("broken.mkv"), options);
            const auto promised = reader.index();
            std::int64_t n = 0;
            while (n < reader.index()->frameCount()) {
                static_cast<void>(reader.frame(n));
                ++n;
            }
            changed += reader.index() != promised ? 1 : 0;
            QCOMPARE(n, std::ssize(m_clips.frameMd5("broken.mkv")));
        }
        QVERIFY(changed > 0);
    }

    void fileThatShrinksWhileRead() {
        m_clips.write("shrinks.mkv", m_clips.bytes("good.mkv"));
        media::ReaderOptions options;
        options.cacheBytes = 0;
        media::Reader reader(m_clips.file("shrinks.mkv"), options);
        QCOMPARE(reader.frame(3).number, 3);
        std::filesystem::resize_file(m_clips.file("shrinks.mkv"), 9'000);
        QCOMPARE(reader.frame(0).number, 0); // the file is opened anew for it
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(reader.frame(55)), Error);
    }

private:
    void verifyAsFfmpeg(const QString& name, int frames) {
        const std::vector<std::string> wanted = m_clips.frameMd5(name);
        QCOMPARE(static_cast<int>(wanted.size()), frames);
        media::Reader reader(m_clips.file(name));
        QCOMPARE(reader.index()->frameCount(), std::int64_t{frames});
        for (std::int64_t n = frames - 1; n >= 0; n -= 7) {
            QCOMPARE(media::md5Of(reader.frame(n)), wanted[static_cast<std::size_t>(n)]);
        }
    }

    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaHostile)
#include "tst_media_hostile.moc"
