// SPDX-License-Identifier: MIT
#include "widgets/panels/pane_walk.h"

#include "widgets/panels/panel_dock.h"

#include <QApplication>
#include <QMainWindow>
#include <algorithm>
#include <tuple>

namespace depthscope::panels {

namespace {

bool takesFocus(const QWidget& widget) {
    return widget.isVisible() && widget.isEnabled() &&
           (widget.focusPolicy() & Qt::TabFocus) == Qt::TabFocus;
}

/// What had the focus in this dock, else the first that can have it; the buttons of the head are
/// not what it is about. Null: none.
QWidget* focusOf(const PanelDock& dock) {
    QWidget* content = dock.widget();
    QWidget* last = dock.focusWidget();
    if (last != nullptr && takesFocus(*last) && content->isAncestorOf(last)) {
        return last;
    }
    for (QWidget* at = content->nextInFocusChain(); at != content; at = at->nextInFocusChain()) {
        if (content->isAncestorOf(at) && takesFocus(*at)) {
            return at;
        }
    }
    return takesFocus(*content) ? content : nullptr;
}

} // namespace

PaneWalk::PaneWalk(QMainWindow& window)
    : QObject(&window)
    , m_window(window) {
    connect(qApp, &QApplication::focusChanged, this,
            [this](QWidget* /*before*/, QWidget* now) { mark(now); });
}

std::vector<PanelDock*> PaneWalk::panes() const {
    std::vector<PanelDock*> panes;
    for (PanelDock* dock :
         m_window.findChildren<PanelDock*>(QString(), Qt::FindDirectChildrenOnly)) {
        // Not a tab behind another one.
        if (dock->isVisible() && !dock->visibleRegion().isEmpty() && focusOf(*dock) != nullptr) {
            panes.push_back(dock);
        }
    }
    std::ranges::sort(panes, {}, [](const PanelDock* dock) {
        return std::tuple(dock->isFloating(), dock->x(), dock->y());
    });
    return panes;
}

void PaneWalk::walk(int by) {
    const std::vector<PanelDock*> all = panes();
    if (all.empty()) {
        return;
    }
    const auto count = static_cast<int>(all.size());
    const auto here = std::ranges::find(all, m_marked.data());
    const int at = here != all.end() ? static_cast<int>(here - all.begin()) : (by > 0 ? -1 : 0);
    const PanelDock& next = *all[static_cast<std::size_t>((at + by + count) % count)];
    QWidget* focus = focusOf(next);
    focus->window()->activateWindow(); // of one that floats
    focus->setFocus(Qt::ShortcutFocusReason);
    mark(focus); // also where the window is not the active one
}

void PaneWalk::mark(QWidget* focus) {
    PanelDock* dock = nullptr;
    for (QWidget* at = focus; at != nullptr && dock == nullptr; at = at->parentWidget()) {
        dock = qobject_cast<PanelDock*>(at);
    }
    // A dialog, a menu or another program has it for now: walking goes on from here.
    if (focus == nullptr || (dock == nullptr && focus->window() != &m_window)) {
        return;
    }
    if (m_marked && m_marked != dock) {
        m_marked->setMarked(false);
    }
    m_marked = dock;
    if (dock != nullptr) {
        dock->setMarked(true);
    }
}

} // namespace depthscope::panels
