// SPDX-License-Identifier: MIT
// What an export promises before it begins and what it does on its own thread: sizes, the rule for
// pixels, one image, progress, a stop, errors.
#include "engine/media/encode_worker.h"
#include "engine/media/encoder.h"
#include "engine/media/encoding_plan.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/media/numbered.h"

#include <QImage>
#include <QtTest>
#include <atomic>

using namespace depthscope;
using namespace depthscope::test;

namespace {

/// One picture through FFV1, which changes no value of its own.
RgbPicture throughFile(const RgbPicture& picture, trace::Ratio scale, media::ScaleRule rule) {
    const QTemporaryDir folder;
    const std::string file = folder.filePath("a.mkv").toStdString();
    media::EncodeSettings settings;
    settings.scale = scale;
    settings.rule = rule;
    media::Encoder encoder(file, settings);
    encoder.add(picture);
    encoder.finish();
    media::RgbConverter converter;
    return converter.convert(media::Reader(file).frame(0));
}

const std::uint8_t* pixelOf(const RgbPicture& picture, std::int64_t x, std::int64_t y) {
    return picture.bytes.data() + 3 * (y * picture.width + x);
}

media::EncodeReport waitFor(media::EncodeWorker& worker) {
    media::EncodeReport report;
    const auto hasEnded = [&] {
        report = worker.report();
        return !report.isRunning;
    };
    return QTest::qWaitFor(hasEnded, 60'000) ? report : media::EncodeReport{};
}

} // namespace

class TestMediaExport : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void thePlanIsWhatComes_data() {
        QTest::addColumn<QString>("codec");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("over");
        QTest::addColumn<int>("under");
        QTest::addColumn<int>("turn");
        for (const char* codec : {"h264", "vp9", "ffv1", "gif", "png"}) {
            for (const QSize size : {QSize(33, 31), QSize(301, 257)}) {
                for (const auto& [over, under] :
                     {std::pair(0, 1), std::pair(1, 4), std::pair(3, 1)}) {
                    QTest::addRow("%s %dx%d %d/%d", codec, size.width(), size.height(), over, under)
                        << QString(codec) << size << over << under << 0;
                }
            }
            QTest::addRow("%s turned", codec) << QString(codec) << QSize(301, 258) << 1 << 1 << 90;
        }
    }

    void thePlanIsWhatComes() {
        QFETCH(QString, codec);
        QFETCH(QSize, size);
        QFETCH(int, over);
        QFETCH(int, under);
        QFETCH(int, turn);
        const media::EncodingFormat& format = *media::findEncodingFormat(codec.toStdString());
        media::EncodeSettings settings;
        settings.format = codec.toStdString();
        settings.scale = {over, under};
        settings.turn = turn;
        const media::EncodingPlan plan =
            media::planEncoding(format, {size.width(), size.height()}, settings);
        if (plan.encoder == nullptr) {
            QSKIP(plan.reason.c_str());
        }
        const QTemporaryDir folder;
        const QString ending = QString::fromStdString(std::string(format.endings.front()));
        media::Encoder encoder(folder.filePath("a" + ending).toStdString(), settings);
        encoder.add(noisePicture(size.width(), size.height(), 1));
        const media::EncodedClip clip = encoder.finish();
        QCOMPARE(QSize(clip.width, clip.height), QSize(plan.size.width, plan.size.height));
        QCOMPARE(clip.padded, plan.padding.width + plan.padding.height > 0);
        QCOMPARE(clip.scale, plan.scale);
        QCOMPARE(clip.encoder, std::string(plan.encoder->name));
    }

    void tooLargeIsSaidBefore() {
        media::EncodeSettings settings;
        settings.scale = {4, 1};
        const media::EncodingPlan plan =
            media::planEncoding(*media::findEncodingFormat("ffv1"), {7680, 4320}, settings);
        QVERIFY(plan.encoder == nullptr);
        QVERIFY2(plan.reason.find("30720 x 17280") != std::string::npos, plan.reason.c_str());
    }

    /// By definition: each pixel becomes a square of its colour, or is left out.
    void nearestRepeatsPixelsOrLeavesThemOut() {
        const RgbPicture small = noisePicture(23, 17, 3);
        for (const media::ScaleRule rule : {media::ScaleRule::Usual, media::ScaleRule::Nearest}) {
            const RgbPicture large = throughFile(small, {3, 1}, rule);
            QCOMPARE(QSize(large.width, large.height), QSize(69, 51));
            for (std::int64_t y = 0; y < large.height; ++y) {
                for (std::int64_t x = 0; x < large.width; ++x) {
                    QVERIFY(std::equal(pixelOf(large, x, y), pixelOf(large, x, y) + 3,
                                       pixelOf(small, x / 3, y / 3)));
                }
            }
        }
        const RgbPicture half =
            throughFile(noisePicture(64, 48, 4), {1, 2}, media::ScaleRule::Nearest);
        const RgbPicture whole = noisePicture(64, 48, 4);
        for (std::int64_t y = 0; y < half.height; ++y) {
            for (std::int64_t x = 0; x < half.width; ++x) {
                bool isThere = false;
                for (const auto& [dx, dy] :
                     {std::pair(0, 0), std::pair(1, 0), std::pair(0, 1), std::pair(1, 1)}) {
                    isThere = isThere || std::equal(pixelOf(half, x, y), pixelOf(half, x, y) + 3,
                                                    pixelOf(whole, 2 * x + dx, 2 * y + dy));
                }
                QVERIFY(isThere);
            }
        }
    }

