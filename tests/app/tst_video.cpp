// SPDX-License-Identifier: MIT
// `video decode` and `video clips` as scripts use them: JSON, order of the answers, pictures, exit
// codes.
#include "tests/app/cli_answer.h"
#include "tests/engine/media/clips.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace depthscope::test;

class TestVideo : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY(m_clips.make("clip.mkv", "-c:v mpeg4 -bf 2 -g 12 -q:v 3"));
        m_sums = m_clips.frameMd5("clip.mkv");
        QCOMPARE(std::ssize(m_sums), 60);
    }

    void kindsOfClips() {
        const QJsonArray clips = cli({"video", "clips", "--json"}).json()["clips"].toArray();
        QCOMPARE(clips.size(), 16);
        QCOMPARE(clips[0].toObject()["name"].toString(), QString("moving-shapes"));
        QCOMPARE(clips[0].toObject()["objects"].toInt(), 3);
        for (const QJsonValue& clip : clips) {
            const QString name = clip.toObject()["name"].toString();
            const Answer one = cli({"video", "clips", name, "--json"});
            QCOMPARE(one.json(), clip.toObject());
        }
        const Answer text = cli({"video", "clips"});
        QCOMPARE(text.code, 0);
        QCOMPARE(text.out.count('\n'), 16);
        QVERIFY(text.out.startsWith("moving-shapes    Three shapes"));
    }

    void allFrames() {
        const Answer answer = cli({"video", "decode", m_clips.path("clip.mkv"), "--json"});
        QCOMPARE(answer.code, 0);
        const QJsonObject json = answer.json();
        QCOMPARE(json["width"].toInt(), 96);
        QCOMPARE(json["height"].toInt(), 64);
        QCOMPARE(json["pixel_format"].toString(), QString("yuv420p"));
        QCOMPARE(json["rotation"].toInt(-1), 0);
        QCOMPARE(json["sample_aspect"].toString(), QString("1:1"));
        QCOMPARE(json["variable_rate"].toBool(true), false);
        QCOMPARE(json["frame_count"].toInt(), 60);
        QCOMPARE(json["damaged"].toBool(true), false);
        const QJsonArray frames = json["frames"].toArray();
        QCOMPARE(frames.size(), 60);
        for (int n = 0; n < 60; ++n) {
            const QJsonObject frame = frames[n].toObject();
            QCOMPARE(frame["number"].toInt(), n);
            QCOMPARE(frame["pts"].toInt(), n * 40);
            QCOMPARE(frame["seconds"].toDouble(), n * 0.04);
            QCOMPARE(frame["md5"].toString().toStdString(), m_sums[static_cast<std::size_t>(n)]);
            QVERIFY(frame["key"].toBool() || n % 12 != 0);
            QVERIFY(!frame["key"].toBool() || n != 1);
            QCOMPARE(frame["damaged"].toBool(true), false);
        }
    }

    void chosenFramesInTheirOrder_data() {
        QTest::addColumn<QStringList>("more");
        QTest::newRow("seeking") << QStringList{};
        QTest::newRow("in order") << QStringList{"--no-seek"};
        QTest::newRow("index kept") << QStringList{"--cache", m_clips.path("cache")};
        QTest::newRow("index again") << QStringList{"--cache", m_clips.path("cache")};
    }

    void chosenFramesInTheirOrder() {
        QFETCH(QStringList, more);
        const Answer answer = cli(QStringList{"video", "decode", m_clips.path("clip.mkv"),
                                              "--frames", "41,3,59,3,0", "--json"} +
                                  more);
        QCOMPARE(answer.code, 0);
        QCOMPARE(answer.json()["frame_count"].toInt(), 60);
        const QJsonArray frames = answer.json()["frames"].toArray();
        const std::vector<int> wanted{41, 3, 59, 3, 0};
        QCOMPARE(frames.size(), std::ssize(wanted));
        for (int n = 0; n < frames.size(); ++n) {
            const int number = wanted[static_cast<std::size_t>(n)];
            QCOMPARE(frames[n].toObject()["number"].toInt(), number);
            QCOMPARE(frames[n].toObject()["md5"].toString().toStdString(),
                     m_sums[static_cast<std::size_t>(number)]);
        }
    }

    void picturesAreWritten() {
        const QString out = m_clips.path("pictures");
        QCOMPARE(
            cli({"video", "decode", m_clips.path("clip.mkv"), "--frames", "7,2,7", "--out", out})
                .code,
            0);
        QCOMPARE(QDir(out).entryList(QDir::Files),
                 (QStringList{"frame-000002.png", "frame-000007.png"}));
        const Answer again = cli({"video", "decode", out, "--json"});
        QCOMPARE(again.json()["frame_count"].toInt(), 2);
        QCOMPARE(again.json()["pixel_format"].toString(), QString("rgb24"));
    }

    void damageIsSaid() {
        const QByteArray whole = m_clips.bytes("clip.mkv");
        m_clips.write("cut.mkv", whole.left(whole.size() / 2));
        const Answer answer = cli({"video", "decode", m_clips.path("cut.mkv"), "--json"});
        QCOMPARE(answer.code, 0);
        QCOMPARE(answer.json()["damaged"].toBool(), true);
        QVERIFY(answer.json()["frame_count"].toInt() > 10);
    }

    /// A folder of images, a pattern and a video give the same frames.
    void encodedFromEverySource() {
        QCOMPARE(
            cli({"video", "encode", m_clips.path("clip.mkv"), "--out", m_clips.path("all")}).code,
            0);
        for (const char* source : {"all", "all/frame-%06d.png", "clip.mkv"}) {
            const QString out = m_clips.path("again.mkv");
            const Answer answer = cli({"video", "encode", m_clips.path(source), "--out", out,
                                       "--json", "--rate", "30000/1001", "--title", "a b"});
            QVERIFY2(answer.code == 0, answer.err);
            const QJsonObject json = answer.json();
            QCOMPARE(json["codec"].toString(), QString("ffv1"));
            QCOMPARE(json["encoder"].toString(), QString("ffv1"));
            QCOMPARE(json["width"].toInt(), 96);
            QCOMPARE(json["frame_count"].toInt(), 60);
            QCOMPARE(json["file"].toString(), out);
            QCOMPARE(json["bytes"].toInteger(), QFileInfo(out).size());
            const QByteArray rate =
                outputOf("ffprobe", {"-v", "quiet", "-show_entries", "stream=avg_frame_rate", "-of",
                                     "compact=p=0:nk=1", out});
            QCOMPARE(rate.trimmed(), QByteArray("30000/1001"));
        }
        const QJsonObject part =
            cli({"video", "encode", m_clips.path("clip.mkv"), "--out", m_clips.path("part.gif"),
                 "--first", "5", "--last", "9", "--scale", "1", "--json"})
                .json();
        QCOMPARE(part["frame_count"].toInt(), 5);
        QCOMPARE(part["height"].toInt(), 64);
    }

    void exitCodes_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const QString clip = m_clips.path("clip.mkv");
        const auto row = [](const char* name, const QStringList& words, int code,
                            const char* says) {
            QTest::newRow(name) << words << code << QString(says);
        };
        row("no part", {"video"}, 2, "video --help");
        row("unknown part", {"video", "dance"}, 2, "dance");
        row("unknown clips", {"video", "clips", "shapes"}, 2, "moving-shapes");
        row("no engine for clips", {"video", "clips", "--device", "cuda"}, 2, "--device");
        row("no file", {"video", "decode"}, 2, "FILE");
        row("no number", {"video", "decode", clip, "--frames", "1,x"}, 2, "--frames");
        row("nothing to the engine", {"video", "decode", clip, "--device", "cuda"}, 2, "--device");
        row("past the end", {"video", "decode", clip, "--frames", "3,60"}, 3, "60 frames");
        row("past the end, in order", {"video", "decode", clip, "--frames", "60", "--no-seek"}, 3,
            "60 frames");
        row("below 0", {"video", "decode", clip, "--frames=-1"}, 3, "frame -1");
        row("no such file", {"video", "decode", "/nowhere.mp4"}, 3, "/nowhere.mp4");
        row("no video", {"video", "decode", DEPTHSCOPE_SOURCE_DIR "/LICENSE"}, 3, "LICENSE");
        const auto encoded = [&](QStringList words) {
            return QStringList{"video", "encode", clip} + words;
        };
        const QString out = m_clips.path("x.mkv");
        row("no target", encoded({}), 2, "--out");
        row("unknown codec", encoded({"--out", out, "--codec", "divx"}), 2, "Valid: h264");
        row("no rate", encoded({"--out", out, "--rate", "fast"}), 2, "--rate");
        row("no such rate", encoded({"--out", out, "--rate", "25/0"}), 2, "--rate");
        row("no quality", encoded({"--out", out, "--quality", "3"}), 2, "quality");
        row("chroma", encoded({"--out", out, "--chroma", "422"}), 2, "Valid: 420, 444");
        row("last", encoded({"--out", out, "--last", "60"}), 3, "60 frames");
        row("nowhere", encoded({"--out", "/proc/none/x.mkv"}), 3, "/proc/none/x.mkv");
        row("no frames", {"video", "encode", "/nowhere", "--out", out}, 3, "/nowhere");
        row("no place", {"video", "decode", clip, "--out", "/proc/none"}, 3, "/proc/none");
    }

    void exitCodes() {
        QFETCH(QStringList, words);
        QFETCH(int, code);
        QFETCH(QString, says);
        const Answer answer = cli(words);
        QVERIFY2(answer.code == code, answer.err);
        QVERIFY2(QString(answer.err).contains(says), answer.err);
        QVERIFY(answer.out.isEmpty());
    }

    void infoListsCodecs() {
        const QJsonObject info = cli({"info", "--json"}).json();
        QVERIFY(info["decoders"].toArray().contains("h264"));
        QVERIFY(info["encoders"].toArray().contains("ffv1"));
        QVERIFY(info["hardware"].isArray());
        const QJsonArray formats = info["video_formats"].toArray();
        QCOMPARE(formats.size(), 6);
        QCOMPARE(formats[3].toObject()["codec"].toString(), QString("ffv1"));
        QCOMPARE(formats[3].toObject()["encoder"].toString(), QString("ffv1"));
        QVERIFY(formats[3].toObject()["reason"].isNull());
        QVERIFY(!info["versions"].toObject()["ffmpeg"].toString().isEmpty());
    }

private:
    Clips m_clips;
    std::vector<std::string> m_sums;
};

QTEST_APPLESS_MAIN(TestVideo)
#include "tst_video.moc"
