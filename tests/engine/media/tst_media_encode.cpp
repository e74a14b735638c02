// SPDX-License-Identifier: MIT
// What is encoded comes back: by ffprobe's and ffmpeg's account, and through our own reader.
#include "engine/media/encode_clip.h"
#include "engine/media/encoder.h"
#include "engine/media/encoding_format.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/media/numbered.h"

#include <QCryptographicHash>
#include <QtTest>

using namespace depthscope;
using namespace depthscope::test;

namespace {

constexpr int kFrames = 30;

std::string md5Of(const RgbPicture& picture) {
    QCryptographicHash hash(QCryptographicHash::Md5);
    hash.addData(QByteArrayView(reinterpret_cast<const char*>(picture.bytes.data()),
                                std::ssize(picture.bytes)));
    return hash.result().toHex().toStdString();
}

/// "h264|96|64|..": the entries of the first stream and of the container, as ffprobe gives them.
QByteArray probed(const QString& file, const QString& entries) {
    return outputOf("ffprobe", {"-v", "quiet", "-count_frames", "-select_streams", "v:0",
                                "-show_entries", entries, "-of", "compact=p=0:nk=1", file})
        .simplified();
}

/// The name of a file, a folder for PNG images.
QString nameFor(std::string_view codec) {
    const media::EncodingFormat* format = media::findEncodingFormat(codec);
    return codec == "png" ? QString("images")
                          : "clip" + QString::fromStdString(std::string(format->endings.front()));
}

} // namespace

