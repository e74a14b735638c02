// SPDX-License-Identifier: MIT
// A training from its first micro-batch, or its last checkpoint, to its end: trainer, curve, clock
// and checkpoint file. The job that owns it decides when a step is taken, tells what happened, and
// ends it early. Engine thread.
#pragma once

#include "engine/train/trainer.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::train {

/// What the seconds of a run are.
enum class RunClock : std::uint8_t {
    Wall,      ///< since the first step, with evaluations and whatever else the job does
    Processor, ///< processor time of this thread, of the steps alone
};

/// Processor seconds of this thread so far: other programs on the machine do not count.
[[nodiscard]] double threadSeconds();

struct RunSettings {
    std::filesystem::path checkpoint;
    RunClock clock = RunClock::Wall;
    double seconds = 0; ///< ends a run before its last step; 0: no limit
    /// What a run must share with the one that it resumes to go on bit for bit.
    std::map<std::string, std::string> circumstances;
};

class TrainingRun {
public:
    /// `objective` outlives the run.
    TrainingRun(TrainerSettings trainer, Objective& objective, RunSettings settings);

    /// Goes on from the checkpoint. Throws Error{BadInput} naming file and reason.
    void resume();

    /// Circumstances that differ from those of the run that this one resumes: "threads was 1, is
    /// 2".
    [[nodiscard]] const std::vector<std::string>& differences() const { return m_differences; }

    /// One micro-batch. Throws as Trainer::step does; what is in memory then is not worth keeping.
    void advance();

    [[nodiscard]] bool isDone() const;

    /// A step is whole, and the last or one after which the model is measured.
    [[nodiscard]] bool isEvaluationDue() const;

    /// Drops a step that is not whole, puts the average in place if the run is done, measures the
    /// model and adds that to the curve.
    const Evaluation& evaluate();

    /// The newest evaluation has the lowest val_loss.
    [[nodiscard]] bool isBest() const;

    void save();

    /// Calls `use` while the model is what was measured: the average, where one is kept.
    void withMeasured(const std::function<void()>& use) { m_trainer.withAverage(use); }

    /// Saves the steps since the last save, if there are any that are worth keeping. For
    /// destructors: false where that failed.
    [[nodiscard]] bool saveRest() noexcept;

    [[nodiscard]] double seconds() const;

    /// Since the last evaluation; 0 without a step.
    [[nodiscard]] double tokensPerSecond() const;

    /// At the mean speed of the steps since this run was begun or resumed.
    [[nodiscard]] double secondsLeft() const;

    [[nodiscard]] std::int64_t stepsDone() const { return m_trainer.stepsDone(); }

    [[nodiscard]] std::int64_t steps() const { return m_trainer.settings().steps; }

    [[nodiscard]] const std::vector<Evaluation>& curve() const { return m_curve; }

private:
    using Clock = std::chrono::steady_clock;

    RunSettings m_settings;
    Trainer m_trainer;
    std::vector<Evaluation> m_curve;
    std::vector<std::string> m_differences;
    std::optional<Clock::time_point> m_start; ///< of the first step
    std::optional<Clock::time_point> m_lap;   ///< of the first step since the last evaluation
    double m_secondsBefore = 0;               ///< of the runs resumed; Processor: of all steps
    std::int64_t m_firstStep = 0;
    std::int64_t m_lapStep = 0;
    std::int64_t m_savedStep = 0; ///< of the checkpoint on disk
    bool m_stepping = false;
};

} // namespace depthscope::train
