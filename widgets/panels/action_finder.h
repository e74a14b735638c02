// SPDX-License-Identifier: MIT
// Help > Find an action: a line and the list of everything that the menus and keys of a window can
// do; Enter does it. GUI thread; the window owns it, and it deletes itself when closed.
#pragma once

#include "widgets/panels/window_actions.h"

#include <QDialog>
#include <QList>

class QLabel;
class QLineEdit;
class QMainWindow;
class QTableWidget;

namespace depthscope::panels {

class ActionFinder : public QDialog {
    Q_OBJECT

public:
    explicit ActionFinder(QMainWindow& window);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void find(const QString& query);
    void run(int row);

    QMainWindow& m_window;
    QList<WindowAction> m_all;
    QList<WindowAction> m_found;
    QLineEdit* m_query = nullptr;
    QTableWidget* m_list = nullptr;
    QLabel* m_none = nullptr; ///< in place of an empty list
};

} // namespace depthscope::panels