class TestMediaEncode : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyCodecAtEverySize_data() {
        QTest::addColumn<QString>("codec");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        for (const media::EncodingFormat& format : media::encodingFormats()) {
            for (const QSize size :
                 {QSize(16, 16), QSize(32, 32), QSize(33, 31), QSize(64, 64), QSize(640, 360)}) {
                QTest::addRow("%s %dx%d", std::string(format.name).c_str(), size.width(),
                              size.height())
                    << QString::fromStdString(std::string(format.name)) << size.width()
                    << size.height();
            }
        }
    }

    /// The number in each picture is read back after encoding, decoding and seeking.
    void everyCodecAtEverySize() {
        QFETCH(QString, codec);
        QFETCH(int, width);
        QFETCH(int, height);
        const media::EncodingFormat* format = media::findEncodingFormat(codec.toStdString());
        QVERIFY(format != nullptr);
        const media::EncoderChoice choice = media::chooseEncoder(*format, width, height);
        if (choice.encoder == nullptr) {
            QSKIP(choice.reason.c_str());
        }
        const QTemporaryDir folder;
        const QString name = folder.filePath(nameFor(format->name));
        media::EncodeSettings settings;
        settings.format = codec.toStdString();
        media::Encoder encoder(name.toStdString(), settings);
        for (int n = 0; n < kFrames; ++n) {
            encoder.add(numberedPicture(width, height, n * 37));
        }
        const media::EncodedClip clip = encoder.finish();
        QCOMPARE(clip.frames, kFrames);
        if (codec != "png") {
            const QByteArray said =
                probed(name, "stream=codec_name,width,height,avg_frame_rate,nb_read_frames");
            QCOMPARE(said, QByteArray(codec.toUtf8() + '|' + QByteArray::number(clip.width) + '|' +
                                      QByteArray::number(clip.height) + "|25/1|30"));
        }
        media::Reader reader(name.toStdString());
        QCOMPARE(reader.index()->frameCount(), kFrames);
        QVERIFY(!reader.index()->isDamaged());
        media::RgbConverter converter;
        for (const int n : {29, 3, 17, 0, 12, 28, 1}) {
            const RgbPicture picture = converter.convert(reader.frame(n));
            QCOMPARE(picture.width, clip.width);
            QCOMPARE(numberIn(picture), n * 37);
        }
    }

    void tinyPicturesAreEnlarged_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("factor");
        QTest::newRow("16") << 16 << 16 << 16;
        QTest::newRow("33x31") << 33 << 31 << 10;
        QTest::newRow("64") << 64 << 64 << 4;
        QTest::newRow("250") << 250 << 300 << 2;
        QTest::newRow("256") << 256 << 999 << 1;
        QTest::newRow("1") << 1 << 1 << 256;
    }

    void tinyPicturesAreEnlarged() {
        QFETCH(int, width);
        QFETCH(int, height);
        QTEST(media::enlargement(width, height), "factor");
    }

    /// Generated tensors are pictures of noise: every value of every pixel comes back.
    void losslessIsIdentical_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        for (const char* name : {"clip.mkv", "images"}) {
            for (const QSize size : {QSize(1, 1), QSize(1, 9), QSize(9, 1), QSize(2, 2),
                                     QSize(16, 16), QSize(33, 31), QSize(320, 200)}) {
                QTest::addRow("%s %dx%d", name, size.width(), size.height())
                    << QString(name) << size.width() << size.height();
            }
        }
    }

    void losslessIsIdentical() {
        QFETCH(QString, name);
        QFETCH(int, width);
        QFETCH(int, height);
        const QTemporaryDir folder;
        const QString place = folder.filePath(name);
        std::vector<std::string> wanted, ours;
        media::Encoder encoder(place.toStdString(), {});
        for (unsigned n = 0; n < 7; ++n) {
            const RgbPicture picture = noisePicture(width, height, n);
            wanted.push_back(md5Of(picture));
            encoder.add(picture);
        }
        encoder.finish();
        media::Reader reader(place.toStdString());
        media::RgbConverter converter;
        for (std::int64_t n = 0; n < reader.index()->frameCount(); ++n) {
            ours.push_back(md5Of(converter.convert(reader.frame(n))));
        }
        QCOMPARE(ours, wanted);
        const QString input = name == "images" ? place + "/frame-%06d.png" : place;
        QCOMPARE(Clips::frameMd5Of(input, "format=rgb24"), wanted);
    }

    void losslessKeepsNativePlanes_data() {
        QTest::addColumn<QString>("format");
        for (const char* format : {"yuv420p", "yuv422p10le", "yuv444p12le", "gray", "gray16le",
                                   "yuvj420p", "rgb48le", "bgra"}) {
            QTest::newRow(format) << QString(format);
        }
    }

    void losslessKeepsNativePlanes() {
        QFETCH(QString, format);
        QVERIFY(
            m_clips.make("native.nut", "-frames:v 5 -s 98x66 -c:v rawvideo -pix_fmt " + format));
        media::ClipEncoding job;
        job.source = m_clips.file("native.nut");
        job.target = m_clips.file("kept.mkv");
        QCOMPARE(media::encodeClip(job, {}).frames, 5);
        QCOMPARE(m_clips.frameMd5("kept.mkv").size(), 5U);
        // Packed RGB of 16 bits comes back as planes.
        const QString same = format == "rgb48le" ? "format=rgb48le" : "";
        QCOMPARE(m_clips.frameMd5("kept.mkv", same), m_clips.frameMd5("native.nut"));
    }

    /// Flat colours come back as they were, through ffmpeg's own conversion: matrix and range are
    /// what the file says.
    void coloursAreTagged_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("h264") << "clip.mp4";
        QTest::newRow("vp9") << "clip.webm";
    }

    void coloursAreTagged() {
        QFETCH(QString, name);
        const QTemporaryDir folder;
        const QString file = folder.filePath(name);
        constexpr std::array<std::uint8_t, 3> kColour{200, 40, 90};
        RgbPicture picture{256, 256, {}};
        for (int pixel = 0; pixel < 256 * 256; ++pixel) {
            picture.bytes.insert(picture.bytes.end(), kColour.begin(), kColour.end());
        }
        media::EncodeSettings settings;
        settings.quality = 1;
        media::Encoder encoder(file.toStdString(), settings);
        encoder.add(picture);
        encoder.finish();
        QCOMPARE(probed(file, "stream=color_range,color_space,color_transfer,color_primaries"),
                 QByteArray("tv|bt709|bt709|bt709"));
        const QByteArray decoded =
            outputOf("ffmpeg", {"-v", "quiet", "-i", file, "-vf",
                                "scale=in_color_matrix=bt709:in_range=tv,format=rgb24", "-f",
                                "rawvideo", "-"});
        QCOMPARE(decoded.size(), qsizetype{3} * 256 * 256);
        for (std::size_t channel = 0; channel < kColour.size(); ++channel) {
            const int got = static_cast<std::uint8_t>(decoded[3 * 30'000 + channel]);
            QVERIFY2(std::abs(got - kColour[channel]) <= 3, QByteArray::number(got));
        }
    }

    void oddSizesArePadded() {
        const QTemporaryDir folder;
        const std::string file = folder.filePath("odd.mp4").toStdString();
        media::Encoder encoder(file, {});
        encoder.add(numberedPicture(301, 257, 5));
        const media::EncodedClip clip = encoder.finish();
        QVERIFY(clip.padded);
        QCOMPARE(QSize(clip.width, clip.height), QSize(302, 258));
    }

    void scaleAndChromaAreChosen() {
        const QTemporaryDir folder;
        media::EncodeSettings settings;
        settings.scale = {1, 2};
        settings.fullChroma = true;
        const QString file = folder.filePath("half.mp4");
        media::Encoder encoder(file.toStdString(), settings);
        encoder.add(numberedPicture(640, 362, 5));
        encoder.finish();
        QCOMPARE(probed(file, "stream=width,height,pix_fmt"), QByteArray("320|181|yuv444p"));
    }

    void tooSmallForOneEncoderGoesToAnother() {
        const media::EncodingFormat& av1 = *media::findEncodingFormat("av1");
        const QTemporaryDir folder;
        media::EncodeSettings settings;
        settings.format = "av1";
        settings.scale = {1, 1};
        if (media::chooseEncoder(av1, 32, 32).encoder == nullptr) {
            QSKIP(media::chooseEncoder(av1, 32, 32).reason.c_str());
        }
        media::Encoder encoder(folder.filePath("a.mp4").toStdString(), settings);
        encoder.add(numberedPicture(32, 32, 1));
        const media::EncodedClip clip = encoder.finish();
        QCOMPARE(QSize(clip.width, clip.height), QSize(32, 32));
        QVERIFY(clip.encoder != "libsvtav1");
    }

    void notesAreInTheContainer_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"a.mp4", "a.mov", "a.mkv", "a.webm"}) {
            QTest::newRow(name) << QString(name);
        }
    }

    void notesAreInTheContainer() {
        QFETCH(QString, name);
        const QTemporaryDir folder;
        media::EncodeSettings settings;
        settings.title = "déjà vu";
        settings.comment = R"({"model":"ab12","seed":7,"note":"a = b; c"})";
        media::Encoder encoder(folder.filePath(name).toStdString(), settings);
        encoder.add(numberedPicture(32, 32, 1));
        encoder.finish();
        const QByteArray said = outputOf("ffprobe", {"-v", "quiet", "-show_entries", "format_tags",
                                                     "-of", "json", folder.filePath(name)});
        const QJsonObject tags = QJsonDocument::fromJson(said)["format"]["tags"].toObject();
        const auto tag = [&](const QString& key) {
            const QString value = tags.value(key).toString();
            return (value.isEmpty() ? tags.value(key.toUpper()).toString() : value).toStdString();
        };
        QCOMPARE(tag("title"), settings.title);
        QCOMPARE(tag("comment"), settings.comment);
    }

    void notesAreInTheImages() {
        const QTemporaryDir folder;
        media::EncodeSettings settings;
        settings.comment = R"({"seed":7})";
        media::Encoder encoder(folder.filePath("f-%02d.png").toStdString(), settings);
        encoder.add(numberedPicture(32, 32, 1));
        encoder.finish();
        const QString file = folder.filePath("f-00.png");
        QFile image(file);
        QVERIFY(image.open(QIODevice::ReadOnly));
        QVERIFY(image.readAll().contains("iTXtComment"));
        QProcess strict; // checksums of chunks are compared
        strict.start("ffmpeg", {"-v", "error", "-err_detect", "crccheck+explode", "-i", file, "-f",
                                "null", "-"});
        QVERIFY(strict.waitForFinished());
        QCOMPARE(strict.exitCode(), 0);
        QCOMPARE(strict.readAllStandardError(), QByteArray());
    }

    void sameClipSameFile() {
        const QTemporaryDir folder;
        QByteArrayList files;
        for (const char* name : {"a.mp4", "b.mp4"}) {
            media::EncodeSettings settings;
            settings.threads = 1;
            media::Encoder encoder(folder.filePath(name).toStdString(), settings);
            for (int n = 0; n < 5; ++n) {
                encoder.add(numberedPicture(64, 64, n));
            }
            encoder.finish();
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            files << file.readAll();
        }
        QVERIFY(files[0] == files[1]);
    }

    /// The times of a variable rate stay, unless a rate is given.
    void timesAreKept() {
        QVERIFY(m_clips.make("varies.mkv", "-vf setpts='(N+mod(N,3)*0.5)*0.04/TB' -vsync vfr "
                                           "-frames:v 12 -c:v ffv1"));
        media::ClipEncoding job;
        job.source = m_clips.file("varies.mkv");
        job.target = m_clips.file("times.mp4");
        media::encodeClip(job, {});
        const auto from = media::buildIndex(job.source, {});
        const auto to = media::buildIndex(job.target, {});
        QVERIFY(from->hasVariableRate());
        QCOMPARE(to->frameCount(), 12);
        for (std::int64_t n = 0; n < 12; ++n) {
            constexpr double kMillisecond = 1e-3; // what Matroska rounds to
            QVERIFY(std::abs(to->seconds(n) - from->seconds(n)) < kMillisecond);
        }
        job.rate = trace::Ratio{10, 1};
        media::encodeClip(job, {});
        QCOMPARE(probed(m_clips.path("times.mp4"), "stream=avg_frame_rate,duration"),
                 QByteArray("10/1|1.200000"));
    }

    void stretchOfAClip() {
        QVERIFY(m_clips.make("long.mkv", "-c:v ffv1"));
        media::ClipEncoding job;
        job.source = m_clips.file("long.mkv");
        job.target = m_clips.file("part.mkv");
        job.first = 7;
        job.last = 9;
        std::vector<std::pair<std::int64_t, std::int64_t>> seen;
        media::encodeClip(
            job, [&](std::int64_t done, std::int64_t total) { seen.emplace_back(done, total); });
        QCOMPARE(seen,
                 (std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 3}, {2, 3}, {3, 3}}));
        const std::vector<std::string> whole = m_clips.frameMd5("long.mkv");
        QCOMPARE(m_clips.frameMd5("part.mkv"),
                 std::vector<std::string>(whole.begin() + 7, whole.begin() + 10));
    }

    void rotatedClipsStandUpright() {
        if (!hasEncoder("libx264")) {
            QSKIP("this ffmpeg has no encoder libx264");
        }
        QVERIFY(m_clips.make("plain.mp4", "-frames:v 3 -c:v libx264"));
        QVERIFY(m_clips.remake("turned.mp4", "", "plain.mp4", "-c copy -metadata:s:v rotate=90"));
        media::ClipEncoding job;
        job.source = m_clips.file("turned.mp4");
        job.target = m_clips.file("upright.mp4");
        job.settings.scale = {1, 1};
        const media::EncodedClip clip = media::encodeClip(job, {});
        QCOMPARE(QSize(clip.width, clip.height), QSize(64, 96));
        QCOMPARE(media::buildIndex(job.target, {})->facts().rotation, 0);
    }

private:
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaEncode)
#include "tst_media_encode.moc"
