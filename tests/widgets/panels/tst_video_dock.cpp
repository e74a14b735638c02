// SPDX-License-Identifier: MIT
// The controls of the Video dock on a real player: opened, stepped, sought, looped, refused. Waits
// for the player's own signal.
#include "tests/engine/media/clips.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/clip_player.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/seek_bar.h"
#include "widgets/panels/video_files.h"
#include "widgets/panels/video_panel.h"

#include <QAction>
#include <QSpinBox>
#include <QTest>

using namespace depthscope;

namespace {

const QString kClip = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");

struct VideoFixture : test::LabFixture {
    VideoFixture() {
        for (auto& one : instruments) {
            if (std::string(one->id()) == "panel.video") {
                picture = new panels::InstrumentPanel(lab, *one, text);
            }
        }
        panel = std::make_unique<panels::VideoPanel>(lab, *picture);
        panel->resize(800, 500);
        panel->show();
    }

    void press(const char* name) {
        panel->findChild<QAction*>(QString::fromLatin1(name))->trigger();
    }

    [[nodiscard]] bool settles() const {
        return QTest::qWaitFor([this] { return lab.idle(); }, 30'000);
    }

    [[nodiscard]] std::int64_t shown() const { return panel->player().clip()->frame->number; }

    std::vector<std::unique_ptr<instruments::Instrument>> instruments =
        depthscope::instruments::makeInstruments();
    paint::qt::QtTextService text;
    lab::LabController lab{backends(), lab::ModelCatalog({root.path()})};
    panels::InstrumentPanel* picture = nullptr;
    std::unique_ptr<panels::VideoPanel> panel;
};

} // namespace

class TestVideoDock : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void opensStepsAndSeeks() {
        VideoFixture f;
        QVERIFY(!f.panel->isActive());
        QVERIFY(!f.panel->findChild<QAction*>(QStringLiteral("clip.next"))->isEnabled());
        f.panel->player().open(kClip);
        QVERIFY(!f.lab.idle());
        QVERIFY(f.settles());
        QVERIFY(f.panel->isActive());
        for (int n = 0; n < 5; ++n) {
            f.press("clip.next"); // faster than frames come: none is lost
        }
        QVERIFY(f.settles());
        QCOMPARE(f.shown(), 5);
        f.press("clip.prev");
        QVERIFY(f.settles());
        QCOMPARE(f.shown(), 4);
        auto* number = f.panel->findChild<QSpinBox*>(QStringLiteral("clip.frame"));
        QCOMPARE(number->value(), 4);
        number->setValue(137);
        QVERIFY(f.settles());
        QCOMPARE(f.shown(), 137);
        f.press("clip.last");
        QVERIFY(f.settles());
        QCOMPARE(f.shown(), 199);
        auto* bar = f.panel->findChild<panels::SeekBar*>();
        QCOMPARE(bar->value(), 199);
        QTest::mouseClick(bar, Qt::LeftButton, {}, QPoint(bar->width() / 2, bar->height() / 2));
        QVERIFY(f.settles());
        QVERIFY(std::abs(f.shown() - 100) <= 1);
    }

    void marksAndLoop() {
        VideoFixture f;
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        f.panel->player().seek(20);
        f.press("clip.in");
        f.panel->player().seek(40);
        f.press("clip.out");
        f.press("clip.loop");
        QVERIFY(f.settles());
        QCOMPARE(*f.panel->player().clip()->range, (trace::FrameRange{20, 40}));
        QVERIFY(f.panel->player().clip()->looping);
        f.press("clip.all");
        QVERIFY(f.settles());
        QVERIFY(!f.panel->player().clip()->range);
    }

    void playsAndStopsWhenHidden() {
        VideoFixture f;
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        f.press("clip.forward");
        QVERIFY(QTest::qWaitFor([&] { return f.panel->player().clip()->shown > 2; }, 30'000));
        f.press("clip.forward");
        QVERIFY(f.settles());
        QCOMPARE(f.panel->player().clip()->speed, 2.0);
        QVERIFY(f.lab.hasTasks());
        f.panel->hide();
        QVERIFY(QTest::qWaitFor([&] { return !f.lab.hasTasks(); }, 30'000));
    }

    void aRefusedFileIsSaidAndTheNextOpens() {
        VideoFixture f;
        const test::Clips files;
        files.write(QStringLiteral("bad.mp4"), "no video");
        f.panel->player().open(files.path(QStringLiteral("bad.mp4")));
        QVERIFY(f.settles());
        QVERIFY(f.panel->player().clip()->error.find("bad.mp4") != std::string::npos);
        QVERIFY(!f.panel->isActive());
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        QVERIFY(f.panel->player().clip()->error.empty());
        QVERIFY(f.panel->isActive());
    }

    void whatIsTakenForAClip() {
        QVERIFY(panels::isVideo(kClip));
        QVERIFY(panels::isVideo(QStringLiteral("some/picture.PNG")));
        QVERIFY(!panels::isVideo(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/README.md")));
        QVERIFY(
            !panels::isVideo(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/demo.depthscope")));
        QVERIFY(!panels::isVideo(
            QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-mor-expert")));
    }
};

QTEST_MAIN(TestVideoDock)
#include "tst_video_dock.moc"
