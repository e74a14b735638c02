// SPDX-License-Identifier: MIT
// File > New procedural clip: kind, size, length and seed of a clip whose content is known. GUI
// thread.
#pragma once

#include "widgets/lab/clip_maker.h"

#include <QDialog>

class QComboBox;
class QFormLayout;
class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace depthscope::panels {

class NewClipDialog : public QDialog {
    Q_OBJECT

public:
    explicit NewClipDialog(QWidget* parent = nullptr);

    /// Keeps the last choices from one start to the next.
    void remember();

    [[nodiscard]] lab::NewClip clip() const;

private:
    void buildPreset(QFormLayout& form);
    void buildNumbers(QFormLayout& form);
    QLayout* makeButtons();
    QSpinBox* number(const char* name, const QString& spoken, const QString& unit);
    void keepChoices() const;
    void refresh();

    QComboBox* m_kind = nullptr;
    QLabel* m_help = nullptr;
    QSpinBox* m_width = nullptr;
    QSpinBox* m_height = nullptr;
    QSpinBox* m_frames = nullptr;
    QSpinBox* m_rate = nullptr;
    QLineEdit* m_seed = nullptr;
    QLabel* m_facts = nullptr;
    QPushButton* m_make = nullptr;
};

} // namespace depthscope::panels
