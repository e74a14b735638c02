// SPDX-License-Identifier: MIT
// The laboratory behind the window: source, settings, undo, cursor, jobs, and the only place that
// uses a Runtime. Benches do what is specific to a model; LabNews has the signals. GUI thread; owns
// the runtimes, whose wake-ups arrive as queued calls. Throws nothing: errorRaised signals errors.
#pragma once

#include "widgets/instruments/instrument.h"
#include "widgets/lab/convergence_demand.h"
#include "widgets/lab/lab_news.h"
#include "widgets/lab/recording_session.h"
#include "widgets/lab/reference_runs.h"
#include "widgets/lab/rules.h"
#include "widgets/lab/shell.h"
#include "widgets/lab/step_hold.h"
#include "widgets/lab/text_bench.h"
#include "widgets/lab/video_bench.h"

#include <QString>
#include <QUndoStack>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>

namespace depthscope::lab {

class LabController : public LabNews, private Shell {
    Q_OBJECT

public:
    LabController(Backends backends, ModelCatalog catalog, QObject* parent = nullptr);
    ~LabController() override;

    [[nodiscard]] const trace::TraceStore& store() const { return m_store; }

    [[nodiscard]] const settings::LabSettings& settings() const override { return m_settings; }

    [[nodiscard]] const runtime::Prompt& prompt() const { return m_text.prompt(); }

    [[nodiscard]] const instruments::Cursor& cursor() const { return m_cursor; }

    [[nodiscard]] const ModelCatalog& catalog() const { return m_catalog; }

    [[nodiscard]] const RecordingSession& recordings() const { return m_recordings; }

    [[nodiscard]] QUndoStack& undoStack() { return m_undo; }

    /// The model that is looked at: loaded, or of the recording. Null: none yet.
    [[nodiscard]] std::shared_ptr<const spec::ModelInfo> model() const;

    [[nodiscard]] bool live() const override { return m_source == trace::Source::Live; }

    [[nodiscard]] Activity activity() const override;

    /// Nothing asked for is outstanding, references, saving and the frame of a clip included.
    [[nodiscard]] bool idle() const;

    [[nodiscard]] std::uint64_t revision() const override { return m_revision; }

    [[nodiscard]] std::uint64_t revisionInForce() const { return m_inForce; }

    /// The current text or settings were refused; errorRaised has the reason.
    [[nodiscard]] bool refused() const { return bench().refused(); }

    [[nodiscard]] const runtime::EngineStatus& status() const { return m_status; }

    /// One undoable change; the same non-negative `gesture` makes one step. False: refused.
    bool edit(const QString& label,
              int gesture,
              const std::function<void(settings::LabSettings&)>& change);

    /// A number that no earlier gesture had.
    [[nodiscard]] int newGesture() { return ++m_gesture; }

    void setPrompt(runtime::Prompt prompt, Author author = Author::User);
    void setCursor(const instruments::Cursor& cursor);
    void hover(const instruments::HoverIntent& intent);
    void pin(const instruments::PinIntent& intent);
    void moveStep(int by);
    /// Looks at this step of it; the last one is its current state.
    void showStep(std::int64_t step);
    void loadModel(const QString& folder);
    /// What the loaded model is compared with: of like clips or vocabulary. Empty: its neighbour.
    void compareWithModel(const QString& folder);
    void run();
    void generate();
    void stop();
    void makeGradedText(const runtime::GradedTextRequest& request);
    /// Background work while the laboratory stays live, such as a training. Reported by taskEvent
    /// until it ends.
    [[nodiscard]] runtime::JobId startTask(runtime::Request request);
    void stopTask(runtime::JobId task);
    /// A training, a measurement, a clip that plays.
    [[nodiscard]] bool hasTasks() const;
    /// As long as something that shows it is in sight.
    void wantConvergence(bool wanted);
    void showTraining(trace::TrainingView training);
    void showLanes(trace::LanesPtr lanes); ///< of texts that a task generates together
    void showClip(trace::ClipPtr clip);
    void openRecording(const QString& file);
    void saveRecording(const QString& file);
    /// Leaves the recording; its prompt and settings are computed again.
    void goLive();
    /// Shows a recording now and goes live by itself when a model has been loaded.
    void openDemo(const QString& recording, const QString& modelFolder);

private:
    friend class SettingCommand;

