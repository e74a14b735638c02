// SPDX-License-Identifier: MIT
// The laboratory behind the window: settings, prompt, cursor, undo, and the only place that talks
// to a Runtime. GUI thread only; owns the runtimes, whose wake-ups arrive as queued calls. Throws
// nothing: faults are the signal errorRaised.
#pragma once

#include "engine/runtime/runtime.h"
#include "engine/trace/run_view.h"
#include "widgets/instruments/instrument.h"
#include "widgets/panels/backends.h"
#include "widgets/panels/model_catalog.h"
#include "widgets/panels/rules.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QUndoStack>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace depthscope::panels {

/// What the laboratory is busy with, coarsest first.
enum class Activity { Idle, Loading, Routing, Generating, Measuring };

class LabController : public QObject {
    Q_OBJECT

public:
    LabController(Backends backends, ModelCatalog catalog, QObject* parent = nullptr);
    ~LabController() override;

    [[nodiscard]] const trace::TraceStore& store() const { return m_store; }

    [[nodiscard]] const settings::LabSettings& settings() const { return m_settings; }

    [[nodiscard]] const runtime::Prompt& prompt() const { return m_prompt; }

    [[nodiscard]] const instruments::Cursor& cursor() const { return m_cursor; }

    [[nodiscard]] const ModelCatalog& catalog() const { return m_catalog; }

    [[nodiscard]] QUndoStack& undoStack() { return m_undo; }

    /// The model that is looked at: loaded, or of the recording. Null: none yet.
    [[nodiscard]] std::shared_ptr<const trace::ModelInfo> model() const;

    [[nodiscard]] bool live() const { return m_source == trace::Source::Live; }

    [[nodiscard]] Activity activity() const;

    /// The same without what is over in a moment.
    [[nodiscard]] Activity shownActivity() const { return m_reported; }

    /// Nothing asked for is outstanding, references and saving included.
    [[nodiscard]] bool idle() const;

    [[nodiscard]] std::uint64_t revision() const { return m_revision; }

    [[nodiscard]] std::uint64_t revisionInForce() const { return m_inForce; }

    /// The text or the settings as they stand were refused; why is in errorRaised.
    [[nodiscard]] bool refused() const { return m_refused == m_revision; }

    [[nodiscard]] const runtime::EngineStatus& status() const { return m_status; }

    /// One undoable change; the same non-negative `gesture` makes one step. False: refused.
    bool edit(const QString& label,
              int gesture,
              const std::function<void(settings::LabSettings&)>& change);

    /// A number that no earlier gesture had.
    [[nodiscard]] int newGesture() { return ++m_gesture; }

    void setPrompt(runtime::Prompt prompt);
    void setCursor(const instruments::Cursor& cursor);
    void hover(const instruments::HoverIntent& intent);
    void pin(const instruments::PinIntent& intent);

    void loadModel(const QString& folder);
    void run();
    void generate();
    void stop();
    void makeGradedText(const runtime::GradedTextRequest& request);

    /// Work beside the laboratory, which stays live: a training. Told by taskEvent until its end.
    [[nodiscard]] runtime::JobId startTask(runtime::Request request);
    void stopTask(runtime::JobId task);

    [[nodiscard]] bool hasTasks() const { return has({Kind::Task}); }

    void showTraining(trace::TrainingView training);

    void openRecording(const QString& file);
    void saveRecording(const QString& file);
    /// Leaves the recording; its prompt and settings are computed anew.
    void goLive();
    /// Shows a recording now and goes live by itself when a model has been loaded.
    void openDemo(const QString& recording, const QString& modelFolder);

Q_SIGNALS:
    void traceChanged();
    void settingsChanged();
    void settingsInForce(quint64 revision);
    void promptChanged();
    void cursorChanged();
    void modelChanged();
    void sourceChanged();
    void statusChanged(const depthscope::runtime::EngineStatus& status);
    /// Of shownActivity().
    void activityChanged();
    void progress(const QString& what, double fraction, double secondsLeft);
    void noticeRaised(const QString& message);
    void errorRaised(const QString& title, const QString& message, const QString& hint);
    /// What an error of this title complained of has since been done.
    void errorSettled(const QString& title);
    void recordingSaved(const QString& file);
    /// Progress, reports and the end of a task.
    void taskEvent(const depthscope::runtime::Event& event);
    void trainingChanged();

private:
    friend class SettingCommand;
    enum class Kind {
        LoadMain,
        LoadVanilla,
        Pass,
        FullDepth,
        Vanilla,
        Generate,
        Graded,
        Replay,
        Task
    };

