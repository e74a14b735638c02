// SPDX-License-Identifier: MIT
#include "widgets/panels/presenter.h"

#include "widgets/panels/dock_board.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/panel_dock.h"

#include <QCoreApplication>
#include <QLayout>
#include <QMenuBar>
#include <QStatusBar>
#include <QToolBar>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// A window of this size shows all of it at zoom 1.
constexpr double kWidth = 860;
constexpr double kHeight = 520;
constexpr double kMostZoom = 2.5;

} // namespace

Presenter::Presenter(MainWindow& window, DockBoard& docks)
    : QObject(&window)
    , m_window(window)
    , m_docks(docks) {}

void Presenter::setOn(bool on) {
    if (on == m_on) {
        return;
    }
    m_on = on;
    if (on) {
        enter();
    } else {
        leave();
    }
    Q_EMIT changed(on);
}

void Presenter::enter() {
    m_layout = m_window.saveState(kLayoutVersion);
    m_zoom = m_window.zoom();
    m_bars.clear();
    auto* tools = m_window.findChild<QToolBar*>(QStringLiteral("tools"));
    for (QWidget* bar : {static_cast<QWidget*>(m_window.menuBar()), static_cast<QWidget*>(tools),
                         static_cast<QWidget*>(m_window.statusBar())}) {
        if (bar && bar->isVisible()) {
            m_bars << bar;
            bar->hide();
        }
    }
    QStringList main{QStringLiteral("panel.text"), QStringLiteral("panel.depth")};
    const PanelDock* video = m_docks.find(QStringLiteral("video"));
    if (video && !video->isHidden()) {
        main.front() = QStringLiteral("video");
    }
    const double fitting = std::min(m_window.width() / kWidth, m_window.height() / kHeight);
    m_window.setZoom(std::clamp(fitting, 1.0, kMostZoom));
    m_docks.present(main, {QStringLiteral("panel.saved"), QStringLiteral("routing")});
}

void Presenter::leave() {
    for (QWidget* bar : m_bars) {
        bar->show();
    }
    m_window.setZoom(m_zoom);
    // Docks are as small as they were once their contents ask for no more than then.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    m_window.layout()->activate();
    m_window.restoreState(m_layout, kLayoutVersion);
    m_docks.endPresenting();
}

} // namespace depthscope::panels
