// SPDX-License-Identifier: MIT
#include "widgets/panels/presenter.h"

#include "widgets/panels/dock_board.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/panel_dock.h"

#include <QCoreApplication>
#include <QLayout>
#include <QMenuBar>
#include <QStatusBar>
#include <QTimer>
#include <QToolBar>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// A window of this size shows all of it at zoom 1.
constexpr double kWidth = 860;
constexpr double kHeight = 520;
constexpr double kMostZoom = 2.5;
/// In which a window manager has given the window its former size.
constexpr int kReturnMilliseconds = 2000;

} // namespace

Presenter::Presenter(MainWindow& window, DockBoard& docks)
    : QObject(&window)
    , m_window(window)
    , m_docks(docks) {
    m_window.installEventFilter(this);
}

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
    m_geometry = m_window.saveGeometry();
    m_state = m_window.windowState();
    m_size = m_window.size();
    m_returns = false;
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
    m_window.setWindowState(m_state | Qt::WindowFullScreen);
    fitZoom();
    m_docks.present(main, {QStringLiteral("panel.saved"), QStringLiteral("routing")});
}

void Presenter::fitZoom() {
    const double fitting = std::min(m_window.width() / kWidth, m_window.height() / kHeight);
    const double zoom = std::clamp(fitting, 1.0, kMostZoom);
    if (zoom != m_window.zoom()) {
        m_window.setZoom(zoom);
    }
}

/// A window manager changes the size of the window later than it is asked to.
bool Presenter::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && m_on) {
        fitZoom();
    } else if (event->type() == QEvent::Resize && m_returns && m_window.size() == m_size) {
        m_returns = false;
        m_window.restoreState(m_layout, kLayoutVersion);
    }
    return QObject::eventFilter(watched, event);
}

void Presenter::leave() {
    for (QWidget* bar : m_bars) {
        bar->show();
    }
    m_window.setZoom(m_zoom); // while nobody takes the screen for the size that is wanted
    m_window.setWindowState(m_state);
    // Docks are as small as they were once their contents ask for no more than then.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    m_window.layout()->activate();
    m_window.restoreState(m_layout, kLayoutVersion);
    m_docks.endPresenting();
    m_returns = m_window.size() != m_size;
    QTimer::singleShot(kReturnMilliseconds, this, [this] { m_returns = false; });
}

} // namespace depthscope::panels
