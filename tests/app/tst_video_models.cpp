// SPDX-License-Identifier: MIT
// `video train|sample|score` as scripts use them: own videos as training data and as a context,
// files of every kind, routing options, exit codes. A model of one training step is enough.
#include "engine/recording/reader.h"
#include "tests/app/cli_answer.h"
#include "tests/engine/media/clips.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace depthscope::test;

namespace {

QJsonObject readJson(const QString& path) {
    return QJsonDocument::fromJson(bytesOf(path)).object();
}

} // namespace

class TestVideoModels : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Two videos and a file that is none; the model is the one of the other tests.
    void initTestCase() {
        QVERIFY(QDir().mkpath(m_clips.path("own")));
        if (!m_clips.make("own/a.mkv", "-c:v ffv1 -pix_fmt yuv420p")) {
            QSKIP("NOT TESTED: the ffmpeg program was not found; install ffmpeg");
        }
        QVERIFY(m_clips.make("own/b.mkv", "-frames:v 20 -c:v ffv1 -pix_fmt yuv420p"));
        QVERIFY(m_clips.make("short.mkv", "-frames:v 3 -c:v ffv1 -pix_fmt yuv420p"));
        QVERIFY(m_clips.make("six.mkv", "-frames:v 6 -c:v ffv1 -pix_fmt yuv420p"));
        m_clips.write("own/note.txt", "no video");
        const Answer trained = train({"--data", m_clips.path("own")});
        QVERIFY2(trained.code == 0, trained.err.constData());
        QVERIFY(trained.err.contains("left out: "));
        QVERIFY(trained.err.contains("note.txt"));
        QVERIFY(trained.err.contains("46 clips to learn, 6 held out"));
    }

    /// What was learned is written down, and goes on from its checkpoint.
    void recordOfTheTraining() {
        const QJsonObject record = readJson(m_clips.path("model/training.json"));
        QCOMPARE(record["recipe"].toObject()["data"].toString(), m_clips.path("own"));
        QVERIFY(!record["recipe"].toObject().contains("clips"));
        const QJsonObject videos = record["videos"].toObject();
        QCOMPARE(videos["clips_learned"].toInt(), 46);
        QCOMPARE(videos["clips_held_out"].toInt(), 6);
        QCOMPARE(videos["videos"].toArray().size(), 2);
        QCOMPARE(videos["videos"].toArray()[1].toObject()["file"].toString(), QString("b.mkv"));
        QCOMPARE(videos["left_out"].toArray()[0].toObject()["file"].toString(),
                 QString("note.txt"));
        QVERIFY(videos["split"].toString().contains("last fifth"));
        QCOMPARE(record["validation"].toObject()["clips"].toInt(), 6);
        QCOMPARE(train({"--resume"}).code, 0);
        QVERIFY(m_clips.make("own/c.mkv", "-frames:v 30 -c:v ffv1 -pix_fmt yuv420p"));
        const Answer other = train({"--resume"}); // other videos are another training
        QCOMPARE(other.code, 3);
        QVERIFY(other.err.contains("own videos"));
        QVERIFY(QFile::remove(m_clips.path("own/c.mkv")));
    }

    void files_data() {
        QTest::addColumn<QString>("out");
        QTest::addColumn<int>("count");
        QTest::addColumn<QStringList>("files");
        QTest::newRow("a file") << "one.mkv" << 1 << QStringList{"one.mkv"};
        QTest::newRow("several") << "some.mkv" << 2 << QStringList{"some-000.mkv", "some-001.mkv"};
        QTest::newRow("a folder") << "frames" << 1 << QStringList{"frames"};
        QTest::newRow("folders") << "clips" << 2 << QStringList{"clips/clip-000", "clips/clip-001"};
        QTest::newRow("a pattern") << "p-%03d.png" << 1 << QStringList{"p-%03d.png"};
    }

    /// The frames in the file are the ones in the folder, to the byte.
    void files() {
        QFETCH(QString, out);
        QFETCH(int, count);
        QFETCH(QStringList, files);
        const Answer answer =
            sample({"--clips", "one-shape", "--count", QString::number(count)}, m_clips.path(out));
        QVERIFY2(answer.code == 0, answer.err.constData());
        const QJsonArray listed = answer.json()["files"].toArray();
        QCOMPARE(listed.size(), files.size());
        for (qsizetype i = 0; i < files.size(); ++i) {
            QCOMPARE(listed[i].toString(), m_clips.path(files[i]));
            const Answer decoded = cli({"video", "decode", m_clips.path(files[i]), "--json"});
            QCOMPARE(decoded.code, 0);
            QCOMPARE(decoded.json()["frame_count"].toInt(), 8);
            QCOMPARE(decoded.json()["width"].toInt(), 16);
        }
        if (out == "one.mkv") {
            const QByteArray tags = outputOf(
                "ffprobe", {"-v", "quiet", "-show_format", "-of", "json", m_clips.path(out)});
            QVERIFY(tags.contains("\\\"seed\\\""));
            QVERIFY(tags.contains("one-shape"));
        }
    }

    /// What was recorded is what was written.
    void recorded() {
        const QString file = m_clips.path("kept.depthscope");
        const QStringList words{"--clips", "one-shape", "--seed",   "5",
                                "--index", "4",         "--record", file};
        const Answer answer =
            sample(words + QStringList{"--experts", "soft"}, m_clips.path("beside.mkv"));
        QVERIFY2(answer.code == 0, answer.err.constData());
        QCOMPARE(answer.json()["routing"].toObject()["experts"].toString(), QString("soft"));
        const auto kept = depthscope::recording::readRecording(file.toStdString());
        QCOMPARE(kept.steps.size(), std::size_t{3}); // the truth, and two steps
        QCOMPARE(kept.recipe.settings.video.clips, std::string("one-shape"));
        QCOMPARE(kept.recipe.settings.video.clip, std::uint64_t{4});
        QCOMPARE(kept.recipe.settings.video.noiseSeed, std::uint64_t{5});
        QCOMPARE(kept.recipe.settings.video.experts, std::string("soft"));
        QVERIFY(kept.steps.back()->offDistribution);
        const Answer again = sample(words, m_clips.path("again.mkv"));
        QCOMPARE(again.code, 2); // what is there is not written over
        QVERIFY(!QFileInfo::exists(m_clips.path("again.mkv")));
    }

    /// The clips of a seed are those whose first frames a prediction starts from.
    void clipsAsFiles() {
        const Answer drawn = cli({"video", "clips", "one-shape", "--out", m_clips.path("made.mkv"),
                                  "--seed", "5", "--count", "2", "--index", "3", "--json"});
        QVERIFY2(drawn.code == 0, drawn.err.constData());
        QCOMPARE(drawn.json()["files"].toArray().size(), 2);
        QCOMPARE(sample({"--clips", "one-shape", "--seed", "5", "--index", "4"},
                        m_clips.path("predicted.mkv"))
                     .code,
                 0);
        const std::vector<std::string> clip = m_clips.frameMd5("made-001.mkv", "format=rgb24");
        const std::vector<std::string> seen = m_clips.frameMd5("predicted.mkv", "format=rgb24");
        QCOMPARE(clip.size(), std::size_t{8});
        for (std::size_t t = 0; t < 4; ++t) {
            QCOMPARE(clip[t], seen.at(t));
        }
        QCOMPARE(cli({"video", "clips", "occlusion", "--out", m_clips.path("big"), "--size",
                      "32x24", "--frames", "3"})
                     .code,
                 0);
        QCOMPARE(QDir(m_clips.path("big")).entryList({"*.png"}).size(), 3);
        const auto refusal = [&](const QStringList& words) {
            return cli(QStringList{"video", "clips", "--out", m_clips.path("no.mkv")} + words);
        };
        QCOMPARE(refusal({}).code, 2);
        QCOMPARE(refusal({"shapes"}).code, 2);
        QCOMPARE(refusal({"one-shape", "--size", "large"}).code, 2);
        QVERIFY(refusal({"one-shape", "--size", "4x4"}).err.contains("4"));
        QCOMPARE(refusal({"one-shape", "--count", "0"}).code, 2);
        QVERIFY(!QFileInfo::exists(m_clips.path("no.mkv")));
    }

    /// The user's frames come back in front of the prediction.
    void ownContext() {
        const Answer answer =
            sample({"--context", m_clips.path("own/a.mkv"), "--first", "5", "--every", "2"},
                   m_clips.path("own.mkv"));
        QVERIFY2(answer.code == 0, answer.err.constData());
        const QJsonObject json = answer.json();
        QCOMPARE(json["context_frames"].toInt(), 4);
        QCOMPARE(json["truth_frames"].toInt(), 4);
        QVERIFY(json["psnr_prediction"].isDouble() && json["psnr_copy_last"].isDouble());
        QVERIFY(json["notice"].toString().startsWith("a.mkv may be among the videos"));
        QVERIFY(
            m_clips.remake("scaled.mkv", "", "own/a.mkv",
                           "-vf select=gte(n\\,5)*not(mod(n-5\\,2)),scale=flags=bicubic+"
                           "accurate_rnd+full_chroma_int+bitexact,format=rgb24,crop=64:64,scale="
                           "16:16:flags=area+accurate_rnd+full_chroma_int+full_chroma_inp+"
                           "bitexact,format=gbrp -vsync passthrough -c:v ffv1"));
        const std::vector<std::string> theirs = m_clips.frameMd5("scaled.mkv", "format=rgb24");
        const std::vector<std::string> ours = m_clips.frameMd5("own.mkv", "format=rgb24");
        QCOMPARE(ours.size(), std::size_t{8});
        for (std::size_t t = 0; t < 4; ++t) {
            QCOMPARE(ours[t], theirs.at(t));
        }
    }

    /// Where the video ends early, what is there is compared.
    void contextNearTheEnd() {
        const Answer some =
            sample({"--context", m_clips.path("six.mkv")}, m_clips.path("six-out.mkv"));
        QCOMPARE(some.json()["truth_frames"].toInt(), 2);
        const Answer none = sample({"--context", m_clips.path("six.mkv"), "--first", "2"},
                                   m_clips.path("none-out.mkv"));
        QCOMPARE(none.json()["truth_frames"].toInt(), 0);
        QVERIFY(none.json()["psnr_prediction"].isNull());
    }

    /// Routing changes the prediction; the names of keys are those of the policies.
    void routing() {
        const auto psnr = [&](const QStringList& words) {
            const Answer answer =
                cli(QStringList{"video", "score", m_clips.path("model"), "--clips", "one-shape",
                                "--count", "2", "--json"} +
                    words);
            return answer.json();
        };
        const QJsonObject plain = psnr({}), shallow = psnr({"--max-depth", "1"});
        QVERIFY(plain["flow_loss"] != shallow["flow_loss"]);
        QCOMPARE(shallow["routing"].toObject()["max_depth"].toInt(), 1);
        QVERIFY(psnr({"--keys", "frozen"})["flow_loss"] != plain["flow_loss"]);
        QCOMPARE(psnr({"--keys", "frozen"}), psnr({"--kv", "share"}));
        QCOMPARE(psnr({"--keys", "active"})["flow_loss"], plain["flow_loss"]);
    }

    void refused_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("named");
        const auto row = [this](const char* name, const QStringList& words, int code,
                                const char* named) {
            QStringList resolved;
            for (const QString& word : words) {
                resolved << (word.endsWith(".mkv") || word == "own" || word.startsWith("out")
                                 ? m_clips.path(word)
                                 : word);
            }
            QTest::newRow(name) << resolved << code << QString(named);
        };
        row("no place", {}, 2, "--out");
        row("unknown ending", {"--out", "out.xyz"}, 2, "out.xyz");
        row("too few frames", {"--out", "out.mp4", "--context", "short.mkv"}, 3, "has 3 frames");
        row("no such file", {"--out", "out.mp4", "--context", "nowhere.mkv"}, 3, "nowhere.mkv");
        row("first beyond the end", {"--out", "out.mp4", "--context", "six.mkv", "--first", "9"}, 3,
            "has 6 frames");
        row("negative first", {"--out", "out.mp4", "--context", "six.mkv", "--first=-1"}, 2,
            "first frame is -1");
        row("absurd every", {"--out", "out.mp4", "--context", "six.mkv", "--every", "0"}, 2,
            "every is 0");
        row("both contexts", {"--out", "out.mp4", "--context", "six.mkv", "--clips", "one-shape"},
            2, "--clips");
        row("context of none", {"--out", "out.mp4", "--context", "six.mkv", "--generate"}, 2,
            "--generate");
        row("first of nothing", {"--out", "out.mp4", "--first", "3"}, 2, "--first");
        row("absurd steps", {"--out", "out.mp4", "--steps", "0"}, 2, "--steps");
        row("absurd rate", {"--out", "out.mp4", "--rate", "fast"}, 2, "--rate");
        row("unknown keys", {"--out", "out.mp4", "--keys", "some"}, 2, "--keys");
        row("too many capacities", {"--out", "out.mp4", "--capacity", "1,1/2,1/3,1/4"}, 2,
            "3 recursions");
        row("unknown rule", {"--out", "out.mp4", "--routing", "token"}, 2, "token");
    }

    void refused() {
        QFETCH(QStringList, words);
        QFETCH(int, code);
        QFETCH(QString, named);
        const Answer answer = cli(QStringList{"video", "sample", m_clips.path("model")} + words);
        QVERIFY2(answer.err.contains(named.toUtf8()), answer.err.constData());
        QCOMPARE(answer.code, code);
        QVERIFY(answer.out.isEmpty());
    }

    void refusedTrainings() {
        const auto refusal = [&](const QString& data) {
            return cli({"video", "train", "demo-more-dit", "--out", m_clips.path("refused"),
                        "--steps", "1", "--data", data});
        };
        const Answer none = refusal(m_clips.path("nowhere"));
        QCOMPARE(none.code, 3);
        QVERIFY(none.err.contains("nowhere"));
        const Answer few = refusal(m_clips.path("six.mkv"));
        QCOMPARE(few.code, 3);
        QVERIFY(few.err.contains("six.mkv"));
        QVERIFY(!QFileInfo::exists(m_clips.path("refused")));
        QCOMPARE(cli({"video", "train", "demo-more-dit", "--out", m_clips.path("refused"), "--data",
                      m_clips.path("own"), "--clips", "one-shape"})
                     .code,
                 2);
    }

private:
    Answer train(const QStringList& words) const {
        return cli(QStringList{"video", "train", "demo-more-dit", "--out", m_clips.path("model"),
                               "--steps", "6", "--threads", "1", "--set", "batch=2"} +
                   words);
    }

    Answer sample(const QStringList& words, const QString& out) const {
        return cli(QStringList{"video", "sample", m_clips.path("model"), "--out", out, "--steps",
                               "2", "--threads", "1", "--json"} +
                   words);
    }

    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestVideoModels)
#include "tst_video_models.moc"
