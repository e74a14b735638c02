// SPDX-License-Identifier: MIT
#include "widgets/panels/dock_plan.h"

#include <QTest>
#include <numeric>
#include <vector>

using namespace depthscope::panels;
using depthscope::instruments::Column;

namespace {

/// Prompt, routing, generate; text, depth, memory, transport, train; saved, router, token.
std::vector<PlannedDock> docks(bool trains = false) {
    return {{Column::Left, 120},        {Column::Left, 234},
            {Column::Left, 180},        {Column::Center, 120},
            {Column::Center, 120},      {Column::Center, 120},
            {Column::Center, 78, true}, {Column::Center, 230, false, trains},
            {Column::Right, 241},       {Column::Right, 120},
            {Column::Right, 140}};
}

std::vector<DockGroup> groupsOf(const DockPlan& plan, std::size_t column) {
    return plan.at(column).groups;
}

} // namespace

class TestDockPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void roomForAllMeansColumnsWithoutTabs() {
        const DockPlan plan = planDocks(docks(), 1500, 850);
        QVERIFY(isPlain(plan));
        QCOMPARE(groupsOf(plan, 1), (std::vector<DockGroup>{{3}, {4}, {5}, {6}, {7}}));
    }

    void lowWindowsFoldFromTheEnd() {
        const DockPlan plan = planDocks(docks(), 800, 500); // 800 x 600
        QCOMPARE(plan.size(), std::size_t{3});
        QVERIFY(!isPlain(plan));
        QCOMPARE(groupsOf(plan, 0), (std::vector<DockGroup>{{0}, {1, 2}}));
        QCOMPARE(groupsOf(plan, 1), (std::vector<DockGroup>{{3}, {4}, {5}, {6}, {7}}));
        QCOMPARE(groupsOf(plan, 2), (std::vector<DockGroup>{{8}, {9, 10}}));
    }

    void trainingGoesBehindAPanelNotBehindTheTransport() {
        const DockPlan plan = planDocks(docks(true), 1280, 620); // 1280 x 720
        QCOMPARE(groupsOf(plan, 1), (std::vector<DockGroup>{{3}, {4}, {5, 7}, {6}}));
        QVERIFY(isPlain(planDocks(docks(true), 1920, 980)));
    }

    void narrowWindowsHaveFewerColumns() {
        const DockPlan two = planDocks(docks(), 640, 260); // 1280 x 720 at zoom 2
        QCOMPARE(two.size(), std::size_t{2});
        QCOMPARE(groupsOf(two, 1), (std::vector<DockGroup>{{3, 4, 5}, {6}, {7}}));
        const DockPlan one = planDocks(docks(), 320, 140); // 800 x 600 at zoom 2.5
        QCOMPARE(one.size(), std::size_t{1});
        QCOMPARE(groupsOf(one, 0).front().size(), std::size_t{10});
    }

    /// Whatever the size, every dock has one place, and what is shown fits or is one group.
    void everyDockHasOnePlace() {
        for (int width = 200; width <= 2000; width += 90) {
            for (int height = 50; height <= 1200; height += 50) {
                const std::vector<PlannedDock> all = docks(height % 100 == 0);
                const DockPlan plan = planDocks(all, width, height);
                std::vector<int> seen(all.size(), 0);
                for (const PlannedColumn& column : plan) {
                    int sum = 0;
                    int shown = 0;
                    for (const DockGroup& group : column.groups) {
                        int least = 0;
                        for (const std::size_t dock : group) {
                            ++seen[dock];
                            QVERIFY(all[dock].isShown || group.size() == 1);
                            least = std::max(least, all[dock].isShown ? all[dock].least : 0);
                        }
                        sum += least;
                        shown += least > 0 ? 1 : 0;
                    }
                    QVERIFY(sum <= height || shown == 1);
                }
                QCOMPARE(seen, std::vector<int>(all.size(), 1));
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestDockPlan)
#include "tst_dock_plan.moc"
