// SPDX-License-Identifier: MIT
// Times a few steps of a training that is not started yet: a task of the engine in a folder of its
// own, which is stopped as soon as enough is known. GUI thread; destroyed before the laboratory.
#pragma once

#include "widgets/lab/training_rates.h"

#include <QObject>
#include <QTemporaryDir>
#include <map>
#include <memory>

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
    void onEvent(const runtime::Event& event);
    void onProgress(const runtime::JobProgress& news);

    LabController& m_lab;
    runtime::JobId m_job = 0; ///< 0: none
    /// Of each trial and the text that it learns, until the engine has let go of it.
    std::map<runtime::JobId, std::unique_ptr<QTemporaryDir>> m_folders;
};

} // namespace depthscope::lab
