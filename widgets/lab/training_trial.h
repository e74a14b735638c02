// SPDX-License-Identifier: MIT
// Times a few steps of a training that is not started yet: a task of the engine in a folder of its
// own, which is stopped as soon as enough is known. GUI thread; destroyed before the laboratory.
#pragma once

#include "widgets/lab/training_rates.h"

#include <QObject>
#include <QTemporaryDir>
#include <optional>

namespace depthscope::lab {

class LabController;

class TrainingTrial : public QObject {
    Q_OBJECT

public:
    explicit TrainingTrial(LabController& lab, QObject* parent = nullptr);
    ~TrainingTrial() override;

    /// Of this recipe, whatever it is to learn. Stops the one before.
    void start(const runtime::TrainRequest& training);
    void stop();

    [[nodiscard]] bool isRunning() const { return m_job != 0; }

Q_SIGNALS:
    void measured(const depthscope::lab::TrainingRate& rate);
    void failed(const QString& message);

private:
    [[nodiscard]] runtime::TrainRequest trialOf(const runtime::TrainRequest& training);
    void onEvent(const runtime::Event& event);
    void onProgress(const runtime::JobProgress& news);

    LabController& m_lab;
    runtime::JobId m_job = 0;              ///< 0: none
    std::optional<QTemporaryDir> m_folder; ///< of the trial and the text that it learns
};

} // namespace depthscope::lab
