// SPDX-License-Identifier: MIT
#include "widgets/panels/table_model.h"

#include <QJsonArray>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::panels {

namespace {

using Cell = instruments::Table::Cell;

/// Full precision: the shortest text that reads back as the same number.
QString exact(const Cell& cell) {
    if (const auto* number = std::get_if<double>(&cell)) {
        return std::isnan(*number) ? QString()
                                   : QString::number(*number, 'g', QLocale::FloatingPointShortest);
    }
    const auto* text = std::get_if<std::string>(&cell);
    return text ? QString::fromStdString(*text) : QString();
}

QString titleOf(const instruments::Table::Column& column) {
    const QString title = QString::fromStdString(column.title);
    return column.unit.empty()
               ? title
               : title + QStringLiteral(" (%1)").arg(QString::fromStdString(column.unit));
}

QString quoted(QString field) {
    static constexpr const char* kSpecial = ",\"\r\n";
    bool special = false;
    for (const char* c = kSpecial; *c != '\0'; ++c) {
        special = special || field.contains(QLatin1Char(*c));
    }
    if (!special) {
        return field;
    }
    return QLatin1Char('"') + field.replace(QLatin1Char('"'), QStringLiteral("\"\"")) +
           QLatin1Char('"');
}

} // namespace

TableModel::TableModel(QObject* parent)
    : QAbstractTableModel(parent) {}

void TableModel::setTable(instruments::Table table) {
    bool sameColumns = table.columns.size() == m_table.columns.size();
    for (std::size_t c = 0; sameColumns && c < table.columns.size(); ++c) {
        sameColumns = titleOf(table.columns[c]) == titleOf(m_table.columns[c]);
    }
    const int before = static_cast<int>(m_table.rows.size());
    const int after = static_cast<int>(table.rows.size());
    if (!sameColumns || after < before) {
        beginResetModel();
        m_table = std::move(table);
        endResetModel();
        return;
    }
    if (after > before) {
        beginInsertRows({}, before, after - 1);
    }
    m_table = std::move(table);
    if (after > before) {
        endInsertRows();
    }
    if (before > 0 && !m_table.columns.empty()) {
        Q_EMIT dataChanged(index(0, 0), index(before - 1, columnCount() - 1));
    }
}

int TableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
}

int TableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size());
}

QVariant TableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const auto& row = m_table.rows[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<std::size_t>(index.column());
    if (column >= row.size()) {
        return {};
    }
    const Cell& cell = row[column];
    const auto* number = std::get_if<double>(&cell);
    switch (role) {
    case Qt::DisplayRole:
        if (number) {
            return std::isnan(*number) ? QStringLiteral("–") : QLocale().toString(*number, 'g', 6);
        }
        return exact(cell);
    case Qt::EditRole:
    case Qt::ToolTipRole:
        return exact(cell);
    case Qt::TextAlignmentRole:
        return static_cast<int>(number ? Qt::AlignRight | Qt::AlignVCenter
                                       : Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return QAbstractTableModel::headerData(section, orientation, role);
    }
    if (section < 0 || section >= columnCount()) {
        return {};
    }
    const auto at = static_cast<std::size_t>(section);
    if (role == Qt::TextAlignmentRole) {
        const bool numbers =
            std::any_of(m_table.rows.begin(), m_table.rows.end(), [at](const auto& row) {
                return at < row.size() && std::holds_alternative<double>(row[at]);
            });
        return static_cast<int>((numbers ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    return role == Qt::DisplayRole ? QVariant(titleOf(m_table.columns[at])) : QVariant();
}

QByteArray toCsv(const instruments::Table& table) {
    QString text;
    QStringList fields;
    for (const auto& column : table.columns) {
        fields << quoted(titleOf(column));
    }
    text += fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
    for (const auto& row : table.rows) {
        fields.clear();
        for (const Cell& cell : row) {
            fields << quoted(exact(cell));
        }
        text += fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
    }
    return text.toUtf8();
}

QJsonObject tableJson(const instruments::Table& table) {
    QJsonArray columns;
    for (const auto& column : table.columns) {
        columns.append(QJsonObject{{QStringLiteral("title"), QString::fromStdString(column.title)},
                                   {QStringLiteral("unit"), QString::fromStdString(column.unit)}});
    }
    QJsonArray rows;
    for (const auto& row : table.rows) {
        QJsonArray cells;
        for (const Cell& cell : row) {
            const auto* number = std::get_if<double>(&cell);
            const auto* text = std::get_if<std::string>(&cell);
            cells.append(number && std::isfinite(*number) ? QJsonValue(*number)
                         : text ? QJsonValue(QString::fromStdString(*text))
                                : QJsonValue());
        }
        rows.append(cells);
    }
    return {{QStringLiteral("columns"), columns}, {QStringLiteral("rows"), rows}};
}

QString rowText(const instruments::Table& table, std::size_t row) {
    QStringList fields;
    if (row < table.rows.size()) {
        for (const Cell& cell : table.rows[row]) {
            fields << exact(cell);
        }
    }
    return fields.join(QLatin1Char('\t'));
}

} // namespace depthscope::panels
