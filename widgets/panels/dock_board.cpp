// SPDX-License-Identifier: MIT
#include "widgets/panels/dock_board.h"

#include "widgets/panels/panel_dock.h"

#include <QAction>
#include <QMainWindow>
#include <QMouseEvent>
#include <QTabBar>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace depthscope::panels {

using instruments::Height;

namespace {

/// Menu, toolbar and status bar together.
constexpr int kBars = 92;
/// The columns at the sides grow with the text, but leave the middle its room.
constexpr double kMostSideZoom = 1.3;

/// One is cut rather than all: the last whose need is known, to half of that.
void shorten(std::vector<int>& heights, std::span<const int> needs, int by) {
    for (std::size_t i = heights.size(); i-- > 0;) {
        if (needs[i] > 0) {
            heights[i] = std::max(std::min(heights[i], needs[i] / 2), heights[i] - by);
            return;
        }
    }
}

bool isNeeded(const DockSpec& spec, const spec::ModelInfo* model) {
    return spec.isFor == nullptr || spec.isFor(model != nullptr ? *model : spec::ModelInfo{});
}

} // namespace

std::vector<int> columnHeights(int total, std::span<const Height> heights, double zoom) {
    constexpr int kMostLeast = 60; // percent of the column, so that large text leaves room for all
    const auto zoomed = [zoom](int height) { return static_cast<int>(std::lround(height * zoom)); };
    std::vector<int> pixels(heights.size(), 0);
    int rest = total;
    int shares = 0;
    for (std::size_t i = 0; i < heights.size(); ++i) {
        if (heights[i].fixed > 0) {
            pixels[i] = std::min(zoomed(heights[i].fixed), total * heights[i].mostShare / 100);
            rest -= pixels[i];
        } else {
            shares += heights[i].share;
        }
    }
    const int shared = rest;
    const int allShares = shares;
    for (std::size_t i = 0; i < heights.size(); ++i) {
        if (heights[i].fixed == 0 && heights[i].least > 0) {
            const int least = std::min(zoomed(heights[i].least), total * kMostLeast / 100);
            pixels[i] = std::max(least, shared * heights[i].share / std::max(allShares, 1));
            rest -= pixels[i];
            shares -= heights[i].share;
        }
    }
    for (std::size_t i = 0; i < heights.size(); ++i) {
        if (heights[i].fixed == 0 && heights[i].least == 0) {
            pixels[i] = rest * heights[i].share / std::max(shares, 1);
        }
    }
    return pixels;
}

void giveWay(std::vector<int>& heights, std::span<const int> needs, int total) {
    std::vector<int> spare(heights.size(), 0);
    std::vector<int> lack(heights.size(), 0);
    for (std::size_t i = 0; i < heights.size(); ++i) {
        if (needs[i] > 0) {
            spare[i] = std::max(0, heights[i] - needs[i]);
            lack[i] = std::max(0, needs[i] - heights[i]);
        }
    }
    const auto sum = [](const std::vector<int>& all) {
        return std::accumulate(all.begin(), all.end(), 0);
    };
    const int spared = sum(spare);
    const int excess = std::max(0, sum(heights) - total);
    const int taken = std::min(spared, excess + sum(lack));
    for (std::size_t i = 0; i < heights.size(); ++i) {
        heights[i] -= spared > 0 ? taken * spare[i] / spared : 0;
    }
    int left = taken - excess;
    if (left < 0) {
        shorten(heights, needs, -left);
        return;
    }
    // So that few are cut.
    std::vector<std::size_t> order(heights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return lack[i]; });
    for (const std::size_t i : order) {
        const int given = std::min(lack[i], left);
        heights[i] += given;
        left -= given;
    }
}

DockBoard::DockBoard(QMainWindow& window)
    : QObject(&window)
    , m_window(window) {
    m_window.setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    m_window.installEventFilter(this);
}

PanelDock& DockBoard::add(DockSpec spec) {
    auto* dock = new PanelDock(spec.id, spec.title, &m_window);
    dock->setWidget(spec.content);
    // The plan finds room for what docks hold; else large text would hold the window open, and the
    // plan would be of a larger one.
    spec.content->setMinimumSize(1, 1);
    m_docks.push_back({std::move(spec), dock, true});
    watch(*dock);
    return *dock;
}

