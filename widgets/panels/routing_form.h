// SPDX-License-Identifier: MIT
// The ROUTING form: rule, capacities, threshold, depths and KV policy of the laboratory. Shows the
// controller's settings and edits them through it. GUI thread.
#pragma once

#include "engine/settings/routing.h"
#include "engine/spec/model_info.h"
#include "engine/trace/trace_store.h"
#include "widgets/panels/controls.h"

#include <QWidget>
class QCheckBox;
class QGridLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class CapacityForm;
class ExpertChoice;
class PolicyChoice;
class ThresholdBox;
struct ThresholdScale;

class RoutingForm : public QWidget {
    Q_OBJECT

public:
    explicit RoutingForm(lab::LabController& lab, QWidget* parent = nullptr);

    /// The keys [ and ]: all capacities, or tau, by this many per mille.
    void nudge(int perMille);

protected:
    void changeEvent(QEvent* event) override;

private:
    /// To the present font.
    void fitWidths();
    void addRow(QLabel* label, QWidget* wide);
    void buildRule();
    void buildNumbers();
    void buildPolicy();
    void buildFooter();
    [[nodiscard]] QSpinBox* spinBox(const char* key, const QString& name, const QString& zero);
    void refresh();
    [[nodiscard]] settings::Rule shownRule() const;
    [[nodiscard]] ThresholdScale scale() const;
    void setThreshold(double value, int gesture);
    void refreshRule();
    void refreshPolicy();
    void showFields(const spec::ModelInfo* model, settings::Rule shown);
    void refreshState();
    [[nodiscard]] QString inForceText(const trace::TraceView& view) const;
    void chooseRule(int index);

    lab::LabController& m_lab;
    QGridLayout* m_grid = nullptr;
    QLabel* m_nothing = nullptr; ///< why there is nothing to set
    QLabel* m_ruleLabel = nullptr;
    ChoiceBox* m_rule = nullptr;
    QLabel* m_tauLabel = nullptr;
    RatioSlider* m_tauSlider = nullptr;
    ThresholdBox* m_tau = nullptr;
    QCheckBox* m_zeroState = nullptr;
    QLabel* m_depthLabel = nullptr;
    QSpinBox* m_depth = nullptr;
    QLabel* m_capLabel = nullptr;
    QSpinBox* m_cap = nullptr;
    QLabel* m_kvLabel = nullptr;
    PolicyChoice* m_kv = nullptr;
    QLabel* m_keptLabel = nullptr;
    QSpinBox* m_kept = nullptr;
    QLabel* m_expertsLabel = nullptr;
    ExpertChoice* m_experts = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_warning = nullptr;
    QPushButton* m_reset = nullptr;
    CapacityForm* m_capacity = nullptr;
    int m_gesture = -1; ///< of the slider that is held
    bool m_refreshing = false;
};

} // namespace depthscope::panels
