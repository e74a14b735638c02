// SPDX-License-Identifier: MIT
// F6 walks the docks in sight; the title of the one with the focus is marked.
#include "widgets/panels/pane_walk.h"
#include "widgets/panels/panel_dock.h"

#include <QLabel>
#include <QLineEdit>
#include <QMainWindow>
#include <QTest>
#include <QVBoxLayout>

using namespace depthscope;
using panels::PanelDock;

namespace {

struct DockWindow {
    DockWindow() {
        window.setDockNestingEnabled(true);
        right = add("right");
        top = add("top");
        below = add("below");
        silent = new PanelDock(QStringLiteral("silent"), QStringLiteral("silent"), &window);
        silent->setWidget(new QLabel(QStringLiteral("no field"), silent));
        behind = add("behind");
        hidden = add("hidden");
        window.addDockWidget(Qt::LeftDockWidgetArea, top);
        window.splitDockWidget(top, right, Qt::Horizontal);
        window.splitDockWidget(top, below, Qt::Vertical);
        window.splitDockWidget(right, silent, Qt::Vertical);
        window.tabifyDockWidget(below, behind);
        below->raise();
        window.addDockWidget(Qt::LeftDockWidgetArea, hidden);
        hidden->hide();
        window.resize(800, 600);
        window.show();
        window.activateWindow();
    }

    PanelDock* add(const char* name) {
        const QString title = QString::fromLatin1(name);
        auto* dock = new PanelDock(title, title, &window);
        auto* form = new QWidget(dock);
        auto* column = new QVBoxLayout(form);
        for (const char* field : {"first", "second"}) {
            auto* line = new QLineEdit(form);
            line->setObjectName(title + QLatin1Char('.') + QString::fromLatin1(field));
            column->addWidget(line);
        }
        dock->setWidget(form);
        return dock;
    }

    [[nodiscard]] static QString focused() {
        const QWidget* focus = QApplication::focusWidget();
        return focus != nullptr ? focus->objectName() : QString();
    }

    QMainWindow window;
    panels::PaneWalk walk{window};
    PanelDock* right = nullptr;
    PanelDock* top = nullptr;
    PanelDock* below = nullptr;
    PanelDock* silent = nullptr;
    PanelDock* behind = nullptr;
    PanelDock* hidden = nullptr;
};

} // namespace

class TestPaneWalk : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void walksColumnByColumn() {
        DockWindow docks;
        QVERIFY(QTest::qWaitForWindowActive(&docks.window));
        QCOMPARE(docks.walk.panes(),
                 (std::vector<PanelDock*>{docks.top, docks.below, docks.right}));
        const QStringList order{QStringLiteral("top.first"), QStringLiteral("below.first"),
                                QStringLiteral("right.first"), QStringLiteral("top.first")};
        docks.window.setFocus();
        for (const QString& field : order) {
            docks.walk.walk(1);
            QTRY_COMPARE(DockWindow::focused(), field);
        }
        docks.walk.walk(-1);
        QTRY_COMPARE(DockWindow::focused(), QStringLiteral("right.first"));
    }

    void returnsToTheFieldOfBefore() {
        DockWindow docks;
        QVERIFY(QTest::qWaitForWindowActive(&docks.window));
        docks.top->findChild<QLineEdit*>(QStringLiteral("top.second"))->setFocus();
        docks.walk.walk(1);
        QTRY_COMPARE(DockWindow::focused(), QStringLiteral("below.first"));
        docks.walk.walk(-1);
        QTRY_COMPARE(DockWindow::focused(), QStringLiteral("top.second"));
    }

    void theTitleIsMarked() {
        DockWindow docks;
        QVERIFY(QTest::qWaitForWindowActive(&docks.window));
        docks.walk.walk(1);
        docks.walk.walk(1);
        QTRY_VERIFY(docks.below->isMarked());
        QVERIFY(!docks.top->isMarked());
        docks.right->findChild<QLineEdit*>()->setFocus(); // by a click, too
        QTRY_VERIFY(docks.right->isMarked());
        QVERIFY(!docks.below->isMarked());
        docks.below->close(); // its neighbour comes to the front
        QTRY_COMPARE(docks.walk.panes(),
                     (std::vector<PanelDock*>{docks.top, docks.behind, docks.right}));
    }
};

QTEST_MAIN(TestPaneWalk)
#include "tst_pane_walk.moc"
