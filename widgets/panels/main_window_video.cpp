// SPDX-License-Identifier: MIT
// The video of the lab window: its dock, menus and keys, and which docks make room for it.
#include "widgets/lab/clip_player.h"
#include "widgets/lab/examples.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/clip_commands.h"
#include "widgets/panels/file_commands.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/recent_files.h"
#include "widgets/panels/reference_chooser.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/video_files.h"
#include "widgets/panels/video_panel.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMenu>
#include <QStandardPaths>
#include <QUrl>

namespace depthscope::panels {

namespace {

/// What the picture of a file takes the place of; memory, transport and the right column stay.
constexpr const char* kStandBack[] = {"panel.text", "panel.depth"};
constexpr instruments::Height kVideoHeight{.share = 70, .least = 300};

} // namespace

void MainWindow::buildVideoDock() {
    if (!lab::ClipPlayer::isAvailable()) {
        return;
    }
    InstrumentPanel& picture = *m_board->find(QStringLiteral("panel.video"));
    m_video = new VideoPanel(m_lab, picture, this);
    m_clips = new ClipCommands(m_lab, m_video->player(), picture.host(), this);
    if (m_options.remembers) {
        m_video->remember();
        const QString cache =
            QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation);
        const QString indexes = cache + QStringLiteral("/depthscope/indexes");
        m_video->player().keepIndexesIn(indexes);
        m_clips->remember(cache + QStringLiteral("/depthscope/clips"), indexes);
    }
    const auto isVideo = [](const spec::ModelInfo& model) { return model.clip.has_value(); };
    PanelDock& dock = m_docks->add({QStringLiteral("video"), tr("Video"), m_video,
                                    instruments::Column::Center, kVideoHeight, isVideo});
    addHeadButtons(dock, picture);
    connect(dock.toggleViewAction(), &QAction::toggled, this, &MainWindow::swapVideo);
    connect(m_video, &VideoPanel::compareRequested, this, &MainWindow::askForComparison);
    connect(m_video, &VideoPanel::exportRequested, m_clips, &ClipCommands::showExport);
    connect(m_clips, &ClipCommands::made, this, [this](const QString& file) { openVideo(file); });
    // One meaning at a time: the frames of a clip on screen go before the steps of a run.
    connect(m_video, &VideoPanel::activeChanged, this, [this](bool active) {
        for (const auto& [name, key] : {std::pair("step.prev", active ? "<" : ","),
                                        std::pair("step.next", active ? ">" : ".")}) {
            if (auto* step = findChild<QAction*>(QString::fromLatin1(name))) {
                step->setShortcut(QKeySequence(QString::fromLatin1(key)));
            }
        }
    });
}

/// Docks that a model needs; nothing stands back for the pictures that a video model makes itself.
void MainWindow::followModel() {
    const auto model = m_lab.model();
    m_docks->showFor(model.get());
    if (model && model->clip) {
        giveRoomBack();
    }
}

void MainWindow::giveRoomBack() {
    const QStringList needed = m_docks->needed();
    for (const QString& id : m_madeRoom) {
        PanelDock* dock = m_docks->find(id);
        if (dock && needed.contains(id)) {
            dock->show();
        }
    }
    m_madeRoom.clear();
}

/// Video mode: the picture stands where text and depth stood.
void MainWindow::swapVideo(bool shown) {
    if (!shown) {
        giveRoomBack();
    }
    const bool makesRoom = shown && !(m_lab.model() && m_lab.model()->clip);
    for (const char* id : kStandBack) {
        PanelDock* dock = m_docks->find(QString::fromLatin1(id));
        if (makesRoom && dock && !dock->isHidden() && !dock->isFloating()) {
            dock->hide();
            m_madeRoom << QString::fromLatin1(id);
        }
    }
}

void MainWindow::openVideo(const QString& path, std::optional<qint64> frame) {
    if (!m_video) {
        return;
    }
    const QString file = QFileInfo(path).absoluteFilePath();
    PanelDock* dock = m_docks->find(QStringLiteral("video"));
    dock->show();
    dock->raise();
    m_video->player().open(file, frame);
    m_recentVideos->add(file);
}

