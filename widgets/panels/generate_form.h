// SPDX-License-Identifier: MIT
// The GENERATE form: how many tokens, how they are chosen, run and stop. Edits through the
// controller. GUI thread.
#pragma once

#include <QWidget>

class QCheckBox;
class QDoubleSpinBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class GenerateForm : public QWidget {
    Q_OBJECT

public:
    explicit GenerateForm(lab::LabController& lab, QWidget* parent = nullptr);

private:
    void buildFields(QGridLayout& grid);
    void buildFooter();
    void refresh();
    void refreshActivity();

    lab::LabController& m_lab;
    QSpinBox* m_count = nullptr;
    QDoubleSpinBox* m_temperature = nullptr;
    QSpinBox* m_topK = nullptr;
    QDoubleSpinBox* m_topP = nullptr;
    QLineEdit* m_seed = nullptr;
    QCheckBox* m_cache = nullptr;
    QCheckBox* m_stopAtEos = nullptr;
    QPushButton* m_run = nullptr;
    QPushButton* m_stop = nullptr;
    QLabel* m_note = nullptr;
};

} // namespace depthscope::panels
