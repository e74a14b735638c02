// SPDX-License-Identifier: MIT
// The line of the Train dock that says how long a training will take: by the last training with the
// same recipe on this machine, or else by a few steps that the engine times while the line is in
// sight. GUI thread; the dock owns it.
#pragma once

#include "widgets/lab/training_rates.h"

#include <QLabel>
#include <QString>
#include <cstdint>
#include <optional>

namespace depthscope::lab {
class LabController;
class TrainingTrial;
} // namespace depthscope::lab

namespace depthscope::panels {

/// What is about to be trained.
struct TrainingPlan {
    runtime::TrainRequest request;
    std::int64_t steps = 0; ///< of the whole training
    std::int64_t done = 0;  ///< by the training that it resumes
};

/// "About 14 min for 900 steps; .."
[[nodiscard]] QString estimateText(const TrainingPlan& plan, const lab::TrainingRate& rate);

class TrainingEstimate : public QLabel {
    Q_OBJECT

public:
    /// `lab` outlives it.
    explicit TrainingEstimate(lab::LabController& lab, QWidget* parent = nullptr);

    /// Keeps rates from one start to the next.
    void remember();

    /// Nothing: no training can be chosen now.
    void setPlan(std::optional<TrainingPlan> plan);

    /// A training took so long so far.
    void learn(const runtime::TrainRequest& request, const lab::TrainingRate& rate);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void consider();
    void say(const QString& text);
    [[nodiscard]] QString key() const;

    lab::LabController& m_lab;
    lab::TrainingTrial* m_trial;
    lab::TrainingRates m_rates;
    std::optional<TrainingPlan> m_plan;
    QString m_tried;   ///< key of the trial that runs, or has failed
    QString m_failure; ///< of that trial
    bool m_remembers = false;
};

} // namespace depthscope::panels
