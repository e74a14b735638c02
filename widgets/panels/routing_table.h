// SPDX-License-Identifier: MIT
// The table of a router's comparison with its controls: one row a routing, the best fixed depth
// marked, the verdict above. Its rows can be copied and saved. GUI thread.
#pragma once

#include <QWidget>

class QLabel;
class QTableView;
class QTableWidget;

namespace depthscope::lab {
class RouterComparison;
}

namespace depthscope::panels {

class RoutingTable : public QWidget {
    Q_OBJECT

public:
    /// `comparison` outlives the table.
    explicit RoutingTable(const lab::RouterComparison& comparison, QWidget* parent = nullptr);

private:
    void refresh();

    const lab::RouterComparison& m_comparison;
    QLabel* m_verdict = nullptr;
    QTableWidget* m_table = nullptr;
};

/// The table's selected rows, or all where none is selected, with a head, tabs between the cells.
[[nodiscard]] QString rowsOf(const QTableView& table);

/// Ctrl+C and the context menu copy rows; the menu also saves all of them as CSV.
void makeRowsCopyable(QTableView& table);

} // namespace depthscope::panels
