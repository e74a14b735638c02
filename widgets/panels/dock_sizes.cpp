// SPDX-License-Identifier: MIT
// How a DockBoard shares the window: places and sizes of its docks by the plan for its size.
#include "widgets/panels/dock_board.h"
#include "widgets/panels/form_scroll.h"
#include "widgets/panels/panel_dock.h"

#include <QLayout>
#include <QMainWindow>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace depthscope::panels {

using instruments::Column;
using instruments::Height;

namespace {

constexpr int kSideWidth = 296;
/// Of a dock that does not say how low it may be.
constexpr int kLeastHeight = 120;
constexpr int kLeastPart = 75;   ///< of a fixed height, in percent
constexpr int kSidePercent = 34; ///< of the width at least, while presenting
constexpr const char* kLeft = "left";
constexpr const char* kRight = "right";
constexpr const char* kOwn = "own";
constexpr const char* kParts = "parts";

int leastHeight(const Height& height) {
    return height.fixed > 0 ? height.fixed * kLeastPart / 100
                            : std::max(height.least, kLeastHeight);
}

} // namespace

bool DockBoard::isPlaced(const Placed& placed) const {
    return !placed.dock->isHidden() && !placed.dock->isFloating();
}

DockPlan DockBoard::planFor(QSize window) const {
    std::vector<PlannedDock> docks;
    docks.reserve(m_docks.size());
    for (const Placed& placed : m_docks) {
        docks.push_back({placed.spec.column, leastHeight(placed.spec.height),
                         placed.spec.staysApart, isPlaced(placed)});
    }
    return planDocks(docks, static_cast<int>(window.width() / m_zoom),
                     static_cast<int>(room(window.height()) / m_zoom));
}

void DockBoard::fit() {
    m_comes = false;
    if (m_docks.empty()) {
        return;
    }
    if (m_presenting) {
        size(m_presented);
        return;
    }
    const DockPlan plan = planFor(m_wanted.isValid() ? m_wanted : m_window.size());
    Fitted now = fittedNow();
    if (plan != m_plan) {
        follow(plan, now);
        m_plan = plan;
        m_fitted = {};
    }
    if (m_wanted.isValid()) {
        m_window.layout()->activate(); // as tabs, docks no longer hold the window open
        m_window.resize(std::exchange(m_wanted, QSize()));
        now = fittedNow();
    }
    leaveNeeds(now);
    if (now != m_fitted) {
        m_fitted = std::move(now);
        if (!m_isOwn || !isPlain(plan)) {
            size(plan);
        }
    }
    if (m_opened) {
        m_opened->raise();
        m_opened = nullptr;
    }
}

DockBoard::Fitted DockBoard::fittedNow() const {
    Fitted now{m_window.size(), m_zoom, {}, {}};
    for (const Placed& placed : m_docks) {
        now.shown.push_back(isPlaced(placed));
        now.needs.push_back(needOf(placed));
    }
    return now;
}

int DockBoard::needOf(const Placed& placed) const {
    const auto* form = qobject_cast<const FormScroll*>(placed.spec.content);
    return form == nullptr || !isPlaced(placed)
               ? 0
               : placed.dock->titleBarWidget()->sizeHint().height() +
                     form->widget()->minimumHeight();
}

/// Of a restored layout, which stays whatever its forms say.
void DockBoard::leaveNeeds(Fitted& now) const {
    const bool isSame =
        now.window == m_fitted.window && now.zoom == m_fitted.zoom && now.shown == m_fitted.shown;
    if (isSame && m_fitted.needs.empty()) {
        now.needs.clear();
    }
}

/// A layout that the user made stands aside while the window is too small for it.
void DockBoard::follow(const DockPlan& plan, const Fitted& now) {
    if (m_isOwn && isPlain(m_plan) && !isPlain(plan)) {
        m_ownLayout = m_window.saveState();
    }
    if (!m_isOwn || !isPlain(plan)) {
        place(plan);
    } else if (!m_ownLayout.isEmpty()) {
        m_arranging = true;
        m_window.restoreState(std::exchange(m_ownLayout, {}));
        for (std::size_t i = 0; i < m_docks.size(); ++i) {
            m_docks[i].dock->setVisible(now.shown[i] || m_docks[i].dock->isFloating());
        }
        m_arranging = false;
    }
}

