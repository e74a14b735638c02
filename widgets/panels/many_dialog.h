// SPDX-License-Identifier: MIT
// Run > Generate many texts: prompts from a file or graded text, generated together beside the
// laboratory, which stays live; what came of each, and the file to keep it in. LANES shows when
// what ran. The window owns it and it stays open. GUI thread.
#pragma once

#include "widgets/lab/many_texts.h"

#include <QDialog>
#include <QString>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;
class QVBoxLayout;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class ManyDialog : public QDialog {
    Q_OBJECT

public:
    explicit ManyDialog(lab::LabController& lab, QWidget* parent = nullptr);

    /// The one of a window, made when it is first asked for.
    [[nodiscard]] static ManyDialog& of(QWidget& window, lab::LabController& lab);

    /// What Generate asks for now.
    [[nodiscard]] lab::ManyTexts::Asked asked() const;

Q_SIGNALS:
    /// LANES is to be seen; the dialog is out of its way.
    void lanesRequested();

private:
    void buildFields();
    void buildSource();
    void buildBatch();
    void buildButtons(QVBoxLayout& column);
    void buildResults();
    void start();
    void save();
    void showSummary();
    void showRule();
    void refresh();

    lab::LabController& m_lab;
    lab::ManyTexts m_texts;
    bool m_failed = false; ///< the state says why
    QLabel* m_rule = nullptr;
    QGridLayout* m_grid = nullptr;
    QComboBox* m_source = nullptr;
    QSpinBox* m_graded = nullptr;
    QLineEdit* m_file = nullptr;
    QPushButton* m_browse = nullptr;
    QSpinBox* m_rows = nullptr;
    QComboBox* m_batching = nullptr;
    QCheckBox* m_compares = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_stop = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_lanes = nullptr;
    QPushButton* m_close = nullptr;
    QProgressBar* m_bar = nullptr;
    QLabel* m_state = nullptr;
    QTableView* m_table = nullptr;
};

} // namespace depthscope::panels