bool MainWindow::compareVideo(const QString& path) {
    const QString model = m_lab.catalog().find(path);
    if (!model.isEmpty()) {
        return findChild<ReferenceChooser*>()->choose(model);
    }
    if (!m_video || !m_video->player().hasFrames()) {
        openVideo(path);
        return true;
    }
    const QString file = QFileInfo(path).absoluteFilePath();
    m_video->player().compareWith(file);
    m_recentVideos->add(file);
    return true;
}

void MainWindow::tellSaved(const QString& file, const QString& facts) {
    const QFileInfo saved(file);
    m_toast->showMessage(tr("Saved %1: %2.").arg(saved.fileName(), facts), tr("Show in folder"),
                         [folder = saved.absolutePath()] {
                             QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
                         });
}

void MainWindow::askForComparison() {
    const QString file = askForFile(
        *this, {QStringLiteral("video"), tr("Compare with another video"), videoFilter()});
    if (!file.isEmpty()) {
        compareVideo(file);
    }
}

void MainWindow::buildVideoFileMenu(QMenu& menu) {
    QAction* open = action("file.open-video", tr("Open &video…"), QKeySequence(tr("Ctrl+Shift+V")));
    connect(open, &QAction::triggered, this, [this] {
        const QString file =
            askForFile(*this, {QStringLiteral("video"), tr("Open video"), videoFilter()});
        if (!file.isEmpty()) {
            openVideo(file);
        }
    });
    QAction* made =
        action("file.new-clip", tr("New &procedural clip…"), QKeySequence(tr("Ctrl+Shift+N")));
    connect(made, &QAction::triggered, m_clips, &ClipCommands::askNewClip);
    QAction* bundled = action("file.open-bundled-clip", tr("Open the &bundled clip"));
    connect(bundled, &QAction::triggered, this, [this] {
        const QString clip = m_lab.catalog().bundledClip();
        if (clip.isEmpty()) {
            m_toast->showMessage(tr("The clip is not installed with this program."));
        } else {
            openVideo(clip);
        }
    });
    QAction* predicted = action("file.open-bundled-prediction", tr("Open the bundled p&rediction"));
    connect(predicted, &QAction::triggered, this, &MainWindow::openBundledPrediction);
    menu.addAction(open);
    QMenu* recent = menu.addMenu(tr("Recent vi&deos"));
    recent->setObjectName(QStringLiteral("file.recent-videos"));
    m_recentVideos = new RecentFiles(
        *recent, m_options.remembers ? QStringLiteral("videos/recent") : QString(), this);
    connect(m_recentVideos, &RecentFiles::chosen, this,
            [this](const QString& path) { openVideo(path); });
    connect(m_recentVideos, &RecentFiles::missing, m_files, &FileCommands::sayMissing);
    menu.addAction(bundled);
    menu.addAction(predicted);
    menu.addAction(made);
    menu.addAction(&m_video->exporting());
}

void MainWindow::openBundledPrediction() {
    for (const lab::Example& example : lab::examples(m_lab.catalog())) {
        if (example.id == QLatin1String("clip") && !example.modelFolder.isEmpty()) {
            m_lab.openDemo(example.recording, example.modelFolder);
            return;
        }
    }
    m_toast->showMessage(tr("The prediction is not installed with this program."));
}

void MainWindow::buildVideoMenu(QMenu& menu) {
    for (QAction* command : m_video->commands()) {
        if (command) {
            addAction(command); // its key works wherever the focus is
            menu.addAction(command);
        } else {
            menu.addSeparator();
        }
    }
}

/// Space presses the button that has the focus: without it, keys could not press it at all.
bool MainWindow::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        auto* key = static_cast<QKeyEvent*>(event);
        QWidget* focus = QApplication::focusWidget();
        const bool isPressed = qobject_cast<QAbstractButton*>(focus) != nullptr ||
                               qobject_cast<QComboBox*>(focus) != nullptr;
        if (key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier && isPressed) {
            event->accept();
            return true;
        }
    }
    return QMainWindow::event(event);
}

} // namespace depthscope::panels
