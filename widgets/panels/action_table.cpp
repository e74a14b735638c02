// SPDX-License-Identifier: MIT
#include "widgets/panels/action_table.h"

#include <QAction>
#include <QHeaderView>
#include <QTableWidget>

namespace depthscope::panels {

int rowHeight(const QTableWidget& table) {
    return table.fontMetrics().height() + 8;
}

QTableWidget* makeActionTable(QWidget* parent) {
    auto* table = new QTableWidget(0, 2, parent);
    table->horizontalHeader()->hide();
    table->verticalHeader()->hide();
    table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return table;
}

void fillActionTable(QTableWidget& table, const QList<WindowAction>& actions, ActionColumn second) {
    table.verticalHeader()->setDefaultSectionSize(rowHeight(table));
    table.setRowCount(static_cast<int>(actions.size()));
    for (int row = 0; row < table.rowCount(); ++row) {
        const WindowAction& one = actions[row];
        const bool enabled = second == ActionColumn::Keys || one.action->isEnabled();
        const QString reason = enabled ? QString() : whyNot(*one.action);
        auto* path = new QTableWidgetItem(one.pathText());
        auto* keys = new QTableWidgetItem(reason.isEmpty() ? one.keysText() : reason);
        keys->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        for (QTableWidgetItem* item : {path, keys}) {
            item->setToolTip(item->text());
            item->setForeground(table.palette().color(
                enabled ? QPalette::Active : QPalette::Disabled,
                item == keys && enabled ? QPalette::PlaceholderText : QPalette::Text));
        }
        table.setItem(row, 0, path);
        table.setItem(row, 1, keys);
    }
}

} // namespace depthscope::panels
