// SPDX-License-Identifier: MIT
#include "widgets/panels/many_rows.h"

#include <QLocale>
#include <numeric>

namespace depthscope::panels {

namespace {

using Row = lab::ManyTexts::Row;

constexpr std::size_t kShownBytes = 800; // of a text in its row

double meanDepthOf(const runtime::BatchAnswer& answer) {
    const double sum = std::accumulate(answer.depth.begin(), answer.depth.end(), 0.0);
    return answer.depth.empty() ? 0 : sum / static_cast<double>(answer.depth.size());
}

/// Of one line, as long as a row is.
QString shownText(const std::string& text) {
    const QString line = QString::fromStdString(text.substr(0, kShownBytes)).simplified();
    return text.size() > kShownBytes ? line + QStringLiteral("…") : line;
}

const Error* errorOf(const Row& row) {
    if (row.answer && row.answer->error) {
        return &*row.answer->error;
    }
    return row.error ? &*row.error : nullptr;
}

QString textOf(const Row& row) {
    if (const Error* error = errorOf(row)) {
        return QString::fromStdString(error->message() + ". " + error->hint());
    }
    if (!row.answer) {
        return {};
    }
    return row.answer->isWhole ? shownText(row.answer->text)
                               : ManyRows::tr("stopped: %1").arg(shownText(row.answer->text));
}

QString cellOf(const Row& row, int column) {
    const bool isKnown = row.answer && errorOf(row) == nullptr;
    switch (column) {
    case ManyRows::Request:
        return QLocale().toString(static_cast<qulonglong>(row.number));
    case ManyRows::Tokens:
        return isKnown ? QLocale().toString(static_cast<qlonglong>(row.answer->tokens.size()))
                       : QString();
    case ManyRows::MeanDepth:
        return isKnown ? QLocale().toString(meanDepthOf(*row.answer), 'f', 2) : QString();
    default:
        return textOf(row);
    }
}

} // namespace

ManyRows::ManyRows(const lab::ManyTexts& texts, QObject* parent)
    : QAbstractTableModel(parent)
    , m_texts(texts) {
    connect(&m_texts, &lab::ManyTexts::changed, this, &ManyRows::follow);
    connect(&m_texts, &lab::ManyTexts::answered, this, &ManyRows::showAnswer);
}

int ManyRows::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_count;
}

int ManyRows::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : Columns;
}

QVariant ManyRows::data(const QModelIndex& index, int role) const {
    const auto at = static_cast<std::size_t>(index.row());
    if (!index.isValid() || at >= m_texts.rows().size()) {
        return {};
    }
    const Row& row = m_texts.rows()[at];
    if (role == Qt::DisplayRole) {
        return cellOf(row, index.column());
    }
    if (role == Qt::TextAlignmentRole) {
        const Qt::Alignment side = index.column() == Text ? Qt::AlignLeft : Qt::AlignRight;
        return QVariant::fromValue(side | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole && index.column() == Text) {
        return row.answer && errorOf(row) == nullptr ? QString::fromStdString(row.answer->text)
                                                     : textOf(row);
    }
    return {};
}

QVariant ManyRows::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section >= Columns) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        const Qt::Alignment side = section == Text ? Qt::AlignLeft : Qt::AlignRight;
        return QVariant::fromValue(side | Qt::AlignVCenter);
    }
    const QString titles[] = {tr("Request"), tr("Tokens"), tr("Mean depth"), tr("Text")};
    return role == Qt::DisplayRole ? QVariant(titles[section]) : QVariant();
}

/// Other rows, or the last word of the same ones.
void ManyRows::follow() {
    const auto count = static_cast<int>(m_texts.rows().size());
    if (count != m_count) {
        beginResetModel();
        m_count = count;
        endResetModel();
    } else if (count > 0) {
        Q_EMIT dataChanged(index(0, 0), index(count - 1, Text));
    }
}

void ManyRows::showAnswer(int row) {
    if (row < m_count) {
        Q_EMIT dataChanged(index(row, 0), index(row, Text));
    }
}

} // namespace depthscope::panels
