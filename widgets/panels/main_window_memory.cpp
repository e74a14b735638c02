// SPDX-License-Identifier: MIT
// What the lab window keeps from one start to the next as the user's settings: theme, zoom, layout,
// recent models; and how it closes. What it comes back with is a session (session_memory.h).
#include "widgets/panels/closing_question.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/model_picker.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/presenter.h"
#include "widgets/panels/training_offer.h"

#include <QCloseEvent>
#include <QSettings>
#include <QToolBar>
#include <algorithm>

namespace depthscope::panels {

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
    // Of a file: it is not open yet. A model's stays.
    if (m_video && !m_docks->needed().contains(QStringLiteral("video"))) {
        m_docks->find(QStringLiteral("video"))->hide();
        m_madeRoom = settings.value(QStringLiteral("window/stood-back")).toStringList();
        giveRoomBack();
    }
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
    m_bannerBar->setVisible(shown); // messages and offers are not part of a layout
    m_offer->setVisible(m_offer->request().has_value());
    return restored;
}

void MainWindow::keepLayout() {
    if (!m_options.remembers) {
        return;
    }
    const bool presents = m_presenter->isOn();
    const QByteArray state = presents ? m_presenter->layoutBefore() : layoutState();
    const QByteArray geometry = presents ? m_presenter->geometryBefore() : saveGeometry();
    const double zoom = presents ? m_presenter->zoomBefore() : m_zoom;
    const QVariantMap now{{QStringLiteral("models/recent"), m_models->recent()},
                          {QStringLiteral("window/needed"), m_docks->needed()},
                          {QStringLiteral("window/stood-back"), m_madeRoom},
                          {QStringLiteral("window/proportions"), m_docks->proportions()},
                          {QStringLiteral("view/theme"), static_cast<int>(m_options.theme)},
                          {QStringLiteral("view/zoom"), zoom},
                          {QStringLiteral("window/geometry"), geometry},
                          {QStringLiteral("window/state"), state}};
    if (now == m_kept) {
        return; // no file is written
    }
    m_kept = now;
    QSettings settings;
    for (auto it = now.begin(); it != now.end(); ++it) {
        settings.setValue(it.key(), it.value());
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_closing->mayClose()) {
        event->ignore();
        return;
    }
    keepLayout();
    event->accept();
}

} // namespace depthscope::panels
