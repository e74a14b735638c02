// SPDX-License-Identifier: MIT
// F6 and Shift+F6: the keyboard focus goes from pane to pane, and the title of the pane that has it
// is marked. Panes are the docks in sight, column by column from the left, then those that float.
// GUI thread; the window owns it.
#pragma once

#include <QObject>
#include <QPointer>
#include <vector>

class QMainWindow;
class QWidget;

namespace depthscope::panels {

class PanelDock;

class PaneWalk : public QObject {
    Q_OBJECT

public:
    explicit PaneWalk(QMainWindow& window);

    /// 1: to the next pane, -1: to the one before, round and round. In a pane the focus returns to
    /// what last had it there.
    void walk(int by);

    /// In the order of walking.
    [[nodiscard]] std::vector<PanelDock*> panes() const;

private:
    void mark(QWidget* focus);

    QMainWindow& m_window;
    QPointer<PanelDock> m_marked;
};

} // namespace depthscope::panels
