// SPDX-License-Identifier: MIT
// The recording that is open, and the one that is being saved. Reading and writing have threads of
// their own; this is GUI thread. What a recording does to the laboratory is LabController's.
#pragma once

#include "engine/recording/recording.h"
#include "engine/runtime/event.h"
#include "widgets/lab/backends.h"

#include <QObject>
#include <QString>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace depthscope::lab {

class RecordingSession : public QObject {
    Q_OBJECT

public:
    RecordingSession(const Backends& backends, QObject* parent);

    /// How far opening has come: what was on screen stays until the file has proved to be a
    /// recording, and its settings are taken from its first step.
    enum class Stage { Settled, Opening, Entered };

    [[nodiscard]] Stage stage() const { return m_stage; }

    void setStage(Stage stage) { m_stage = stage; }

    /// Begins to read. Throws Error where the file is no recording at sight.
    void open(const QString& file, runtime::Wake wake);
    void close();

    /// The one that is open, absolute; empty: none.
    [[nodiscard]] const QString& file() const { return m_file; }

    /// The newest step of the main run that is in a file; null: none was saved.
    [[nodiscard]] const trace::StepPtr& savedStep() const { return m_savedStep; }

    [[nodiscard]] std::vector<runtime::Event> drain();
    /// Recipe and all, once it has been read; null before.
    [[nodiscard]] std::shared_ptr<const recording::Recording> recording() const;

    void jobStarted(runtime::JobId job) { m_jobs.insert(job); }

    void jobEnded(runtime::JobId job) { m_jobs.erase(job); }

    /// Nothing is being read or saved.
    [[nodiscard]] bool idle() const;

    [[nodiscard]] bool isSaving() const { return m_saving; }

    void stopReading();

    /// On a thread of its own; ends with saved(). One at a time: isSaving() must be false.
    void save(const QString& file, recording::Recording recording);

Q_SIGNALS:
    /// `message` is empty where all went well.
    void saved(const QString& file, const QString& message, const QString& hint);

private:
    const Backends& m_backends;
    Stage m_stage = Stage::Settled;
    QString m_file;
    trace::StepPtr m_savedStep;
    std::set<runtime::JobId> m_jobs; ///< outstanding
    std::jthread m_saver;
    bool m_saving = false;
    // Last, so that its thread ends before anything that it wakes is gone.
    std::unique_ptr<runtime::Runtime> m_replay;
};

} // namespace depthscope::lab
