// SPDX-License-Identifier: MIT
// The bar that offers to go on with a training that an earlier window left. GUI thread; the window
// owns it.
#pragma once

#include "engine/runtime/request.h"

#include <QString>
#include <QToolBar>
#include <optional>

class QLabel;

namespace depthscope::panels {

/// How far the training in a folder has come, by its checkpoint.
struct CheckpointSteps {
    std::int64_t done = 0;
    std::int64_t all = 0;
};

/// Reads the head of the checkpoint alone. Nothing: there is none that can be read.
[[nodiscard]] std::optional<CheckpointSteps> checkpointSteps(const QString& folder);

class TrainingOffer : public QToolBar {
    Q_OBJECT

public:
    explicit TrainingOffer(QWidget* window);

    void offer(const runtime::TrainRequest& request);
    void withdraw();

    /// What is offered; nothing: there is no offer.
    [[nodiscard]] const std::optional<runtime::TrainRequest>& request() const { return m_request; }

Q_SIGNALS:
    void accepted(const depthscope::runtime::TrainRequest& request);
    void discarded();

private:
    void goOn();

    std::optional<runtime::TrainRequest> m_request;
    QLabel* m_text = nullptr;
    QLabel* m_folder = nullptr;
};

} // namespace depthscope::panels
