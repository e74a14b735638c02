// SPDX-License-Identifier: MIT
// The CLIP form of video models: which procedural clip is continued. Edits through the controller.
// GUI thread; parents own.
#pragma once

#include <QWidget>

class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class ChoiceBox;

class ClipForm : public QWidget {
    Q_OBJECT

public:
    explicit ClipForm(lab::LabController& lab, QWidget* parent = nullptr);

private:
    void buildFields(QGridLayout& grid);
    void moveClip(qint64 by);
    void refresh();

    lab::LabController& m_lab;
    ChoiceBox* m_clips = nullptr;
    QLabel* m_help = nullptr;
    QLineEdit* m_seed = nullptr;
    QLineEdit* m_number = nullptr;
    QPushButton* m_previous = nullptr;
    QPushButton* m_next = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_warning = nullptr;
};

} // namespace depthscope::panels
