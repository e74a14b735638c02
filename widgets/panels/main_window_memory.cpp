// SPDX-License-Identifier: MIT
// What the lab window keeps from one start to the next: theme, zoom, layout, recent files;
// and what it asks before it closes.
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/window_task.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/model_picker.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/presenter.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"

#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QToolBar>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// Raised when docks come or go: an older state is not restored.
constexpr int kLayoutVersion = 4;

} // namespace

void MainWindow::readSettings() {
    if (!m_options.remembers) {
        return;
    }
    const QSettings settings;
    if (m_options.theme == ThemeChoice::System) {
        const int theme = settings.value(QStringLiteral("view/theme"), 0).toInt();
        m_options.theme = static_cast<ThemeChoice>(std::clamp(theme, 0, 2));
    }
    m_zoom = std::clamp(settings.value(QStringLiteral("view/zoom"), 1.0).toDouble(), 0.7, 2.5);
}

bool MainWindow::isFirstStart() const {
    return m_options.remembers && !QSettings().contains(QStringLiteral("window/state"));
}

void MainWindow::restoreLayout() {
    if (!m_options.remembers) {
        return;
    }
    const QSettings settings;
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    if (!restoreLayoutState(settings.value(QStringLiteral("window/state")).toByteArray(),
                            settings.value(QStringLiteral("window/needed")).toStringList())) {
        resetLayout();
    }
    m_docks->setProportions(settings.value(QStringLiteral("window/proportions")).toMap());
    m_bannerBar->hide();
}

QByteArray MainWindow::layoutState() const {
    return saveState(kLayoutVersion);
}

bool MainWindow::restoreLayoutState(const QByteArray& state, const QStringList& needed) {
    const bool shown = m_bannerBar->isVisible();
    const bool restored = restoreState(state, kLayoutVersion);
    if (restored) {
        m_docks->setNeeded(needed);
        m_docks->adopt();
    }
    m_bannerBar->setVisible(shown); // a message is not part of a layout
    return restored;
}

void MainWindow::saveLayout() {
    m_presenter->setOn(false);
    if (!m_options.remembers) {
        return;
    }
    if (m_video) {
        m_docks->find(QStringLiteral("video"))->hide(); // the next start has no clip
    }
    QSettings settings;
    settings.setValue(QStringLiteral("videos/recent"), m_recentVideos);
    settings.setValue(QStringLiteral("models/recent"), m_models->recent());
    settings.setValue(QStringLiteral("window/needed"), m_docks->needed());
    settings.setValue(QStringLiteral("window/proportions"), m_docks->proportions());
    settings.setValue(QStringLiteral("view/theme"), static_cast<int>(m_options.theme));
    settings.setValue(QStringLiteral("view/zoom"), m_zoom);
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/state"), layoutState());
}

bool MainWindow::asksBeforeClosing() {
    QStringList work;
    const auto tasks = m_lab.findChildren<lab::WindowTask*>(QString(), Qt::FindDirectChildrenOnly);
    for (const lab::WindowTask* task : tasks) {
        if (task->isRunning()) {
            work << task->title();
        }
    }
    if (m_train->controller().isBusy()) {
        work << tr("Training; its folder keeps the last checkpoint, which Start continues");
    }
    if (work.isEmpty() || m_closesAnyway) {
        return false;
    }
    auto* box =
        new QMessageBox(QMessageBox::NoIcon, tr("Work is not finished"),
                        tr("Closing the window stops this work:"), QMessageBox::NoButton, this);
    box->setObjectName(QStringLiteral("closing"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(work.join(QStringLiteral("\n")));
    auto* stays = box->addButton(tr("Keep working"), QMessageBox::RejectRole);
    auto* closes = box->addButton(tr("Stop and close"), QMessageBox::DestructiveRole);
    box->setDefaultButton(stays);
    box->setEscapeButton(stays);
    connect(closes, &QPushButton::clicked, this, [this] {
        m_closesAnyway = true;
        close();
    });
    box->open();
    return true;
}

} // namespace depthscope::panels