    /// swscale through the ffmpeg program with the same flags.
    void smoothIsBicubic() {
        const Clips clips;
        QVERIFY(clips.make("a.mkv", "-frames:v 1 -c:v ffv1 -pix_fmt bgr0"));
        media::RgbConverter converter;
        const RgbPicture picture = converter.convert(media::Reader(clips.file("a.mkv")).frame(0));
        const RgbPicture large = throughFile(picture, {2, 1}, media::ScaleRule::Smooth);
        const QByteArray wanted =
            outputOf("ffmpeg", {"-v", "quiet", "-i", clips.path("a.mkv"), "-vf",
                                "scale=iw*2:ih*2:flags=bicubic+accurate_rnd+full_chroma_int+"
                                "full_chroma_inp+bitexact,format=rgb24",
                                "-f", "rawvideo", "-"});
        QCOMPARE(wanted.size(), std::ssize(large.bytes));
        QVERIFY(std::memcmp(wanted.constData(), large.bytes.data(), large.bytes.size()) == 0);
        QVERIFY(throughFile(picture, {2, 1}, media::ScaleRule::Usual).bytes != large.bytes);
    }

    void oneImageWithItsTexts() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("frame.png");
        const RgbPicture picture = noisePicture(33, 31, 5);
        media::EncodeSettings settings;
        settings.title = "déjà vu";
        settings.comment = R"({"frame":17,"source":"a.mp4"})";
        {
            media::Encoder encoder(file.toStdString(), settings);
            encoder.add(picture);
            QCOMPARE(encoder.finish().frames, 1);
        }
        const QImage image = QImage(file).convertToFormat(QImage::Format_RGB888);
        QCOMPARE(image.size(), QSize(33, 31));
        for (int y = 0; y < 31; ++y) {
            QVERIFY(std::memcmp(image.constScanLine(y), pixelOf(picture, 0, y), 3 * 33) == 0);
        }
        QCOMPARE(image.text("Title"), QString("déjà vu"));
        QCOMPARE(image.text("Comment").toStdString(), settings.comment);
        // A second frame is refused, and the first image stays.
        media::Encoder second(file.toStdString(), settings);
        second.add(picture);
        QVERIFY_EXCEPTION_THROWN(
            {
                second.add(picture);
                second.finish();
            },
            Error);
        QCOMPARE(QImage(file).text("Title"), QString("déjà vu"));
    }

    void theWorkerTellsHowFarItIs() {
        const QTemporaryDir folder;
        const std::string file = folder.filePath("a.mkv").toStdString();
        std::atomic<int> wakes{0};
        media::EncodeWorker worker([&] { ++wakes; });
        for (const std::int64_t count : {12, 5}) { // it can be used again
            worker.start([=](const media::EncodeProgress& progress, const std::stop_token& stop) {
                media::Encoder encoder(file, {});
                for (std::int64_t n = 0; n < count; ++n) {
                    encoder.add(noisePicture(32, 32, static_cast<unsigned>(n)));
                    progress(n + 1, count);
                }
                return encoder.finish(stop);
            });
            const media::EncodeReport report = waitFor(worker);
            QVERIFY(report.clip && !report.error);
            QCOMPARE(report.clip->frames, count);
            QCOMPARE(report.done, count);
            QCOMPARE(report.total, count);
        }
        QVERIFY(wakes >= 2);
    }

    void aStopLeavesNothing() {
        const QTemporaryDir folder;
        const std::string file = folder.filePath("a.mkv").toStdString();
        const auto endless = [=](const media::EncodeProgress& progress,
                                 const std::stop_token& stop) {
            media::Encoder encoder(file, {});
            for (std::int64_t n = 0; !stop.stop_requested(); ++n) {
                encoder.add(noisePicture(32, 32, static_cast<unsigned>(n)));
                progress(n + 1, 1 << 20);
            }
            return encoder.finish(stop);
        };
        media::EncodeWorker worker([] {});
        worker.start(endless);
        QVERIFY(QTest::qWaitFor([&] { return worker.report().done > 3; }, 60'000));
        worker.stop();
        const media::EncodeReport report = waitFor(worker);
        QVERIFY(report.error && report.error->code() == ErrorCode::Interrupted);
        {
            media::EncodeWorker left([] {});
            left.start(endless);
        } // the owner goes away while it works
        QCOMPARE(
            QDir(folder.path()).entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::Hidden),
            QStringList());
    }

    void errorsAreReported() {
        media::EncodeWorker worker([] {});
        worker.start(
            [](const media::EncodeProgress&, const std::stop_token&) -> media::EncodedClip {
                throw Error(ErrorCode::BadInput, "a.mp4: no");
            });
        QCOMPARE(waitFor(worker).error->message(), std::string("a.mp4: no"));
        worker.start([](const media::EncodeProgress&,
                        const std::stop_token&) -> media::EncodedClip { throw std::bad_alloc(); });
        QVERIFY(waitFor(worker).error->code() == ErrorCode::OutOfMemory);
    }
};

QTEST_GUILESS_MAIN(TestMediaExport)
#include "tst_media_export.moc"