void DockBoard::watch(PanelDock& dock) {
    connect(dock.toggleViewAction(), &QAction::toggled, this, [this, &dock](bool shown) {
        if (!m_arranging && !m_presenting) {
            m_opened = shown && m_window.isVisible() ? &dock : nullptr;
            later();
        }
    });
    // Only a user makes docks float, and puts them where they like them.
    connect(&dock, &QDockWidget::topLevelChanged, this, [this] {
        if (!m_arranging && m_window.isVisible()) {
            m_isOwn = true;
            later();
        }
    });
}

std::vector<PanelDock*> DockBoard::docks() const {
    std::vector<PanelDock*> all;
    for (const Placed& placed : m_docks) {
        all.push_back(placed.dock);
    }
    return all;
}

void DockBoard::setTheme(const scene::Theme& theme) {
    for (const Placed& placed : m_docks) {
        placed.dock->setTheme(theme);
    }
    constexpr Qt::WindowStates kSizedByOthers = Qt::WindowMaximized | Qt::WindowFullScreen;
    if (!m_wanted.isValid() && m_window.isVisible() && !(m_window.windowState() & kSizedByOthers)) {
        m_wanted = m_window.size();
    }
    m_zoom = double{theme.zoom};
    if (m_window.isVisible()) {
        later(); // when the widgets have taken the font
    }
}

bool DockBoard::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Show) {
        m_fitted = {};
        later();
    } else if (event->type() == QEvent::Resize ||
               (event->type() == QEvent::LayoutRequest && !m_presenting)) {
        later(); // a form may have more lines
    } else if (event->type() == QEvent::MouseButtonPress) {
        m_dragging = m_window.isSeparator(static_cast<QMouseEvent*>(event)->position().toPoint());
    } else if (event->type() == QEvent::MouseButtonRelease && m_dragging) {
        m_dragging = false;
        QMetaObject::invokeMethod(this, &DockBoard::readSizes, Qt::QueuedConnection);
    } else if (event->type() == QEvent::ChildPolished) {
        // Docks that are tabs: their names are read in full and scrolled, not cut to nothing.
        if (auto* tabs = qobject_cast<QTabBar*>(static_cast<QChildEvent*>(event)->child())) {
            tabs->setElideMode(Qt::ElideNone);
            tabs->setUsesScrollButtons(true);
        }
    }
    return QObject::eventFilter(watched, event);
}

void DockBoard::later() {
    if (!std::exchange(m_comes, true)) {
        QTimer::singleShot(1, this, &DockBoard::fit); // after all that layouts have posted
    }
}

/// For the docks of a column.
int DockBoard::room(int height) const {
    return height - static_cast<int>(std::lround(kBars * m_zoom));
}

double DockBoard::sideZoom() const {
    return std::min(m_zoom, kMostSideZoom);
}

PanelDock* DockBoard::find(const QString& id) const {
    const auto found =
        std::ranges::find_if(m_docks, [&](const Placed& placed) { return placed.spec.id == id; });
    return found == m_docks.end() ? nullptr : found->dock;
}

void DockBoard::reset(const spec::ModelInfo* model) {
    m_arranging = true;
    for (Placed& placed : m_docks) {
        placed.dock->setFloating(false);
        m_window.removeDockWidget(placed.dock);
        placed.needed = isNeeded(placed.spec, model);
    }
    m_parts.clear();
    m_left = m_right = 0;
    m_isOwn = false;
    m_ownLayout.clear();
    m_plan.clear();
    m_fitted = {};
    for (const Placed& placed : m_docks) {
        placed.dock->setVisible(placed.spec.shown && placed.needed);
    }
    m_arranging = false;
    fit();
}

void DockBoard::showFor(const spec::ModelInfo* model) {
    for (Placed& placed : m_docks) {
        const bool needed = isNeeded(placed.spec, model);
        if (placed.needed != needed) {
            placed.needed = needed;
            placed.dock->setVisible(needed && !m_presenting);
        }
    }
}

QStringList DockBoard::needed() const {
    QStringList ids;
    for (const Placed& placed : m_docks) {
        if (placed.needed) {
            ids << placed.spec.id;
        }
    }
    return ids;
}

void DockBoard::setNeeded(const QStringList& ids) {
    for (Placed& placed : m_docks) {
        placed.needed = placed.spec.isFor == nullptr ||
                        (ids.isEmpty() ? !placed.dock->isHidden() : ids.contains(placed.spec.id));
    }
}

} // namespace depthscope::panels
