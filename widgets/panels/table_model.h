// SPDX-License-Identifier: MIT
// The table twin of an instrument for Qt's views and for CSV. GUI thread; owned by its view's
// parent.
#pragma once

#include "widgets/instruments/instrument.h"

#include <QAbstractTableModel>
#include <QJsonObject>
#include <QString>

namespace depthscope::panels {

class TableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    explicit TableModel(QObject* parent = nullptr);

    /// Keeps the view's selection where rows only changed their values or grew.
    void setTable(instruments::Table table);

    [[nodiscard]] const instruments::Table& table() const { return m_table; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant
    headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    instruments::Table m_table;
};

/// RFC 4180, UTF-8, numbers with full precision and a point, whatever the locale.
[[nodiscard]] QByteArray toCsv(const instruments::Table& table);

/// {"columns": [{"title", "unit"}], "rows": [[..]]}; what is not known is null.
[[nodiscard]] QJsonObject tableJson(const instruments::Table& table);

/// One row, tab-separated, for the clipboard.
[[nodiscard]] QString rowText(const instruments::Table& table, std::size_t row);

} // namespace depthscope::panels
