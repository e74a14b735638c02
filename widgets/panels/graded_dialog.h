// SPDX-License-Identifier: MIT
// File > New graded text: classes, length and seed of a text whose every token has a known
// difficulty. GUI thread.
#pragma once

#include "engine/runtime/event.h"

#include <QDialog>
#include <vector>

class QCheckBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace depthscope::panels {

class GradedDialog : public QDialog {
    Q_OBJECT

public:
    explicit GradedDialog(QWidget* parent = nullptr);

    [[nodiscard]] runtime::GradedTextRequest request() const;

private:
    void refresh();

    std::vector<QCheckBox*> m_classes;
    QSpinBox* m_length = nullptr;
    QLineEdit* m_seed = nullptr;
    QPushButton* m_make = nullptr;
};

} // namespace depthscope::panels
