// SPDX-License-Identifier: MIT
// What instruments read: the main run and its references. TraceStore joins steps into runs
// on its owner's thread (the window's).
#pragma once

#include "engine/trace/clip_view.h"
#include "engine/trace/convergence.h"
#include "engine/trace/lanes.h"
#include "engine/trace/run_view.h"
#include "engine/trace/training_view.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope::trace {

enum class Source : std::uint8_t { Live, Recorded };

/// Why there is no main run.
enum class EmptyReason : std::uint8_t { NoText, NoModel, Loading, Refused, NoClip };

/// Everything that can be on screen at one moment. Pointers may be null: nothing there yet.
struct TraceView {
    const RunView* main = nullptr;
    const RunView* previous = nullptr; ///< the ghost shown while a newer pass is being computed
    /// Other runs of the same content, by key.
    std::vector<std::pair<RunKey, const RunView*>> others;
    std::set<RunKey> awaited;                      ///< being computed, or will be
    std::uint32_t firstStep = 0;                   ///< of the main run: a recording may begin late
    std::uint32_t stepsOfMain = 0;                 ///< so far, whichever of them is looked at
    std::span<const StepPtr> mainSteps;            ///< these, oldest first
    EmptyReason emptyReason = EmptyReason::NoText; ///< meaningful while main is null
    Source source = Source::Live;
    bool computing = false;                 ///< a newer result is on its way
    const TrainingView* training = nullptr; ///< of the training in the window; null: none yet
    const ClipView* clip = nullptr;         ///< of the player; null: none was opened
    /// Of the main run's tokens, perhaps under older settings; null: not asked for, or not yet.
    const Convergence* convergence = nullptr;
    bool convergenceComes = false; ///< it is being worked out
    const Lanes* lanes = nullptr;  ///< of texts generated together; null: none yet

    /// Null until it has been computed.
    [[nodiscard]] const RunView* other(std::string_view key) const;

    /// The main run or another one.
    [[nodiscard]] const RunView* run(std::string_view key) const {
        return key == kMainRun ? main : other(key);
    }

    [[nodiscard]] bool awaits(const RunKey& key) const { return awaited.contains(key); }
};

/// Joins steps into runs. One owner, one thread.
class TraceStore {
public:
    /// Adds a step: a new run number of its key replaces the older run of that key. A run whose
    /// content differs from the main run's is kept but not shown until they agree again.
    void add(const StepPtr& step);

    void clear();

    /// Remembers the present main run as the ghost and marks the view as computing.
    void beginComputing();
    void endComputing();

    /// Shows the main run as it was after this step, and other runs of as many steps after theirs;
    /// nothing: the current state. A new main run is shown in its current state.
    void lookAt(std::optional<std::uint32_t> step);

    void setSource(Source source) { m_source = source; }

    void setEmptyReason(EmptyReason emptyReason) { m_emptyReason = emptyReason; }

    /// Which runs beside the main one are still to come.
    void setAwaited(std::set<RunKey> keys) { m_awaited = std::move(keys); }

    void setTraining(TrainingView training) { m_training = std::move(training); }

    /// Null: no clip.
    void setClip(ClipPtr clip) { m_clip = std::move(clip); }

    [[nodiscard]] const ClipPtr& clip() const { return m_clip; }

    /// Shown as long as the main run is of its tokens and model.
    void setConvergence(ConvergencePtr convergence) { m_convergence = std::move(convergence); }

    [[nodiscard]] const ConvergencePtr& convergence() const { return m_convergence; }

    void setConvergenceComes(bool comes) { m_convergenceComes = comes; }

    /// Of texts generated together, whatever the main run is; null: none.
    void setLanes(LanesPtr lanes) { m_lanes = std::move(lanes); }

    [[nodiscard]] const LanesPtr& lanes() const { return m_lanes; }

    /// Valid until the next call that changes the store.
    [[nodiscard]] TraceView view() const;

    /// The run of a key as it is, whatever step is looked at; null: none.
    [[nodiscard]] const RunView* newest(const RunKey& key) const;

    /// An earlier step of the main run is looked at.
    [[nodiscard]] bool looksBack() const { return !m_lookedAt.empty(); }

    /// All steps of the runs now held, oldest first, the main run's first, for saving.
    [[nodiscard]] std::vector<StepPtr> steps() const;

private:
    struct Held {
        std::shared_ptr<RunView> view;
        std::vector<StepPtr> steps;
    };

    [[nodiscard]] const Held* main() const;
    [[nodiscard]] const RunView& shown(const RunKey& key, const Held& held) const;

    std::map<RunKey, Held> m_runs;
    std::shared_ptr<const RunView> m_previous; ///< shares the run that it was; null: no ghost
    std::map<RunKey, RunView> m_lookedAt;      ///< runs as they stood at an earlier step
    std::set<RunKey> m_awaited;
    bool m_computing = false;
    Source m_source = Source::Live;
    EmptyReason m_emptyReason = EmptyReason::NoText;
    TrainingView m_training;
    ClipPtr m_clip;
    ConvergencePtr m_convergence; ///< null: none
    bool m_convergenceComes = false;
    LanesPtr m_lanes; ///< null: none
};

} // namespace depthscope::trace
