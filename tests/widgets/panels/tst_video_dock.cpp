// SPDX-License-Identifier: MIT
// The controls of the Video dock on a real player: opened, stepped, sought, looped, refused. Waits
// for the player's own signal.
#include "tests/engine/media/clips.h"
#include "tests/widgets/instruments/clip_run.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/clip_player.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/comparison_bar.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/overlay_bar.h"
#include "widgets/panels/seek_bar.h"
#include "widgets/panels/video_files.h"
#include "widgets/panels/video_panel.h"

#include <QAction>
#include <QComboBox>
#include <QSet>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <algorithm>

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

    /// The one cursor: the clip takes its frame to it, and follows it.
    void cursorAndClipGoTogether() {
        VideoFixture f;
        QVERIFY(!f.lab.cursor().frame);
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        QCOMPARE(f.lab.cursor().frame, std::optional<std::int64_t>(0));
        instruments::Cursor cursor = f.lab.cursor();
        cursor.frame = 42;
        f.lab.setCursor(cursor);
        QVERIFY(f.settles());
        QCOMPARE(f.shown(), 42);
        f.press("clip.next");
        QVERIFY(f.settles());
        QCOMPARE(f.lab.cursor().frame, std::optional<std::int64_t>(43));
        f.lab.setPrompt({"another text", {}, {}}); // begins places anew, not frames
        QCOMPARE(f.lab.cursor().frame, std::optional<std::int64_t>(43));
        f.panel->hide();
        QVERIFY(!f.lab.cursor().frame);
        f.panel->show();
        QCOMPARE(f.lab.cursor().frame, std::optional<std::int64_t>(43));
    }

    void comparesTwoClips() {
        VideoFixture f;
        auto* bar = f.panel->findChild<panels::ComparisonBar*>();
        QVERIFY(!bar->isVisible());
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        f.panel->player().compareWith(kClip);
        QVERIFY(f.settles());
        QVERIFY(bar->isVisible());
        QCOMPARE(f.panel->player().clip()->other->frame->number, 0);
        auto* mode = f.panel->findChild<QComboBox*>(QStringLiteral("clip.comparison"));
        auto* gain = f.panel->findChild<QComboBox*>(QStringLiteral("clip.gain"));
        QVERIFY(!gain->isVisible());
        mode->setCurrentText(QStringLiteral("Difference"));
        gain->setCurrentText(QStringLiteral("x16"));
        QVERIFY(f.settles());
        QVERIFY(gain->isVisible());
        const trace::ClipView& clip = *f.panel->player().clip();
        QVERIFY(clip.difference && clip.differenceGain == 16);
        QVERIFY(std::all_of(clip.difference->bytes.begin(), clip.difference->bytes.end(),
                            [](std::uint8_t b) { return b == 0; }));
        mode->setCurrentText(QStringLiteral("Blink"));
        QVERIFY(QTest::qWaitFor([&] { return f.picture->host().viewState().showsOther; }, 10'000));
        QVERIFY(QTest::qWaitFor([&] { return !f.picture->host().viewState().showsOther; }, 10'000));
        auto* rate = f.panel->findChild<QComboBox*>(QStringLiteral("clip.blink-rate"));
        rate->setCurrentIndex(0);
        QCOMPARE(bar->blinkInterval(), 2000);
        bar->findChild<QToolButton*>()->click();
        QVERIFY(f.settles());
        QVERIFY(!f.panel->player().clip()->other && !bar->isVisible());
        QVERIFY(!f.picture->host().viewState().showsOther);
    }

    void overlayOfARun() {
        using instruments::Overlay;
        VideoFixture f;
        auto* bar = f.panel->findChild<panels::OverlayBar*>();
        auto* end = f.panel->findChild<QAction*>(QStringLiteral("clip.out"));
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        QVERIFY(!bar->isVisible());
        QVERIFY(end->shortcuts().contains(QKeySequence(Qt::Key_O)));
        f.recorded = {tests::ClipRun::step(trace::kMainRun, 50),
                      tests::ClipRun::step(trace::kTruthRun, 80)};
        f.lab.openRecording(QStringLiteral("x.depthscope"));
        QVERIFY(f.settles());
        QVERIFY(bar->isVisible());
        auto& host = f.picture->host();
        QCOMPARE(host.viewState().comparison, instruments::Comparison::Split);
        QCOMPARE(host.viewState().overlay, Overlay::Tint);
        auto* next = f.panel->findChild<QAction*>(QStringLiteral("clip.overlay"));
        QVERIFY(next->isEnabled() && next->shortcut() == QKeySequence(Qt::Key_O));
        QVERIFY(!end->shortcuts().contains(QKeySequence(Qt::Key_O)));
        for (const Overlay wanted : {Overlay::Contour, Overlay::Dim, Overlay::Off, Overlay::Tint}) {
            next->trigger();
            QCOMPARE(host.viewState().overlay, wanted);
        }
        QTest::keyPress(&host, Qt::Key_H);
        QVERIFY(host.viewState().hidesOverlay);
        QTest::keyRelease(&host, Qt::Key_H);
        QVERIFY(!host.viewState().hidesOverlay);
        auto* slider =
            f.panel->findChild<panels::RatioSlider*>(QStringLiteral("clip.overlay-opacity"));
        slider->setValue(250);
        QCOMPARE(host.viewState().overlayOpacity, 0.25);
        auto* beside = f.panel->findChild<QComboBox*>(QStringLiteral("clip.beside"));
        QCOMPARE(beside->count(), 2);
        QCOMPARE(beside->currentText(), QStringLiteral("Beside: truth"));
        beside->setCurrentIndex(0);
        Q_EMIT beside->activated(0);
        QVERIFY(f.settles());
        QVERIFY(!f.panel->player().clip()->other);
        QVERIFY(beside->isVisible()); // the way back
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        QVERIFY(!bar->isVisible() && !beside->isVisible() && !next->isEnabled());
        QVERIFY(end->shortcuts().contains(QKeySequence(Qt::Key_O)));
    }

    void pixelsAreSharpOrSmooth() {
        VideoFixture f;
        auto* filter = f.panel->findChild<QComboBox*>(QStringLiteral("clip.filter"));
        for (const auto& [words, wanted] : {std::pair("Nearest", instruments::PixelFilter::Sharp),
                                            std::pair("Smooth", instruments::PixelFilter::Smooth),
                                            std::pair("Auto", instruments::PixelFilter::Auto)}) {
            const int index = filter->findText(QString::fromLatin1(words));
            QVERIFY(index >= 0);
            filter->setCurrentIndex(index);
            Q_EMIT filter->activated(index);
            QCOMPARE(f.picture->host().viewState().filter, wanted);
        }
    }

    void valuesOfPixelsAreCopied() {
        VideoFixture f;
        f.panel->player().open(kClip);
        QVERIFY(f.settles());
        QVERIFY(f.picture->valueText().isEmpty());
        host::InstrumentHost& host = f.picture->host();
        QTest::mouseMove(&host, QPoint(host.width() / 2, host.height() / 2));
        const QString value = f.picture->valueText();
        QVERIFY2(value.contains(QStringLiteral("column ")), qPrintable(value));
        QVERIFY2(value.contains(QStringLiteral("Y ")), qPrintable(value));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(&host, &leave);
        QVERIFY(f.picture->valueText().isEmpty());
    }

    void thumbnailsStandOnTheSeekBar() {
        VideoFixture f;
        f.panel->player().open(kClip);
        QVERIFY(QTest::qWaitFor(
            [&] {
                const trace::ClipView* clip = f.panel->player().clip();
                return clip && clip->thumbnails && clip->thumbnails->size() > 20;
            },
            30'000));
        auto* bar = f.panel->findChild<panels::SeekBar*>();
        const QImage strip = bar->grab().toImage();
        QSet<QRgb> colours;
        for (int x = 20; x < strip.width() - 20; ++x) {
            colours.insert(strip.pixel(x, strip.height() / 2));
        }
        QVERIFY(colours.size() > 50); // a plain track has two or three
    }

    void damagedFramesAreMarked() {
        panels::SeekBar bar;
        bar.resize(1024, 44); // ten pixels a frame
        auto clip = std::make_shared<trace::ClipView>();
        clip->frameCount = 100;
        const auto reds = [&] {
            bar.setClip(clip);
            const QImage image = bar.grab().toImage();
            const scene::Color red = scene::lightTheme().error;
            QSet<int> columns;
            for (int x = 0; x < image.width(); ++x) {
                for (int y = 0; y < image.height(); ++y) {
                    if (image.pixelColor(x, y) == QColor(red.r, red.g, red.b)) {
                        columns.insert(x / 10 - 1);
                    }
                }
            }
            return columns;
        };
        QVERIFY(reds().isEmpty());
        clip->damaged =
            std::make_shared<std::vector<std::int64_t>>(std::vector<std::int64_t>{17, 63});
        const QSet<int> marked = reds();
        QVERIFY(marked.contains(17) && marked.contains(63));
        QCOMPARE(marked.size(), 2);
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
