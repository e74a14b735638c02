// SPDX-License-Identifier: MIT
// The ways into a video in the whole window: dropped, with Shift as the second one, chosen in the
// file dialog, opened again from the menu; and TRANSPORT, which moves its frames.
#include "tests/widgets/instruments/panel_test.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/clip_player.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/export_dialog.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/video_panel.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSpinBox>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QUrl>
#include <algorithm>
#include <utility>

using namespace depthscope;

namespace {

const QString kClip = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");

struct WindowFixture : test::LabFixture {
    WindowFixture() {
        window.resize(1280, 800);
        window.resetLayout();
        window.show();
    }

    [[nodiscard]] lab::ClipPlayer& player() {
        return window.findChild<panels::VideoPanel*>()->player();
    }

    [[nodiscard]] bool settles() {
        return QTest::qWaitFor([this] { return lab.idle(); }, 30'000);
    }

    void drop(const QString& path, Qt::KeyboardModifiers modifiers = {}) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, modifiers);
        QCoreApplication::sendEvent(&window, &enter);
        QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, modifiers);
        QCoreApplication::sendEvent(&window, &event);
    }

    paint::qt::QtTextService text;
    panels::MainWindow window{lab, text, {false, panels::ThemeChoice::Light, false}};
};

} // namespace

class TestVideoWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void aDroppedVideoOpens() {
        WindowFixture f;
        f.drop(kClip);
        QVERIFY(f.settles());
        QVERIFY(f.player().hasFrames());
        QVERIFY(!f.player().clip()->other);
        f.drop(kClip, Qt::ShiftModifier);
        QVERIFY(f.settles());
        QVERIFY(f.player().clip()->other);
        QCOMPARE(f.player().clip()->other->frameCount, 200);
    }

    void withShiftAndNoFirstItIsTheFirst() {
        WindowFixture f;
        f.drop(kClip, Qt::ShiftModifier);
        QVERIFY(f.settles());
        QVERIFY(f.player().hasFrames() && !f.player().clip()->other);
    }

    void recentVideosOpenAgain() {
        WindowFixture f;
        f.window.openVideo(kClip);
        QVERIFY(f.settles());
        f.window.openVideo(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/README.md")); // none
        QVERIFY(f.settles());
        QVERIFY(!f.player().hasFrames());
        QAction* recent = nullptr;
        for (QMenu* menu : f.window.findChildren<QMenu*>()) {
            for (QAction* action : menu->actions()) {
                recent = action->toolTip() == kClip && action->text() == "counting.mp4" ? action
                                                                                        : recent;
            }
        }
        QVERIFY(recent);
        recent->trigger();
        QVERIFY(QTest::qWaitFor([&] { return f.player().hasFrames(); }, 30'000));
        QVERIFY(f.settles());
        QCOMPARE(f.player().clip()->frameCount, 200);
    }

    /// From the menu to a notice with a way to the file.
    void anExportEndsWithANotice() {
        WindowFixture f;
        auto* action = f.window.findChild<QAction*>("file.export-video");
        QVERIFY(!action->isEnabled());
        f.window.openVideo(kClip);
        QVERIFY(f.settles());
        action->trigger();
        auto* dialog = f.window.findChild<panels::ExportDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        const QTemporaryDir folder;
        auto* what = dialog->findChild<QComboBox*>("export.what");
        what->setCurrentIndex(2);
        Q_EMIT what->activated(2);
        auto* file = dialog->findChild<QLineEdit*>("export.file");
        file->setText(folder.filePath("one.png"));
        Q_EMIT file->editingFinished();
        dialog->findChild<QPushButton*>("export.start")->click();
        QVERIFY(QTest::qWaitFor([&] { return !f.lab.hasTasks(); }, 30'000));
        QVERIFY(QFileInfo(folder.filePath("one.png")).size() > 0);
        auto* toast = f.window.findChild<panels::Toast*>();
        QVERIFY2(toast->text().startsWith("Saved one.png"), qPrintable(toast->text()));
        QCOMPARE(toast->findChild<QPushButton*>()->text(), QString("Show in folder"));
    }

    /// The status bar follows it behind its dialog, and closing the window asks first.
    void closingAsksWhileAnExportRuns() {
        WindowFixture f;
        f.window.openVideo(kClip);
        QVERIFY(f.settles());
        f.window.findChild<QAction*>("file.export-video")->trigger();
        auto* dialog = f.window.findChild<panels::ExportDialog*>();
        const auto formats = lab::ClipExport::formats();
        const auto vp9 =
            std::find_if(formats.begin(), formats.end(),
                         [](const lab::ExportFormat& each) { return each.name == "vp9"; });
        const auto row = static_cast<int>(vp9 - formats.begin());
        for (const auto& [name, index] : {std::pair("export.format", row), {"export.scale", 6}}) {
            auto* field = dialog->findChild<QComboBox*>(name);
            field->setCurrentIndex(index); // 400 %: long enough to stop it
            Q_EMIT field->activated(index);
        }
        const QTemporaryDir folder;
        auto* file = dialog->findChild<QLineEdit*>("export.file");
        file->setText(folder.filePath("long.webm"));
        Q_EMIT file->editingFinished();
        dialog->findChild<QPushButton*>("export.start")->click();
        dialog->hide();
        QVERIFY(f.lab.hasTasks());
        const auto says = [&](const QString& words) {
            const auto labels = f.window.statusBar()->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(),
                               [&](const QLabel* label) { return label->text().contains(words); });
        };
        QVERIFY(QTest::qWaitFor([&] { return says("Exporting long.webm, "); }, 30'000));
        const auto answer = [&](const QString& button) {
            QVERIFY(!f.window.close());
            auto* box = f.window.findChild<QMessageBox*>("closing");
            QVERIFY(box && box->informativeText().endsWith("\nExporting long.webm"));
            for (QAbstractButton* each : box->buttons()) {
                if (each->text() == button) {
                    each->click();
                }
            }
        };
        answer("Keep working");
        QVERIFY(f.window.isVisible() && f.lab.hasTasks());
        QTRY_VERIFY(!f.window.findChild<QMessageBox*>("closing"));
        answer("Stop and close");
        QTRY_VERIFY(!f.window.isVisible());
    }

    void aNewClipOpens() {
        WindowFixture f;
        f.window.findChild<QAction*>("file.new-clip")->trigger();
        auto* make = f.window.findChild<QPushButton*>("new-clip.make");
        QVERIFY(make);
        f.window.findChild<QSpinBox*>("new-clip.frames")->setValue(9);
        make->click();
        QVERIFY(QTest::qWaitFor([&] { return f.player().hasFrames(); }, 30'000));
        QVERIFY(f.settles());
        QCOMPARE(f.player().clip()->frameCount, 9);
        QCOMPARE(f.player().clip()->codec, std::string("ffv1"));
    }

    void theFileDialogOpens_data() {
        QTest::addColumn<QString>("action");
        QTest::addColumn<bool>("isSecond");
        QTest::newRow("open") << "file.open-video" << false;
        QTest::newRow("compare") << "clip.compare" << true;
    }

    void theFileDialogOpens() {
        QFETCH(QString, action);
        QFETCH(bool, isSecond);
        WindowFixture f;
        if (isSecond) {
            f.window.openVideo(kClip);
            QVERIFY(f.settles());
        }
        int answered = 0;
        QTimer answer;
        connect(&answer, &QTimer::timeout, this, [&] {
            if (auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget())) {
                answer.stop();
                ++answered;
                dialog->setDirectory(QFileInfo(kClip).path());
                dialog->selectFile(kClip);
                QMetaObject::invokeMethod(dialog, "accept");
            }
        });
        answer.start(20);
        f.window.findChild<QAction*>(action)->trigger();
        answer.stop();
        QCOMPARE(answered, 1);
        QVERIFY(f.settles());
        QVERIFY(f.player().hasFrames());
        QCOMPARE(f.player().clip()->other != nullptr, isSecond);
    }

    void transportMovesFrames() {
        WindowFixture f;
        f.window.openVideo(kClip);
        QVERIFY(f.settles());
        host::InstrumentHost& transport = f.window.panel("panel.transport")->host();
        QTest::mouseClick(&transport, Qt::LeftButton, {}, QPoint(transport.width() / 2, 14));
        QVERIFY(f.settles());
        const std::int64_t shown = f.player().clip()->frame->number;
        QVERIFY2(std::abs(shown - 100) <= 2, qPrintable(QString::number(shown)));
        QVERIFY(tests::says(transport.scene(), "frame " + std::to_string(shown)));
        QVERIFY(transport.accessibleDescription().contains(QString::number(shown)));
    }
};

QTEST_MAIN(TestVideoWindow)
#include "tst_video_window.moc"
