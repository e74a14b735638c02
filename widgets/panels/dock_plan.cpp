// SPDX-License-Identifier: MIT
#include "widgets/panels/dock_plan.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

namespace depthscope::panels {

using instruments::Column;

namespace {

// Widths from which three and two columns leave the middle more room than its labels take.
constexpr int kThreeColumns = 740;
constexpr int kTwoColumns = 520;
constexpr int kTabBar = 30;
constexpr std::array kColumns{Column::Left, Column::Center, Column::Right};

class Folding {
public:
    Folding(std::span<const PlannedDock> docks, int room)
        : m_docks(docks)
        , m_room(room) {}

    /// The last dock goes behind the one before it, again and again, until all fit.
    [[nodiscard]] std::vector<DockGroup> fold(std::vector<DockGroup> groups) const {
        while (heightOf(groups) > m_room && (join(groups, false) || join(groups, true))) {
        }
        return groups;
    }

    [[nodiscard]] int heightOf(const std::vector<DockGroup>& groups) const {
        return std::accumulate(
            groups.begin(), groups.end(), 0, [this](int sum, const DockGroup& g) {
                int least = 0;
                for (const std::size_t dock : g) {
                    least = std::max(least, m_docks[dock].isShown ? m_docks[dock].least : 0);
                }
                return sum + least + (g.size() > 1 ? kTabBar : 0);
            });
    }

    [[nodiscard]] bool fits(const std::vector<DockGroup>& groups) const {
        return heightOf(groups) <= m_room;
    }

    /// The docks of a column, each alone.
    [[nodiscard]] std::vector<DockGroup> single(Column column) const {
        std::vector<DockGroup> groups;
        for (std::size_t i = 0; i < m_docks.size(); ++i) {
            if (m_docks[i].column == column) {
                groups.push_back({i});
            }
        }
        return groups;
    }

    /// The docks that are shown as tabs of the first of them; the others keep their places.
    [[nodiscard]] std::vector<DockGroup> joined(std::vector<DockGroup> groups) const {
        while (join(groups, true)) {
        }
        return groups;
    }

private:
    [[nodiscard]] bool takesPart(const DockGroup& group, bool all) const {
        const PlannedDock& first = m_docks[group.front()];
        return first.isShown && (all || !first.staysApart);
    }

    bool join(std::vector<DockGroup>& groups, bool all) const {
        std::optional<std::size_t> last;
        for (std::size_t i = groups.size(); i-- > 0;) {
            if (!takesPart(groups[i], all)) {
                continue;
            }
            if (last) {
                groups[i].insert(groups[i].end(), groups[*last].begin(), groups[*last].end());
                groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(*last));
                return true;
            }
            last = i;
        }
        return false;
    }

    std::span<const PlannedDock> m_docks;
    int m_room;
};

std::vector<DockGroup> together(std::vector<DockGroup> first, const std::vector<DockGroup>& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

} // namespace

DockPlan planDocks(std::span<const PlannedDock> docks, int width, int height) {
    const Folding folding(docks, height);
    DockPlan plan;
    const auto add = [&plan](Column column, std::vector<DockGroup> groups) {
        if (!groups.empty()) {
            plan.push_back({column, std::move(groups)});
        }
    };
    if (width >= kThreeColumns) {
        for (const Column column : kColumns) {
            add(column, folding.fold(folding.single(column)));
        }
        return plan;
    }
    const std::vector<DockGroup> left = folding.single(Column::Left);
    const std::vector<DockGroup> right = folding.single(Column::Right);
    const std::vector<DockGroup> center = folding.single(Column::Center);
    if (width >= kTwoColumns) {
        std::vector<DockGroup> sides = together(left, right);
        if (!folding.fits(sides)) {
            sides = together(folding.joined(left), folding.joined(right));
        }
        add(Column::Left, folding.fold(std::move(sides)));
        add(Column::Center, folding.fold(center));
        return plan;
    }
    add(Column::Center, folding.fold(together(together(center, left), right)));
    return plan;
}

bool isPlain(const DockPlan& plan) {
    return plan.size() == kColumns.size() &&
           std::ranges::all_of(plan, [](const PlannedColumn& column) {
               return std::ranges::all_of(column.groups,
                                          [](const DockGroup& group) { return group.size() == 1; });
           });
}

} // namespace depthscope::panels
