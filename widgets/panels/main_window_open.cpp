// SPDX-License-Identifier: MIT
// The window's part that opens what is dropped on it or named: models, texts, recordings, videos,
// exported figures.
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/file_commands.h"
#include "widgets/panels/file_content.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/model_picker.h"
#include "widgets/panels/video_files.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>

namespace depthscope::panels {

namespace {

/// A model is opened by its folder, and by the weights in it.
void openWeights(MainWindow& window, const QString& path) {
    if (const std::optional<Refusal> refusal = refusalAsWeights(path)) {
        Q_EMIT window.lab().errorRaised(refusal->title, refusal->message, refusal->hint);
    } else {
        window.openModel(QFileInfo(path).absolutePath());
    }
}

} // namespace

void MainWindow::openPath(const QString& path) {
    const QFileInfo info(path);
    if (openFigure(path)) {
        return;
    }
    if (!info.isDir() && isWeightFile(path)) {
        openWeights(*this, path);
    } else if (m_video && isVideo(path)) {
        openVideo(path);
    } else if (info.isDir()) {
        openModel(path);
    } else if (info.suffix() == QLatin1String("depthscope")) {
        m_files->openRecording(path);
    } else {
        m_files->openText(path);
    }
}

bool MainWindow::openModel(const QString& nameOrFolder) {
    return m_models->open(nameOrFolder);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) {
            const QString path = url.toLocalFile();
            const bool isModel = !m_lab.catalog().find(path).isEmpty();
            if (event->modifiers().testFlag(Qt::ShiftModifier) && (isModel || isVideo(path))) {
                compareVideo(path);
            } else {
                openPath(path);
            }
            event->acceptProposedAction();
            return;
        }
    }
}

} // namespace depthscope::panels
