// SPDX-License-Identifier: MIT
// A new procedural clip from the dialog to the screen: what is asked of the engine, and that the
// file has the engine's bytes.
#include "engine/spec/clip_preset.h"
#include "tests/engine/media/clips.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/clip_maker.h"
#include "widgets/panels/new_clip_dialog.h"

#include <QComboBox>
#include <QCryptographicHash>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

using namespace depthscope;

namespace {

struct MakerFixture : test::LabFixture {
    MakerFixture() {
        maker.keepClipsIn(out.filePath("clips"));
        QObject::connect(&maker, &lab::ClipMaker::made,
                         [this](const QString& name) { file = name; });
        QObject::connect(&maker, &lab::ClipMaker::failed,
                         [this](const QString& message, const QString&) { failure = message; });
    }

    bool settles() const {
        return QTest::qWaitFor([this] { return !lab.hasTasks() && !maker.isRunning(); }, 60'000);
    }

    QTemporaryDir out;
    lab::ClipMaker maker{lab};
    QString file;
    QString failure;
};

} // namespace

class TestNewClip : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void theDialogAsksForWhatItShows() {
        panels::NewClipDialog dialog;
        auto* kind = dialog.findChild<QComboBox*>("new-clip.preset");
        QCOMPARE(kind->count(), static_cast<int>(spec::clipPresets().size()));
        kind->setCurrentText("occlusion");
        dialog.findChild<QSpinBox*>("new-clip.width")->setValue(96);
        dialog.findChild<QSpinBox*>("new-clip.height")->setValue(48);
        dialog.findChild<QSpinBox*>("new-clip.frames")->setValue(30);
        dialog.findChild<QSpinBox*>("new-clip.rate")->setValue(15);
        auto* seed = dialog.findChild<QLineEdit*>("new-clip.seed");
        auto* make = dialog.findChild<QPushButton*>("new-clip.make");
        seed->clear();
        QVERIFY(!make->isEnabled());
        seed->setText("77");
        QVERIFY(make->isEnabled());
        const lab::NewClip clip = dialog.clip();
        QCOMPARE(clip.request.clips.name, std::string("occlusion"));
        QCOMPARE(clip.request.clips.seed, 77U);
        QCOMPARE(clip.request.count, 1);
        QCOMPARE(clip.request.frames, 30);
        QCOMPARE(clip.request.height, 48);
        QCOMPARE(clip.request.width, 96);
        QCOMPARE(clip.rate, (trace::Ratio{15, 1}));
        bool says = false;
        for (const QLabel* label : dialog.findChildren<QLabel*>()) {
            says = says || label->text().contains("96 x 48 pixels");
        }
        QVERIFY(says);
    }

    void theFileHasTheEnginesBytes() {
        MakerFixture f;
        lab::NewClip clip;
        clip.request = {{"occlusion", 9, 0}, 1, 5, 12, 17};
        clip.rate = {15, 1};
        f.maker.make(clip);
        QVERIFY(f.settles());
        QVERIFY2(f.failure.isEmpty(), qPrintable(f.failure));
        QVERIFY2(f.file.endsWith("/clips/occlusion-seed-9-17x12-5-frames-15-fps.mkv"),
                 qPrintable(f.file));
        std::vector<std::string> wanted;
        for (int frame = 0; frame < 5; ++frame) {
            QByteArray bytes;
            for (int i = 0; i < 3 * 12 * 17; ++i) { // as the fake engine gives them
                bytes += static_cast<char>((frame * 3 * 12 * 17 + i) * 7 % 251);
            }
            wanted.push_back(
                QCryptographicHash::hash(bytes, QCryptographicHash::Md5).toHex().toStdString());
        }
        QCOMPARE(test::Clips::frameMd5Of(f.file, "format=rgb24"), wanted);
        const QByteArray said =
            test::outputOf("ffprobe", {"-v", "quiet", "-show_entries",
                                       "stream=avg_frame_rate:format_tags", f.file});
        QVERIFY2(said.contains("avg_frame_rate=15/1") && said.contains("\"seed\":\"9\""),
                 said.constData());
    }

    void whatTheEngineRefusesIsSaid() {
        MakerFixture f;
        f.fake->automatic = false;
        f.maker.make({});
        QVERIFY(f.maker.isRunning());
        const runtime::JobId job = f.fake->requests.back().first;
        f.fake->tell(runtime::JobEnded{job, false, Error(ErrorCode::Usage, "clips: no", "Else.")});
        QVERIFY(QTest::qWaitFor([&] { return !f.failure.isEmpty(); }, 10'000));
        QCOMPARE(f.failure, QString("clips: no"));
        QVERIFY(!f.maker.isRunning());
    }
};

QTEST_MAIN(TestNewClip)
#include "tst_new_clip.moc"
