// SPDX-License-Identifier: MIT
// One training while the laboratory stays live: starts, pauses (a stop that keeps its checkpoint)
// and stops it, and collects what it reports. Talks to the engine through the LabController. GUI
// thread; owned by the train panel.
#pragma once

#include "engine/runtime/event.h"
#include "engine/spec/preset_info.h"
#include "engine/trace/training_view.h"

#include <QObject>
#include <QString>
#include <vector>

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

enum class TrainState { Idle, Running, Pausing, Paused, Stopping, Stopped, Finished, Failed };

class TrainController : public QObject {
    Q_OBJECT

public:
    explicit TrainController(lab::LabController& lab, QObject* parent = nullptr);

    /// What can be trained.
    [[nodiscard]] const std::vector<spec::PresetInfo>& presets() const { return m_presets; }

    /// With `resume`, an earlier training in the folder continues. Does nothing while one is
    /// running.
    void start(const runtime::TrainRequest& request);
    void pause();
    void resume();
    void stop();

    [[nodiscard]] TrainState state() const { return m_state; }

    /// A job is outstanding: nothing else can be started.
    [[nodiscard]] bool isBusy() const { return m_job != 0; }

    [[nodiscard]] const runtime::TrainRequest& request() const { return m_request; }

    /// With the evaluations of a training that was resumed, before it reports any.
    [[nodiscard]] const trace::TrainingView& training() const { return m_training; }

    /// The newest evaluation is one that was reported, not one that the folder kept.
    [[nodiscard]] bool hasReported() const { return m_hasReported; }

    /// What it is doing now: "step 120 of 900"; share done; seconds left, negative: unknown.
    [[nodiscard]] const runtime::JobProgress& progress() const { return m_progress; }

    [[nodiscard]] const QString& sample() const { return m_sample; }

    /// A held-out clip as a video model predicts it now; null: none.
    [[nodiscard]] const trace::TrainingClipPtr& clip() const { return m_clip; }

    [[nodiscard]] std::int64_t peakBytes() const { return m_peakBytes; }

Q_SIGNALS:
    /// State, progress or a report.
    void changed();
    void failed(const QString& title, const QString& message, const QString& hint);
    /// Another training began: reports of the previous one no longer apply.
    void settled(const QString& title);

private:
    void submit();
    void recall();
    void end(TrainState state);
    void onEvent(const runtime::Event& event);
    void onReport(const runtime::TrainReport& report);
    void takeMetrics(const runtime::TrainReport& report, trace::TrainingPoint& point);
    void onEnded(const runtime::JobEnded& ended);

    lab::LabController& m_lab;
    std::vector<spec::PresetInfo> m_presets = spec::presetInfos();
    runtime::JobId m_job = 0; ///< 0: none
    TrainState m_state = TrainState::Idle;
    runtime::TrainRequest m_request;
    trace::TrainingView m_training;
    runtime::JobProgress m_progress;
    QString m_sample;
    trace::TrainingClipPtr m_clip;
    std::int64_t m_peakBytes = 0;
    bool m_hasReported = false;
};

} // namespace depthscope::panels
