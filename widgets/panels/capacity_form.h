// SPDX-License-Identifier: MIT
// The capacities of the ROUTING form: one row for all recursions and one for each, slider and exact
// box. Edits through the controller. GUI thread; owned by the routing form.
#pragma once

#include "widgets/panels/controls.h"

#include <QWidget>
#include <vector>

class QGridLayout;
class QLabel;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class CapacityForm : public QWidget {
    Q_OBJECT

public:
    explicit CapacityForm(lab::LabController& lab, QWidget* parent = nullptr);

    /// Shows the controller's settings, with a row for each recursion of its model.
    void refresh();
    /// Adds this many per mille to the capacities after the first.
    void nudge(int perMille);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Row {
        QLabel* label = nullptr;
        RatioSlider* slider = nullptr;
        FractionBox* box = nullptr;
    };

    /// `recursion` < 0: all.
    Row addRow(const QString& label, const QString& name, int recursion);
    void rebuild();
    /// To the present font.
    void fitWidths();
    void set(int recursion, const Fraction& value, int gesture);
    [[nodiscard]] Fraction ratioOf(int recursion, int perMille) const;

    lab::LabController& m_lab;
    QGridLayout* m_grid = nullptr;
    Row m_all;
    std::vector<Row> m_rows;
    int m_gesture = -1; ///< of the slider that is held
    bool m_refreshing = false;
};

/// Widths that the rows of a form share, so that they line up across its parts; they grow with the
/// form's font.
[[nodiscard]] int formLabelWidth(const QWidget& form);
[[nodiscard]] int formBoxWidth(const QWidget& form);

} // namespace depthscope::panels