/// Every dock but those that float, in its group.
void DockBoard::place(const DockPlan& plan) {
    m_arranging = true;
    // A tab that comes to the front shows its dock, which would lay out docks that are half moved.
    m_window.layout()->setEnabled(false);
    // Out of the groups that they are in; a dock that is hidden stays so.
    for (const Placed& placed : m_docks) {
        if (!placed.dock->isFloating()) {
            m_window.addDockWidget(Qt::LeftDockWidgetArea, placed.dock);
        }
    }
    std::vector<std::vector<QList<QDockWidget*>>> columns;
    for (const PlannedColumn& column : plan) {
        columns.push_back(groupsOf(column));
    }
    QDockWidget* head = nullptr;
    for (const auto& groups : columns) {
        if (head && !groups.empty()) {
            m_window.splitDockWidget(head, groups.front().front(), Qt::Horizontal);
        }
        head = groups.empty() ? head : groups.front().front();
    }
    for (const auto& groups : columns) {
        for (std::size_t g = 0; g < groups.size(); ++g) {
            if (g > 0) {
                m_window.splitDockWidget(groups[g - 1].front(), groups[g].front(), Qt::Vertical);
            }
        }
        for (const QList<QDockWidget*>& group : groups) {
            for (QDockWidget* tab : group.mid(1)) {
                m_window.tabifyDockWidget(group.front(), tab);
            }
            if (group.size() > 1) {
                group.front()->raise();
            }
        }
    }
    m_window.layout()->setEnabled(true);
    m_window.layout()->activate();
    m_arranging = false;
}

/// Without those that float, which are placed by their user.
std::vector<QList<QDockWidget*>> DockBoard::groupsOf(const PlannedColumn& column) const {
    std::vector<QList<QDockWidget*>> groups;
    for (const DockGroup& group : column.groups) {
        QList<QDockWidget*> docks;
        for (const std::size_t i : group) {
            if (!m_docks[i].dock->isFloating()) {
                docks << m_docks[i].dock;
            }
        }
        if (!docks.isEmpty()) {
            groups.push_back(docks);
        }
    }
    return groups;
}

void DockBoard::size(const DockPlan& plan) {
    sizeWidths(plan);
    for (const PlannedColumn& column : plan) {
        sizeHeights(column);
    }
}

void DockBoard::sizeWidths(const DockPlan& plan) {
    const auto zoomed = [this](int own) {
        return static_cast<int>(std::lround((own > 0 ? own : kSideWidth) * sideZoom()));
    };
    QList<QDockWidget*> heads;
    QList<int> widths;
    int rest = m_window.width();
    for (const PlannedColumn& column : plan) {
        const auto group = std::ranges::find_if(column.groups, [this](const DockGroup& each) {
            return isPlaced(m_docks[each.front()]);
        });
        if (group == column.groups.end()) {
            continue;
        }
        int width = 0;
        if (column.column != Column::Center && m_presenting) {
            width = std::clamp(static_cast<int>(std::lround(kSideWidth * m_zoom)),
                               m_window.width() * kSidePercent / 100, m_window.width() / 2);
        } else if (column.column != Column::Center) {
            width = zoomed(column.column == Column::Left ? m_left : m_right);
        }
        heads << m_docks[group->front()].dock;
        widths << width;
        rest -= width;
    }
    for (int& width : widths) {
        width = width > 0 ? width : std::max(1, rest); // the middle
    }
    m_window.resizeDocks(heads, widths, Qt::Horizontal);
}

/// Of tabs together: what the one that asks for most asks for.
Height DockBoard::heightOf(const DockGroup& group) const {
    Height height = m_docks[group.front()].spec.height;
    for (const std::size_t i : group) {
        const Height& other = m_docks[i].spec.height;
        height.fixed =
            height.fixed > 0 && other.fixed > 0 ? std::max(height.fixed, other.fixed) : 0;
        height.share = std::max(height.share, other.share);
        height.least = std::max(height.least, other.least);
    }
    return height;
}

