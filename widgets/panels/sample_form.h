// SPDX-License-Identifier: MIT
// The SAMPLE form of video models: how a clip is drawn from noise. Edits through the controller.
// GUI thread; parents own.
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

class SampleForm : public QWidget {
    Q_OBJECT

public:
    explicit SampleForm(lab::LabController& lab, QWidget* parent = nullptr);

private:
    void buildFields(QGridLayout& grid);
    void buildFooter();
    void refresh();
    void refreshFigures();

    lab::LabController& m_lab;
    QSpinBox* m_steps = nullptr;
    QCheckBox* m_heun = nullptr;
    QLineEdit* m_noise = nullptr;
    QCheckBox* m_keepsContext = nullptr;
    QSpinBox* m_label = nullptr;
    QDoubleSpinBox* m_guidance = nullptr;
    QWidget* m_ofClasses = nullptr; ///< label and guidance, where the model has classes
    QPushButton* m_newNoise = nullptr;
    QPushButton* m_stop = nullptr;
    QLabel* m_figures = nullptr;
};

} // namespace depthscope::panels
