// SPDX-License-Identifier: MIT
// Run > Measure routing: scores the model on a text with the routing in force, finds the threshold
// for a mean depth, measures routing regret, and compares the routing with its controls. The
// laboratory stays live beside it; the window
// owns it and it stays open. GUI thread.
#pragma once

#include "engine/runtime/event.h"
#include "widgets/lab/router_comparison.h"

#include <QDialog>
#include <QString>
#include <optional>
#include <string>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableWidget;
class QVBoxLayout;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class MeasureDialog : public QDialog {
    Q_OBJECT

public:
    explicit MeasureDialog(lab::LabController& lab, QWidget* parent = nullptr);

    /// What Measure asks the engine for now.
    [[nodiscard]] runtime::ScoreRequest request() const;

private:
    void buildFields();
    void buildResults();
    void buildButtons(QVBoxLayout& column);
    void measure();
    void compare();
    void showProgress(double fraction, const QString& what);
    void followModel();
    void useThreshold();
    void onEvent(const runtime::Event& event);
    void showReport(const runtime::ScoreReport& report);
    void addRow(const QString& name, const QString& value, const QString& help);
    void refresh();

    lab::LabController& m_lab;
    runtime::JobId m_job = 0; ///< 0: nothing is being measured
    double m_tau;             ///< of the last report; NaN: none to use
    lab::RouterComparison m_comparison;

    /// A threshold that was put in force here, and the folder of the model that it is for.
    struct Used {
        double tau = 0;
        std::string folder;
    };

    std::optional<Used> m_used;

    QGridLayout* m_grid = nullptr;
    QComboBox* m_source = nullptr;
    QLabel* m_fileLabel = nullptr;
    QLineEdit* m_file = nullptr;
    QPushButton* m_browse = nullptr;
    QCheckBox* m_wantsDepth = nullptr;
    QDoubleSpinBox* m_depth = nullptr;
    QCheckBox* m_wantsRegret = nullptr;
    QSpinBox* m_regret = nullptr;
    QLabel* m_state = nullptr;
    QString m_hint; ///< what to do first, while the state says so
    QProgressBar* m_bar = nullptr;
    QTableWidget* m_table = nullptr;
    QPushButton* m_measure = nullptr;
    QPushButton* m_compare = nullptr;
    QPushButton* m_close = nullptr;
    QPushButton* m_stop = nullptr;
    QPushButton* m_use = nullptr;
};

} // namespace depthscope::panels
