// SPDX-License-Identifier: MIT
// What every experiment does, whatever it trains: cell after cell, train to the budget, score the
// finished model, keep the result, write the page. Killed at any moment, `resume` goes on with the
// cell at its last checkpoint. Engine thread.
#pragma once

#include "engine/base/folder_lock.h"
#include "engine/session/jobs.h"
#include "engine/train/training_run.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace depthscope::session {

class ExperimentJob : public Job {
public:
    ~ExperimentJob() override = default;
    ExperimentJob(const ExperimentJob&) = delete;
    ExperimentJob& operator=(const ExperimentJob&) = delete;

    bool step() final;

protected:
    ExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish)
        : m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    /// What is trained until when.
    struct Training {
        train::TrainerSettings trainer;
        train::Objective* objective = nullptr; ///< stays the cell's until the next start()
        double seconds = 0;                    ///< of processor time; 0: the trainer's steps
    };

    [[nodiscard]] virtual std::size_t cells() const = 0;
    [[nodiscard]] virtual std::string nameOf(std::size_t cell) const = 0;

    /// Reads the cell's result from the folder; false: there is none.
    [[nodiscard]] virtual bool readResult(std::size_t cell) = 0;
    [[nodiscard]] virtual bool isFinished(std::size_t cell) const = 0;

    /// False: the request lacks what it needs.
    [[nodiscard]] virtual bool isPossible(std::size_t /*cell*/) const { return true; }

    /// What all cells need, a piece a step; false: it is all there.
    [[nodiscard]] virtual bool prepareOnce() { return false; }

    [[nodiscard]] virtual Training start(std::size_t cell) = 0;

    /// A piece of scoring the trained model; false: all is there.
    [[nodiscard]] virtual bool scoreOnce() = 0;

    /// Writes the result; the curve is the training's.
    virtual void finish(std::size_t cell, const std::vector<train::Evaluation>& curve) = 0;

    [[nodiscard]] virtual std::string page() const = 0;

    /// Other files beside the page.
    virtual void writeMore() const {}

    /// Of the validation loss.
    [[nodiscard]] virtual std::string unit() const = 0;

    [[nodiscard]] std::filesystem::path folder() const { return m_request.outFolder; }

    /// Stopped in the middle of a cell: its last steps are kept. For the destructor of the job that
    /// owns the objective, which the run still needs.
    void saveRest() noexcept;

    /// At most every two seconds. `share` of the cell at work, 0..1.
    void tell(double share, const std::string& what);

    /// Writes a file of the folder, whole or not at all.
    void write(const std::string& name, const std::string& text) const;

    JobId m_id;
    runtime::ExperimentRequest m_request;
    Publish m_publish;

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::filesystem::path checkpoint(std::size_t cell) const;
    [[nodiscard]] bool outOfTime() const;
    void begin();
    bool nextCell();
    void startCell(std::size_t cell);
    void trainOnce();
    void finishCell();
    [[nodiscard]] runtime::ExperimentReport tally() const;
    void publishPage();

    std::optional<FolderLock> m_lock; ///< of the out folder
    bool m_prepared = false;
    std::size_t m_cell = 0;
    double m_seconds = 0; ///< of the cell's training; 0: steps end it
    std::optional<train::TrainingRun> m_run;
    Clock::time_point m_start = Clock::now();
    Clock::time_point m_lastTold;
    std::optional<double> m_firstFraction; ///< done when the work began
};

/// Of video models; makeExperimentJob makes it where one is asked for.
[[nodiscard]] std::unique_ptr<Job>
makeVideoExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish);

} // namespace depthscope::session
