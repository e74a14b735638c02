// SPDX-License-Identifier: MIT
#include "widgets/panels/train_controller.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/training_history.h"
#include "widgets/panels/training_offer.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace depthscope::panels {

TrainController::TrainController(lab::LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    connect(&m_lab, &lab::LabController::taskEvent, this, &TrainController::onEvent);
}

void TrainController::start(const runtime::TrainRequest& request) {
    if (isBusy()) {
        return;
    }
    const bool goesOn = request.resume && request.outFolder == m_request.outFolder &&
                        request.preset == m_request.preset;
    m_request = request;
    if (!goesOn) {
        m_training = {};
        m_training.preset = request.preset;
        m_sample.clear();
        m_clip.reset();
        m_peakBytes = 0;
        m_hasReported = false;
        if (request.resume) {
            recall();
        }
    }
    submit();
}

/// What came before the checkpoint that is resumed: the folder keeps it.
void TrainController::recall() {
    const QString folder = QString::fromStdString(m_request.outFolder);
    if (const auto steps = checkpointSteps(folder)) {
        lab::TrainingHistory history = lab::trainingHistory(folder, steps->done);
        m_training.unit = std::move(history.unit);
        m_training.steps = steps->all;
        m_training.points = std::move(history.points);
    }
}

void TrainController::submit() {
    m_state = TrainState::Running;
    m_progress = {};
    m_job = m_lab.startTask(m_request);
    m_lab.showTraining(m_training);
    Q_EMIT settled(tr("The training ended"));
    Q_EMIT changed();
}

void TrainController::end(TrainState state) {
    if (m_state == TrainState::Running) {
        m_state = state;
        m_lab.stopTask(m_job);
        Q_EMIT changed();
    }
}

void TrainController::pause() {
    end(TrainState::Pausing);
}

void TrainController::stop() {
    if (m_state == TrainState::Paused) {
        m_state = TrainState::Stopped;
        Q_EMIT changed();
        return;
    }
    end(TrainState::Stopping);
}

void TrainController::resume() {
    if (m_state == TrainState::Paused) {
        // Stopped before the first checkpoint there is nothing to resume: it begins anew.
        m_request.resume = true;
        submit();
    }
}

void TrainController::onEvent(const runtime::Event& event) {
    if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        if (news->job == m_job) {
            m_progress = *news;
            Q_EMIT changed();
        }
    } else if (const auto* report = std::get_if<runtime::TrainReport>(&event)) {
        if (report->job == m_job) {
            onReport(*report);
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        onEnded(*ended);
    }
}

void TrainController::onReport(const runtime::TrainReport& report) {
    // A resumed training repeats what came after its checkpoint.
    auto& points = m_training.points;
    std::erase_if(points,
                  [&](const trace::TrainingPoint& point) { return point.step >= report.step; });
    trace::TrainingPoint point{report.step,
                               report.seconds,
                               report.trainLoss,
                               report.valLoss,
                               report.tokensPerSecond,
                               std::nan(""),
                               {},
                               std::nan(""),
                               std::nan("")};
    if (!report.activeShares.empty()) {
        point.meanDepth = report.meanDepth;
    }
    point.exitShares = lab::exitSharesOf(report.activeShares);
    takeMetrics(report, point);
    points.push_back(std::move(point));
    m_training.steps = report.steps;
    m_peakBytes = report.peakBytes;
    m_hasReported = true;
    if (!report.sample.empty()) {
        m_sample = QString::fromStdString(report.sample);
    }
    m_clip = report.clip ? report.clip : m_clip;
    m_lab.showTraining(m_training);
    Q_EMIT changed();
}

void TrainController::takeMetrics(const runtime::TrainReport& report, trace::TrainingPoint& point) {
    for (const runtime::NamedValue& metric : report.metrics) {
        if (metric.name == "psnr_prediction") {
            point.psnrPrediction = metric.value;
        } else if (metric.name == "psnr_copy_last") {
            point.psnrCopyLast = metric.value;
        } else if (metric.name == "val_loss" && metric.unit != "nats/token") {
            m_training.unit = metric.unit;
        }
    }
}

void TrainController::onEnded(const runtime::JobEnded& ended) {
    if (m_job == 0 || ended.job != m_job) {
        return;
    }
    m_job = 0;
    const bool stopped = ended.error && ended.error->code() == ErrorCode::Interrupted;
    if (stopped || (m_state != TrainState::Running && !ended.error)) {
        m_state = m_state == TrainState::Pausing ? TrainState::Paused : TrainState::Stopped;
    } else if (ended.error) {
        m_state = TrainState::Failed;
        Q_EMIT failed(tr("The training ended"), QString::fromStdString(ended.error->message()),
                      QString::fromStdString(ended.error->hint()));
    } else {
        m_state = TrainState::Finished;
    }
    Q_EMIT changed();
}

} // namespace depthscope::panels