void DockBoard::sizeHeights(const PlannedColumn& column) {
    QList<QDockWidget*> docks;
    std::vector<Height> heights;
    std::vector<double> parts;
    std::vector<int> needs;
    for (const DockGroup& group : column.groups) {
        const Placed& first = m_docks[group.front()];
        if (!isPlaced(first)) {
            continue;
        }
        docks << first.dock;
        heights.push_back(heightOf(group));
        const bool isKnown = group.size() == 1 && !m_presenting && !m_fitted.needs.empty();
        needs.push_back(isKnown ? m_fitted.needs[group.front()] : 0);
        if (const auto part = m_parts.find(first.spec.id);
            group.size() == 1 && part != m_parts.end()) {
            parts.push_back(part->second);
        }
    }
    std::vector<int> pixels = columnHeights(room(m_window.height()), heights, m_zoom);
    if (parts.size() == heights.size() && !m_presenting) {
        const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
        std::ranges::transform(parts, pixels.begin(), [&](double part) {
            return static_cast<int>(std::lround(room(m_window.height()) * part / sum));
        });
    } else {
        giveWay(pixels, needs, room(m_window.height()));
    }
    std::ranges::transform(pixels, pixels.begin(), [](int height) { return std::max(height, 1); });
    m_window.resizeDocks(docks, QList<int>(pixels.begin(), pixels.end()), Qt::Vertical);
}

/// After the user has moved a separator.
void DockBoard::readSizes() {
    if (m_presenting || m_isOwn || !isPlain(m_plan)) {
        return;
    }
    for (const PlannedColumn& column : m_plan) {
        for (const DockGroup& group : column.groups) {
            const Placed& placed = m_docks[group.front()];
            if (!isPlaced(placed)) {
                continue;
            }
            m_parts[placed.spec.id] =
                placed.dock->height() / static_cast<double>(room(m_window.height()));
            const int width = static_cast<int>(std::lround(placed.dock->width() / sideZoom()));
            if (column.column == Column::Left) {
                m_left = width;
            } else if (column.column == Column::Right) {
                m_right = width;
            }
        }
    }
}

void DockBoard::present(const QStringList& main, const QStringList& side) {
    m_arranging = m_presenting = true;
    DockPlan plan{{Column::Center, {}}, {Column::Right, {}}};
    std::vector<DockGroup> others;
    for (std::size_t i = 0; i < m_docks.size(); ++i) {
        const QString& id = m_docks[i].spec.id;
        const bool isMain = main.contains(id);
        const bool isSide = side.contains(id);
        m_docks[i].dock->setVisible(isMain || isSide);
        if (isMain || isSide) {
            m_docks[i].dock->setFloating(false);
        }
        (isMain ? plan[0].groups : isSide ? plan[1].groups : others).push_back({i});
    }
    plan[1].groups.insert(plan[1].groups.end(), others.begin(), others.end());
    place(plan);
    size(plan);
    m_presented = std::move(plan);
}

void DockBoard::endPresenting() {
    m_presenting = false;
}

QVariantMap DockBoard::proportions() const {
    QVariantMap parts;
    for (const auto& [id, part] : m_parts) {
        parts.insert(id, part);
    }
    return {{QString::fromLatin1(kLeft), m_left},
            {QString::fromLatin1(kRight), m_right},
            {QString::fromLatin1(kOwn), m_isOwn},
            {QString::fromLatin1(kParts), parts}};
}

void DockBoard::setProportions(const QVariantMap& proportions) {
    constexpr int kMostWidth = 4096;
    const auto widthOf = [&](const char* key) {
        return std::clamp(proportions.value(QString::fromLatin1(key)).toInt(), 0, kMostWidth);
    };
    m_left = widthOf(kLeft);
    m_right = widthOf(kRight);
    m_isOwn = proportions.value(QString::fromLatin1(kOwn)).toBool();
    m_parts.clear();
    const QVariantMap parts = proportions.value(QString::fromLatin1(kParts)).toMap();
    for (auto part = parts.begin(); part != parts.end(); ++part) {
        const double value = part.value().toDouble();
        if (value > 0 && value <= 1) {
            m_parts[part.key()] = value;
        }
    }
    m_plan = m_isOwn ? planFor(m_window.size()) : DockPlan();
    m_fitted = {};
    later();
}

void DockBoard::adopt() {
    m_plan = planFor(m_window.size());
    m_fitted = fittedNow();
    m_fitted.needs.clear();
}

} // namespace depthscope::panels
