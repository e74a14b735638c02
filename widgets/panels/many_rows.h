// SPDX-License-Identifier: MIT
// The texts of Generate many texts as rows of a table, made as they come into sight: a file may
// have a million. GUI thread; refers to the texts, which outlive it.
#pragma once

#include "widgets/lab/many_texts.h"

#include <QAbstractTableModel>

namespace depthscope::panels {

class ManyRows : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Request, Tokens, MeanDepth, Text, Columns };

    explicit ManyRows(const lab::ManyTexts& texts, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant
    headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void follow();
    void showAnswer(int row);

    const lab::ManyTexts& m_texts;
    int m_count = 0; ///< rows that the view knows
};

} // namespace depthscope::panels