    // Shell
    [[nodiscard]] const std::shared_ptr<const spec::ModelInfo>& loadedModel() const override {
        return m_main;
    }

    [[nodiscard]] trace::TraceStore& traces() override { return m_store; }

    [[nodiscard]] const JobBook& jobs() const override { return m_jobs; }

    [[nodiscard]] const Bench& bench() const override;
    [[nodiscard]] Bench& bench();
    void submit(JobKind kind, runtime::Request request) override;
    void stopJobsOf(std::initializer_list<JobKind> kinds) override;
    [[nodiscard]] bool modelFollowsSettings() override;

    void traceHasChanged() override { Q_EMIT traceChanged(); }

    // settings, undo, cursor
    void apply(const settings::LabSettings& next, bool fromHistory);
    void fallBack();

    // models and passes
    void load(const QString& folder);
    [[nodiscard]] std::optional<ModelEntry> comparedModel() const;
    [[nodiscard]] bool canBeCompared(const spec::ModelInfo& model);
    void requestPass();
    void stopJobs(bool loadsToo);
    void requestReferences();
    /// A newer main run is on its way: references wait for it.
    [[nodiscard]] bool mainRunComes() const;

    // recordings
    void enterRecording();
    void leaveRecording();
    void adoptRecording(const trace::StepTrace& step);
    void finishSaving(const QString& file, const QString& message, const QString& hint);

    // events
    [[nodiscard]] runtime::Wake wake(trace::Source source);
    void drain(trace::Source source);
    bool onReplayEvent(const runtime::Event& event);
    bool onLiveEvent(const runtime::Event& event);
    void onModel(const runtime::ModelLoaded& event);
    void onRecordedStep(const trace::StepPtr& step);
    [[nodiscard]] bool onLiveStep(const trace::StepPtr& step);
    void showLiveStep(const trace::StepPtr& step);
    void releaseSteps(JobKind kind, bool ended);
    [[nodiscard]] bool addStep(const trace::StepPtr& step);
    void forgetStep();
    void onReplayEnded(const runtime::JobEnded& event);
    void onLiveEnded(const runtime::JobEnded& event);
    void onMainLoaded(bool failed);
    void onRunEnded(bool replaced);
    void settle(JobKind kind);
    void reportAwaited();
    void reportSteps();
    [[nodiscard]] trace::EmptyReason emptyReason() const;

    Backends m_backends;
    ModelCatalog m_catalog;
    trace::TraceStore m_store;
    settings::LabSettings m_settings;
    instruments::Cursor m_cursor;
    QUndoStack m_undo;
    JobBook m_jobs; ///< outstanding, of the live runtime
    TextBench m_text{*this};
    VideoBench m_video{*this};
    StepHold m_hold;
    ReferenceRuns m_references{*this};
    ConvergenceDemand m_convergence{*this};
    QString m_comparedFolder; ///< of the model to compare with; empty: the neighbour
    runtime::EngineStatus m_status;
    std::shared_ptr<const spec::ModelInfo> m_main;
    std::shared_ptr<const spec::ModelInfo> m_recorded;
    trace::Source m_source = trace::Source::Live;
    std::uint64_t m_revision = 1;
    std::uint64_t m_inForce = 0;
    std::uint64_t m_newestRun = 0;
    int m_gesture = 0;
    bool m_ruleLeads = false; ///< the rule was chosen after the model
    std::optional<settings::RoutingSettings> m_fellBackFrom; ///< from history: kept as they are
    bool m_fallBackQueued = false;
    bool m_liveWhenLoaded = false; ///< the recording makes room for the first model
    std::set<JobKind> m_unsettled; ///< that failed and have not succeeded since
    // Last, so that their threads end before anything that they wake is gone.
    RecordingSession m_recordings;
    std::unique_ptr<runtime::Runtime> m_live;
};

} // namespace depthscope::lab
