// SPDX-License-Identifier: MIT
// What every training job does, whatever it trains: claims its folder, takes steps, measures, keeps
// checkpoint, best weights and curve, and writes the finished model. Killed at any moment, `resume`
// goes on from the last checkpoint. Engine thread.
#pragma once

#include "engine/base/folder_lock.h"
#include "engine/session/jobs.h"
#include "engine/train/event_file.h"
#include "engine/train/training_run.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace depthscope::session {

class TrainingJob : public Job {
public:
    TrainingJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    ~TrainingJob() override = default;
    TrainingJob(const TrainingJob&) = delete;
    TrainingJob& operator=(const TrainingJob&) = delete;

    bool step() final;

protected:
    /// Checks the request and makes what learns; `started`: a checkpoint is there, and resumed.
    /// Writes nothing.
    [[nodiscard]] virtual train::TrainerSettings begin(bool started) = 0;
    [[nodiscard]] virtual train::Objective& objective() = 0;

    /// Reads what begin() needs and takes long, a piece a job step; false: there is more to read.
    /// Called until it says true, with what begin() gets.
    [[nodiscard]] virtual bool gather(bool /*started*/) { return true; }

    /// Before the first step, once the folder is this job's.
    virtual void claimed() {}

    /// What the objective's metrics mean for the report.
    virtual void fill(const train::Evaluation& evaluation, runtime::TrainReport& report) = 0;

    /// A step of what the model does at an evaluation, where the request wants one.
    virtual void publishTrace() {}

    virtual void saveBest(const std::filesystem::path& folder) = 0;

    /// The finished model, in the out folder.
    virtual void finish() = 0;

    /// Makes training.json after finish(), a piece at a time; true: there is more to do. Fraction
    /// done, for progress.
    [[nodiscard]] virtual bool report(double& fraction) = 0;
    [[nodiscard]] virtual std::string reportText() const = 0;

    [[nodiscard]] std::filesystem::path folder() const { return m_request.outFolder; }

    [[nodiscard]] std::filesystem::path checkpoint() const {
        return folder() / "checkpoint.safetensors";
    }

    [[nodiscard]] const train::TrainingRun& run() const { return *m_run; }

    /// Calls `use` while the model is what was measured.
    void withMeasured(const std::function<void()>& use) { m_run->withMeasured(use); }

    /// Stopped between two evaluations: what was learned since the last one is kept. For the
    /// destructor of the job that owns the objective, which the run still needs.
    void saveRest() noexcept;

    void lock();
    void say(double fraction, const std::string& what) const;

    /// Better than a machine that swaps until somebody kills it. `samples`: "8 sequences of 512
    /// tokens".
    void requireMemory(const std::string& name, double bytes, const std::string& samples) const;

    Workspace& m_workspace;
    JobId m_id;
    runtime::TrainRequest m_request;
    Publish m_publish;

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] bool isStarted() const;
    void prepare(bool started);
    void claimFolder(bool started);
    void resume();
    [[nodiscard]] std::map<std::string, std::string> circumstances(bool autocast) const;
    void trainOnce();
    void evaluate();
    void keep(const train::Evaluation& evaluation);
    [[nodiscard]] bool writeReport();

    std::optional<FolderLock> m_lock; ///< of the out folder
    std::optional<train::TrainingRun> m_run;
    std::optional<train::EventFile> m_events;
    bool m_finished = false; ///< the model is written, its report is in the making
    Clock::time_point m_lastTold;
};

} // namespace depthscope::session
