// SPDX-License-Identifier: MIT
// The export dialog on a real clip and the real encoders, judged by ffprobe, ffmpeg and libpng:
// what stands in the files, what is asked, refused, stopped.
#include "tests/engine/media/clips.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/host/instrument_host.h"
#include "widgets/instruments/panels.h"
#include "widgets/lab/clip_export.h"
#include "widgets/lab/clip_player.h"
#include "widgets/lab/run_clips.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/export_dialog.h"
#include "widgets/panels/overlay_pictures.h"

#include <QComboBox>
#include <QDir>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTest>

using namespace depthscope;

namespace {

const QString kClip = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");

struct ExportFixture : test::LabFixture {
    ExportFixture() {
        player.open(kClip);
        settles();
        dialog.show();
        QObject::connect(&exports, &lab::ClipExport::saved,
                         [this](const QString& file, const QString&) { saved = file; });
        QObject::connect(&exports, &lab::ClipExport::failed,
                         [this](const QString& message, const QString& hint) {
                             failure = message + QLatin1Char('\n') + hint;
                         });
    }

    template <class Control>
    Control& field(const char* name) {
        return *dialog.findChild<Control*>(QString::fromLatin1(name));
    }

    void choose(const char* name, int index) {
        auto& box = field<QComboBox>(name);
        box.setCurrentIndex(index);
        Q_EMIT box.activated(index);
    }

    void chooseFormat(const QString& name) {
        const auto formats = lab::ClipExport::formats();
        for (std::size_t i = 0; i < formats.size(); ++i) {
            if (formats[i].name == name) {
                choose("export.format", static_cast<int>(i));
            }
        }
    }

    void setFile(const QString& file) {
        auto& line = field<QLineEdit>("export.file");
        line.setText(file);
        Q_EMIT line.editingFinished();
    }

    void press(const char* name) { field<QPushButton>(name).click(); }

    /// Marks frames of the clip and chooses them.
    void mark(qint64 first, qint64 last) {
        player.seek(first);
        player.markIn();
        settles(); // a state on its way would take the mark back
        player.seek(last);
        player.markOut();
        settles();
        choose("export.what", 1);
    }

    bool settles() const {
        return QTest::qWaitFor([this] { return lab.idle() && !lab.hasTasks(); }, 60'000);
    }

    /// Visible words below the fields.
    QString words() const {
        QStringList said;
        for (const QLabel* label : dialog.findChildren<QLabel*>()) {
            if (label->isVisible()) {
                said << label->text();
            }
        }
        return said.join(QLatin1Char('\n'));
    }

    QStringList left() const {
        return QDir(out.path()).entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::Hidden);
    }

    QTemporaryDir out;
    lab::LabController lab{backends(), lab::ModelCatalog({root.path()})};
    lab::ClipPlayer player{lab};
    lab::ClipExport exports{lab};
    panels::ExportDialog dialog{player, exports};
    QString saved;
    QString failure;
};

QJsonObject probed(const QString& file) {
    return QJsonDocument::fromJson(
               test::outputOf("ffprobe", {"-v", "quiet", "-count_frames", "-select_streams", "v:0",
                                          "-show_streams", "-show_format", "-of", "json", file}))
        .object();
}

QString tagOf(const QJsonObject& file, const QString& key) {
    const QJsonObject tags = file["format"]["tags"].toObject();
    const QString value = tags.value(key).toString();
    return value.isEmpty() ? tags.value(key.toUpper()).toString() : value;
}

} // namespace

class TestExportDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void marksInEveryFormat_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("codec");
        QTest::addColumn<QString>("ending");
        QTest::newRow("h264") << "h264"
                              << "h264"
                              << ".mp4";
        QTest::newRow("vp9") << "vp9"
                             << "vp9"
                             << ".webm";
        QTest::newRow("av1") << "av1"
                             << "av1"
                             << ".mp4";
        QTest::newRow("ffv1") << "ffv1"
                              << "ffv1"
                              << ".mkv";
        QTest::newRow("gif") << "gif"
                             << "gif"
                             << ".gif";
    }

    void marksInEveryFormat() {
        QFETCH(QString, format);
        QFETCH(QString, codec);
        QFETCH(QString, ending);
        for (const lab::ExportFormat& known : lab::ClipExport::formats()) {
            if (known.name == format && !known.reason.isEmpty()) {
                QSKIP(qPrintable(known.reason));
            }
        }
        ExportFixture f;
        f.mark(20, 25);
        f.chooseFormat(format);
        f.choose("export.scale", 2); // 50 %
        f.field<QLineEdit>("export.title").setText("half of it");
        // The name follows the format until it is chosen.
        QVERIFY(
            f.field<QLineEdit>("export.file").text().endsWith("counting-frames-20-25" + ending));
        f.setFile(f.out.filePath("part" + ending));
        const QString words = f.words();
        QVERIFY2(words.contains("160 x 90 pixels") && words.contains("6 frame") &&
                     words.contains("0.24 s"),
                 qPrintable(words));
        f.press("export.start");
        QVERIFY(f.settles());
        QVERIFY2(f.failure.isEmpty(), qPrintable(f.failure));
        QCOMPARE(f.saved, f.out.filePath("part" + ending));
        QVERIFY(!f.dialog.isVisible());
        const QJsonObject said = probed(f.saved);
        const QJsonObject stream = said["streams"][0].toObject();
        QCOMPARE(stream["codec_name"].toString(), codec);
        QCOMPARE(stream["width"].toInt(), 160);
        QCOMPARE(stream["height"].toInt(), 90);
        QCOMPARE(stream["nb_read_frames"].toString(), QString("6"));
        if (format == "gif") {
            return; // it keeps no texts
        }
        QCOMPARE(tagOf(said, "title"), QString("half of it"));
        const QJsonObject recipe =
            QJsonDocument::fromJson(tagOf(said, "comment").toUtf8()).object();
        QCOMPARE(recipe["source"].toString(), QString("counting.mp4"));
        QCOMPARE(recipe["frames"].toArray(), (QJsonArray{20, 25}));
        QCOMPARE(recipe["scale"].toDouble(), 0.5);
        QVERIFY(recipe.contains("version"));
    }

    void losslessIsTheSource() {
        ExportFixture f;
        f.chooseFormat("ffv1");
        f.setFile(f.out.filePath("all.mkv"));
        f.press("export.start");
        QVERIFY(f.settles());
        QVERIFY2(!f.saved.isEmpty(), qPrintable(f.failure));
        const auto wanted = test::Clips::frameMd5Of(kClip);
        QCOMPARE(wanted.size(), 200U);
        QCOMPARE(test::Clips::frameMd5Of(f.saved), wanted);
    }

    void thisFrameIsAPngWithItsRecipe() {
        ExportFixture f;
        f.player.seek(137);
        QVERIFY(f.settles());
        f.choose("export.what", 2);
        QVERIFY(!f.field<QComboBox>("export.format").isVisible());
        QVERIFY(f.field<QLineEdit>("export.file").text().endsWith("counting-frame-137.png"));
        f.setFile(f.out.filePath("frame.png"));
        f.press("export.start");
        QVERIFY(f.settles());
        QVERIFY2(!f.saved.isEmpty(), qPrintable(f.failure));
        const QImage image = QImage(f.saved).convertToFormat(QImage::Format_RGB888);
        const RgbPicture& shown = *f.player.clip()->picture;
        QCOMPARE(image.size(), QSize(shown.width, shown.height));
        for (int y = 0; y < shown.height; ++y) {
            QVERIFY(std::memcmp(image.constScanLine(y),
                                shown.bytes.data() + std::ptrdiff_t{y} * 3 * shown.width,
                                static_cast<std::size_t>(3 * shown.width)) == 0);
        }
        const QJsonObject recipe = QJsonDocument::fromJson(image.text("Comment").toUtf8()).object();
        QCOMPARE(recipe["source"].toString(), QString("counting.mp4"));
        QCOMPARE(recipe["frame"].toInt(), 137);
        QCOMPARE(static_cast<std::int64_t>(recipe["pts"].toDouble()), f.player.clip()->frame->pts);
        QCOMPARE(recipe["timecode"].toString(), QString("00:00:05:12"));
    }

    void imagesGoIntoAFolder() {
        ExportFixture f;
        f.mark(3, 5);
        f.chooseFormat("png");
        QVERIFY(f.field<QLineEdit>("export.file").text().endsWith("counting-frames-3-5"));
        f.setFile(f.out.filePath("images"));
        f.press("export.start");
        QVERIFY(f.settles());
        QCOMPARE(QDir(f.saved).entryList(QDir::Files).size(), 3);
        const auto all = test::Clips::frameMd5Of(
            kClip, "scale=in_color_matrix=bt709:in_range=tv:flags=bicubic+accurate_rnd+full_chroma_"
                   "int+full_chroma_inp+bitexact,format=rgb24");
        const auto ours = test::Clips::frameMd5Of(f.saved + "/frame-%06d.png", "format=rgb24");
        QCOMPARE(ours, std::vector<std::string>(all.begin() + 3, all.begin() + 6));
        // Images of two clips are never mixed.
        f.saved.clear();
        f.dialog.show();
        f.setFile(f.out.filePath("images"));
        f.press("export.start");
        QVERIFY(f.settles());
        QVERIFY(f.saved.isEmpty());
        QVERIFY2(f.failure.contains("already exist") && f.failure.contains("another folder"),
                 qPrintable(f.failure));
        QVERIFY(f.words().contains("already exist"));
    }

    void aFileThatExistsIsAskedFor() {
        ExportFixture f;
        f.mark(0, 1);
        f.chooseFormat("ffv1");
        QFile old(f.out.filePath("old.mkv"));
        QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
        old.close();
        f.setFile(old.fileName());
        auto& start = f.field<QPushButton>("export.start");
        QCOMPARE(start.text(), QString("Export"));
        start.click();
        QVERIFY(!f.exports.isRunning());
        QVERIFY(f.words().contains("old.mkv already exists"));
        QCOMPARE(start.text(), QString("Replace"));
        f.setFile(f.out.filePath("new.mkv")); // another name asks anew
        QCOMPARE(start.text(), QString("Export"));
        f.setFile(old.fileName());
        start.click();
        QCOMPARE(QFileInfo(old).size(), 3);
        start.click();
        QVERIFY(f.settles());
        QCOMPARE(probed(old.fileName())["streams"][0]["nb_read_frames"].toString(), QString("2"));
    }

    void theClipItselfIsNotReplaced() {
        ExportFixture f;
        f.chooseFormat("h264");
        QVERIFY(f.field<QLineEdit>("export.file").text().endsWith("counting-export.mp4"));
        f.setFile(kClip);
        QVERIFY(!f.field<QPushButton>("export.start").isEnabled());
        QVERIFY(f.words().contains("is the clip on screen"));
    }

    void aStopLeavesNothing() {
        ExportFixture f;
        f.chooseFormat("vp9");
        f.choose("export.scale", 6); // 400 %: long enough to stop it
        f.setFile(f.out.filePath("long.webm"));
        auto& stop = f.field<QPushButton>("export.stop");
        QVERIFY(!stop.isEnabled());
        f.press("export.start");
        QVERIFY(stop.isEnabled() && !f.field<QPushButton>("export.start").isEnabled());
        QVERIFY(f.lab.hasTasks());
        QVERIFY(QTest::qWaitFor(
            [&] { return !f.exports.isRunning() || f.exports.progress()->done > 0; }, 60'000));
        QVERIFY(f.words().contains(" of 200 frames"));
        stop.click();
        QVERIFY(f.settles());
        QVERIFY(f.saved.isEmpty() && f.failure.isEmpty());
        QVERIFY(f.words().contains("Stopped"));
        QCOMPARE(f.left(), QStringList());
    }

    void errorsNameFileAndRemedy() {
        ExportFixture f;
        f.mark(0, 1);
        f.chooseFormat("h264");
        f.setFile(f.out.filePath("none/a.mp4"));
        f.press("export.start");
        QVERIFY(f.settles());
        QVERIFY2(f.failure.contains("none/a.mp4"), qPrintable(f.failure));
        QVERIFY(f.words().contains("none/a.mp4"));
        QVERIFY(f.field<QPushButton>("export.start").isEnabled()); // another try
    }

    void oneOfTwoClipsIsChosen() {
        ExportFixture f;
        QVERIFY(!f.field<QComboBox>("export.clip").isVisible());
        test::Clips clips;
        QVERIFY(clips.make("other.mkv", "-frames:v 7 -c:v ffv1"));
        f.player.compareWith(clips.path("other.mkv"));
        QVERIFY(f.settles());
        auto& which = f.field<QComboBox>("export.clip");
        QVERIFY(which.isVisible());
        QCOMPARE(which.itemText(1), QString("B: other.mkv"));
        f.choose("export.clip", 1);
        f.chooseFormat("ffv1");
        f.setFile(f.out.filePath("b.mkv"));
        f.press("export.start");
        QVERIFY(f.settles());
        QCOMPARE(test::Clips::frameMd5Of(f.saved), clips.frameMd5("other.mkv"));
    }

    /// A clip that is in no file: its pictures, and what they were made of.
    void aModelsClipIsWrittenFromItsPictures() {
        ExportFixture f;
        const lab::RunClips runs(f.lab, f.player);
        f.lab.loadModel(f.folder("demo-more-dit"));
        QVERIFY(f.settles());
        QVERIFY(QTest::qWaitFor([&] { return f.player.clip()->run == trace::kMainRun; }, 60'000));
        f.choose("export.what", 0);
        f.chooseFormat("ffv1");
        QVERIFY(f.field<QLineEdit>("export.file").text().endsWith("prediction.mkv"));
        f.setFile(f.out.filePath("made.mkv"));
        f.press("export.start");
        QVERIFY(f.settles());
        QVERIFY2(!f.saved.isEmpty(), qPrintable(f.failure));
        const QJsonObject file = probed(f.saved);
        const QJsonObject stream = file["streams"][0].toObject();
        QCOMPARE(stream["nb_read_frames"].toString(), QString("4"));
        QCOMPARE(stream["width"].toInt(), 8);
        QCOMPARE(stream["r_frame_rate"].toString(), QString("8/1"));
        QVERIFY(tagOf(file, "comment").contains("demo-more-dit"));
    }

    /// As on screen over the pictures, alone with nothing behind it, or alone on black.
    void theOverlayIsWritten() {
        ExportFixture f;
        const auto instruments = depthscope::instruments::makeInstruments();
        const paint::qt::QtTextService text;
        const auto video = std::ranges::find_if(instruments, [](const auto& one) {
            return std::string_view(one->id()) == "panel.video";
        });
        host::InstrumentHost picture(**video, f.lab.store(), text);
        const scene::Theme theme =
            picture.viewport().theme != nullptr ? *picture.viewport().theme : scene::Theme();
        const panels::OverlayPictures overlay(f.lab.store(), picture);
        f.dialog.offerOverlay(overlay);
        QVERIFY(!f.field<QComboBox>("export.overlay").isVisible()); // a file has none
        const lab::RunClips runs(f.lab, f.player);
        f.lab.loadModel(f.folder("demo-more-dit"));
        QVERIFY(f.settles());
        QVERIFY(QTest::qWaitFor([&] { return f.player.clip()->run == trace::kMainRun; }, 60'000));
        QVERIFY(QTest::qWaitFor([&] { return f.field<QComboBox>("export.overlay").isVisible(); }));
        f.choose("export.what", 2); // this frame, as a PNG image
        const auto written = [&](int kind, const char* name) {
            f.choose("export.overlay", kind);
            f.setFile(f.out.filePath(name));
            f.press("export.start");
            return f.settles() ? QImage(f.out.filePath(name)) : QImage();
        };
        const QImage plain = written(0, "plain.png");
        QCOMPARE(plain.size(), QSize(8, 8));
        const QImage alone = written(2, "alone.png");
        QCOMPARE(alone.size(), QSize(256, 256));
        const double opacity = picture.viewState().overlayOpacity;
        const QPoint spots[] = {{8, 8}, {136, 8}, {8, 136}, {136, 136}}; // of depths 1, 2, 3, 1
        const int depths[] = {1, 2, 3, 1};
        const QImage over = written(1, "over.png");
        constexpr int kRounding = 2; // of premultiplied colours
        for (std::size_t i = 0; i < 4; ++i) {
            const QColor mark = alone.pixelColor(spots[i]);
            const scene::Color depth = scene::depthColor(theme, depths[i], 3);
            QVERIFY(std::abs(mark.alphaF() - opacity) < 0.01);
            QVERIFY(std::abs(mark.red() - depth.r) <= 2 * kRounding);
            QVERIFY(std::abs(mark.blue() - depth.b) <= 2 * kRounding);
            const double below = plain.pixelColor(spots[i] / 32).green();
            QVERIFY(std::abs(over.pixelColor(spots[i]).green() -
                             (below * (1 - opacity) + depth.g * opacity)) <= kRounding);
        }
        f.choose("export.what", 0);
        f.chooseFormat("h264");
        f.choose("export.overlay", 2);
        QVERIFY(f.words().contains("Black behind the overlay"));
        f.setFile(f.out.filePath("alone.mp4"));
        f.press("export.start");
        QVERIFY(f.settles());
        const QJsonObject file = probed(f.saved);
        QCOMPARE(file["streams"][0].toObject()["width"].toInt(), 256);
        QCOMPARE(file["streams"][0].toObject()["nb_read_frames"].toString(), QString("4"));
        QVERIFY(tagOf(file, "comment").contains("tint by depth, 35 %"));
    }

    void whatFfmpegLacksIsListedWithTheReason() {
        ExportFixture f;
        const auto formats = lab::ClipExport::formats();
        const auto* items =
            qobject_cast<QStandardItemModel*>(f.field<QComboBox>("export.format").model());
        QCOMPARE(items->rowCount(), static_cast<int>(formats.size()));
        for (int row = 0; row < items->rowCount(); ++row) {
            const QString& reason = formats[static_cast<std::size_t>(row)].reason;
            QCOMPARE(items->item(row)->isEnabled(), reason.isEmpty());
            QCOMPARE(items->item(row)->toolTip(), reason);
        }
    }
};

QTEST_MAIN(TestExportDialog)
#include "tst_export_dialog.moc"