    void apply(const settings::LabSettings& next, bool fromHistory);
    void submit(Kind kind, runtime::Request request);
    void requestPass();
    void submitPass();
    void requestReferences();
    void requestTimes(const trace::TraceView& view);
    void load(const QString& folder);
    bool ensureRule();
    void fallBack();
    [[nodiscard]] static QString nameOf(Setting setting);
    void dropReferences();
    void loadVanilla();
    void enterRecording();
    void leaveRecording();
    void stopJobs(bool loadsToo);
    void adoptRecording(const trace::StepTrace& step);
    void finishSaving(const QString& file, const QString& message, const QString& hint);
    void reportActivity();
    void showActivity();
    void reportAwaited();
    [[nodiscard]] trace::Absence absence() const;
    /// Whether what is on screen was computed by the model that is loaded.
    [[nodiscard]] bool isOfThisModel() const;
    void reportTrace();

    void drain(trace::Source source);
    void onModel(const runtime::ModelLoaded& event, trace::Source source);
    void onStep(const trace::StepPtr& step, trace::Source source);
    void onEnded(const runtime::JobEnded& event, trace::Source source);
    void onMainLoaded(bool failed);
    void settle(Kind kind);
    [[nodiscard]] bool isOfTask(const runtime::Event& event) const;
    void onTask(const runtime::Event& event);
    void onPassEnded(bool replaced);
    [[nodiscard]] static QString failureTitle(Kind kind);
    [[nodiscard]] bool has(std::initializer_list<Kind> kinds) const;
    [[nodiscard]] runtime::Wake wake(trace::Source source);
    void raise(const QString& title, const Error& error);

    Backends m_backends;
    ModelCatalog m_catalog;
    trace::TraceStore m_store;
    settings::LabSettings m_settings;
    runtime::Prompt m_prompt;
    instruments::Cursor m_cursor;
    QUndoStack m_undo;
    runtime::EngineStatus m_status;
    std::shared_ptr<const trace::ModelInfo> m_main;
    std::shared_ptr<const trace::ModelInfo> m_vanilla;
    std::shared_ptr<const trace::ModelInfo> m_recorded;
    trace::Source m_source = trace::Source::Live;
    std::uint64_t m_revision = 1;
    std::uint64_t m_inForce = 0;
    std::uint64_t m_refused = 0;    ///< revision of the last pass that failed
    runtime::Prompt m_askedPrompt;  ///< of the last pass
    runtime::Prompt m_routedPrompt; ///< of the last pass that did not fail
    std::uint64_t m_newestRun = 0;
    int m_gesture = 0;
    bool m_ruleLeads = false; ///< the rule was chosen after the model
    std::optional<settings::RoutingSettings> m_fellBackFrom; ///< from history: kept as they are
    bool m_fallBackQueued = false;
    bool m_passWanted = false;     ///< the next idle moment submits the newest prompt and settings
    bool m_liveWhenLoaded = false; ///< the recording makes room for the first model
    bool m_entered = true;         ///< the open recording is on screen
    bool m_adopted = true;         ///< no recording is being opened
    Activity m_reported = Activity::Idle;
    QTimer m_reportLater;
    QTimer m_traceLater;
    QElapsedTimer m_passClock;
    std::vector<std::int32_t> m_referenceIds;    ///< tokens that references were asked for
    std::uint64_t m_timedRevision = 0;           ///< whose times were asked for
    std::optional<ModelEntry> m_vanillaEntry;    ///< the reference of the model in the lab
    QString m_vanillaTried;                      ///< folder that was loaded or refused
    std::map<runtime::JobId, Kind> m_jobs;       ///< outstanding, of the live runtime
    std::set<Kind> m_unsettled;                  ///< that failed and have not succeeded since
    std::map<runtime::JobId, Kind> m_replayJobs; ///< outstanding, of the replay
    std::jthread m_saver;
    bool m_saving = false;
    std::pair<bool, bool> m_awaited{false, false}; ///< full depth, vanilla
    trace::Absence m_absence = trace::Absence::NoText;
    // Last, so that their threads end before anything that they wake is gone.
    std::unique_ptr<runtime::Runtime> m_live;
    std::unique_ptr<runtime::Runtime> m_replay;
};

} // namespace depthscope::panels
