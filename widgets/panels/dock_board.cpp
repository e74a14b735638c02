// SPDX-License-Identifier: MIT
#include "widgets/panels/dock_board.h"

#include "widgets/panels/panel_dock.h"

#include <QMainWindow>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace depthscope::panels {

using instruments::Column;
using instruments::Height;

namespace {

constexpr int kSideWidth = 296;
/// Menu, toolbar and status bar together.
constexpr int kBars = 100;
/// The columns at the sides grow with the text, but leave the middle its room.
constexpr double kMostSideZoom = 1.3;
/// From the left to the right.
constexpr std::array kColumns{Column::Left, Column::Center, Column::Right};

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

DockBoard::DockBoard(QMainWindow& window)
    : QObject(&window)
    , m_window(window) {}

PanelDock& DockBoard::add(DockSpec spec) {
    auto* dock = new PanelDock(spec.id, spec.title, &m_window);
    dock->setWidget(spec.content);
    m_docks.push_back({std::move(spec), dock, true});
    return *dock;
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
    const bool isOther = std::abs(m_zoom - double{theme.zoom}) > 1e-6;
    m_zoom = double{theme.zoom};
    for (const Column which : kColumns) {
        if (isOther && m_window.isVisible()) {
            share(which); // heights are of zoom 1
        }
    }
}

/// For the docks of a column.
int DockBoard::room() const {
    return m_window.height() - static_cast<int>(std::lround(kBars * m_zoom));
}

std::vector<const DockBoard::Placed*> DockBoard::column(Column column) const {
    std::vector<const Placed*> found;
    for (const Placed& placed : m_docks) {
        if (placed.spec.column == column) {
            found.push_back(&placed);
        }
    }
    return found;
}

void DockBoard::stack(Column which) {
    const auto docks = column(which);
    for (std::size_t i = 1; i < docks.size(); ++i) {
        m_window.splitDockWidget(docks[i - 1]->dock, docks[i]->dock, Qt::Vertical);
    }
}

void DockBoard::sizeColumn(Column which) {
    QList<QDockWidget*> docks;
    std::vector<Height> heights;
    for (const Placed* placed : column(which)) {
        if (placed->spec.shown && placed->needed) {
            docks << placed->dock;
            heights.push_back(placed->spec.height);
        }
    }
    const std::vector<int> pixels = columnHeights(room(), heights, m_zoom);
    m_window.resizeDocks(docks, QList<int>(pixels.begin(), pixels.end()), Qt::Vertical);
}

void DockBoard::share(Column which) {
    QList<QDockWidget*> docks;
    std::vector<Height> heights;
    for (const Placed* placed : column(which)) {
        if (!placed->dock->isHidden() && !placed->dock->isFloating()) {
            docks << placed->dock;
            heights.push_back(placed->spec.height);
        }
    }
    std::vector<int> pixels = columnHeights(room(), heights, m_zoom);
    std::ranges::transform(pixels, pixels.begin(), [](int height) { return std::max(height, 1); });
    m_window.resizeDocks(docks, QList<int>(pixels.begin(), pixels.end()), Qt::Vertical);
}

PanelDock* DockBoard::find(const QString& id) const {
    const auto found =
        std::ranges::find_if(m_docks, [&](const Placed& placed) { return placed.spec.id == id; });
    return found == m_docks.end() ? nullptr : found->dock;
}

void DockBoard::reset(const spec::ModelInfo* model) {
    for (Placed& placed : m_docks) {
        placed.dock->setFloating(false);
        m_window.removeDockWidget(placed.dock);
        placed.needed = isNeeded(placed.spec, model);
    }
    QList<QDockWidget*> heads;
    for (const Column which : kColumns) {
        const auto docks = column(which);
        if (docks.empty()) {
            return;
        }
        if (heads.isEmpty()) {
            m_window.addDockWidget(Qt::LeftDockWidgetArea, docks.front()->dock);
        } else {
            m_window.splitDockWidget(heads.back(), docks.front()->dock, Qt::Horizontal);
        }
        heads << docks.front()->dock;
    }
    for (const Column which : kColumns) {
        stack(which);
    }
    for (const Placed& placed : m_docks) {
        placed.dock->setVisible(placed.spec.shown && placed.needed);
    }
    const auto side = static_cast<int>(std::lround(kSideWidth * std::min(m_zoom, kMostSideZoom)));
    m_window.resizeDocks(heads, {side, m_window.width() - 2 * side, side}, Qt::Horizontal);
    for (const Column which : kColumns) {
        sizeColumn(which);
    }
}

void DockBoard::showFor(const spec::ModelInfo* model) {
    for (const Column which : kColumns) {
        bool changed = false;
        for (Placed& placed : m_docks) {
            const bool needed = isNeeded(placed.spec, model);
            if (placed.spec.column == which && placed.needed != needed) {
                placed.needed = needed;
                placed.dock->setVisible(needed);
                changed = true;
            }
        }
        if (changed) {
            sizeColumn(which);
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
