// SPDX-License-Identifier: MIT
// An encoding that is refused, stopped or fails leaves nothing, and what was there before stays.
#include "engine/base/error.h"
#include "engine/media/encode_clip.h"
#include "engine/media/encoder.h"
#include "tests/engine/media/clips.h"
#include "tests/engine/media/numbered.h"

#include <sys/resource.h>

#include <QtTest>
#include <csignal>

using namespace depthscope;
using namespace depthscope::test;

namespace {

ErrorCode codeOf(const std::function<void()>& work, std::string* message = nullptr) {
    try {
        work();
    } catch (const Error& error) {
        if (message != nullptr) {
            *message = error.message() + " / " + error.hint();
        }
        return error.code();
    }
    return ErrorCode::Internal;
}

} // namespace

class TestMediaEncodeFailures : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void stopLeavesNothing_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"a.mp4", "a.webm", "a.mkv", "a.gif", "images", "f-%03d.png"}) {
            QTest::newRow(name) << QString(name);
        }
    }

    void stopLeavesNothing() {
        QFETCH(QString, name);
        QVERIFY(m_clips.make("source.mkv", "-c:v ffv1"));
        const QTemporaryDir folder;
        media::ClipEncoding job;
        job.source = m_clips.file("source.mkv");
        job.target = folder.filePath(name).toStdString();
        std::stop_source stop;
        const auto work = [&] {
            media::encodeClip(
                job,
                [&](std::int64_t done, std::int64_t) {
                    if (done == 20) {
                        stop.request_stop();
                    }
                },
                stop.get_token());
        };
        QCOMPARE(codeOf(work), ErrorCode::Interrupted);
        QCOMPARE(
            QDir(folder.path()).entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::Hidden),
            QStringList());
    }

    void fullDiskLeavesNothing_data() { stopLeavesNothing_data(); }

    /// A limit on the size of files stands in for a disk that fills up.
    void fullDiskLeavesNothing() {
        QFETCH(QString, name);
        const QTemporaryDir folder;
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        const auto previous = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{30'000, before.rlim_max};
        std::string message;
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const ErrorCode code = codeOf(
            [&] {
                media::Encoder encoder(folder.filePath(name).toStdString(), {});
                for (unsigned n = 0; n < 40; ++n) {
                    encoder.add(noisePicture(256, 256, n));
                }
                encoder.finish();
            },
            &message);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        std::signal(SIGXFSZ, previous);
        QCOMPARE(code, ErrorCode::OutOfMemory);
        QVERIFY2(message.find(folder.path().toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find("Free some space") != std::string::npos, message.c_str());
        QCOMPARE(
            QDir(folder.path()).entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::Hidden),
            QStringList());
    }

    void failureMidwayLeavesWhatWasThere() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("a.mkv");
        QFile old(file);
        QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
        old.close();
        std::string message;
        const auto work = [&] {
            media::Encoder encoder(file.toStdString(), {});
            encoder.add(noisePicture(64, 64, 1));
            trace::Frame strange;
            strange.number = 1;
            strange.pixelFormat = "nonsense";
            encoder.add(strange);
        };
        QCOMPARE(codeOf(work, &message), ErrorCode::BadInput);
        QVERIFY2(message.find("a.mkv") != std::string::npos &&
                     message.find("frame 1") != std::string::npos,
                 message.c_str());
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList{"a.mkv"});
        QCOMPARE(QFileInfo(file).size(), 3);
    }

    void refused_data() {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("codec");
        QTest::addColumn<int>("quality");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const int usage = static_cast<int>(ErrorCode::Usage);
        const int bad = static_cast<int>(ErrorCode::BadInput);
        QTest::newRow("unknown codec") << "a.mp4"
                                       << "divx" << -1 << usage << "Valid: h264, vp9";
        QTest::newRow("unknown ending") << "a.wmv"
                                        << "" << -1 << usage << ".wmv";
        QTest::newRow("wrong ending") << "a.webm"
                                      << "h264" << -1 << usage << ".mp4, .mov, .mkv";
        QTest::newRow("no quality") << "a.mkv"
                                    << "ffv1" << 3 << usage << "quality";
        QTest::newRow("bad quality") << "a.mp4"
                                     << "" << 90 << usage << "1 (best) to 51";
        QTest::newRow("no folder") << "none/a.mp4"
                                   << "" << -1 << bad << "none/a.mp4";
        QTest::newRow("below a file") << "taken/a.mp4"
                                      << "" << -1 << bad << "cannot be written";
        QTest::newRow("folder below a file") << "taken/b/c"
                                             << "" << -1 << bad << "taken/b/c";
        QTest::newRow("a folder") << "folder.mp4"
                                  << "h264" << -1 << bad << "not a regular file";
    }

    void refused() {
        QFETCH(QString, target);
        QFETCH(QString, codec);
        QFETCH(int, quality);
        QFETCH(int, code);
        QFETCH(QString, says);
        const QTemporaryDir folder;
        QFile taken(folder.filePath("taken"));
        QVERIFY(taken.open(QIODevice::WriteOnly));
        QVERIFY(QDir(folder.path()).mkdir("folder.mp4"));
        media::EncodeSettings settings;
        settings.format = codec.toStdString();
        if (quality >= 0) {
            settings.quality = quality;
        }
        std::string message;
        QCOMPARE(static_cast<int>(codeOf(
                     [&] {
                         media::Encoder encoder(folder.filePath(target).toStdString(), settings);
                         encoder.add(numberedPicture(16, 16, 0));
                         encoder.finish();
                     },
                     &message)),
                 code);
        QVERIFY2(QString::fromStdString(message).contains(says), message.c_str());
    }

    void imagesOfTwoClipsAreNotMixed() {
        const QTemporaryDir folder;
        const std::string place = folder.filePath("images").toStdString();
        const auto work = [&] {
            media::Encoder encoder(place, {});
            encoder.add(numberedPicture(16, 16, 0));
            encoder.finish();
        };
        work();
        QCOMPARE(codeOf(work), ErrorCode::BadInput);
    }

    void stretchBeyondTheClip() {
        QVERIFY(m_clips.make("long.mkv", "-c:v ffv1"));
        media::ClipEncoding job;
        job.source = m_clips.file("long.mkv");
        job.target = m_clips.file("part.mkv");
        job.first = 7;
        job.last = 60;
        QCOMPARE(codeOf([&] { media::encodeClip(job, {}); }), ErrorCode::BadInput);
        QVERIFY(!QFile::exists(m_clips.path("part.mkv")));
    }

private:
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaEncodeFailures)
#include "tst_media_encode_failures.moc"
