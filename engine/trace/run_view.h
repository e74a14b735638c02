// SPDX-License-Identifier: MIT
// What instruments read: the steps of a run joined into one table of tokens, beside its references.
// RunView is a value built by TraceStore on its owner's thread (the window's).
#pragma once

#include "engine/trace/step_trace.h"
#include "engine/trace/training_view.h"

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::trace {

/// All tokens of one run so far. Arrays have one entry per token; scores one row per recursion.
struct RunView {
    StepPtr latest;               ///< the newest step: model, routing, kv, flags. Never null.
    std::size_t promptTokens = 0; ///< tokens of the first step; the rest was generated
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> depth;
    std::vector<std::uint8_t> classes;      ///< kNoClass where unknown
    std::vector<float> nll;                 ///< NaN where unknown
    std::vector<std::vector<float>> scores; ///< [R][T]; NaN: not considered
    std::vector<ExpertChoices> experts;     ///< by layer, of all tokens; empty without experts
    /// Text of each token. A character whose bytes are spread over tokens stands whole at the
    /// first of them, so that the others may be empty.
    std::vector<std::string> pieces;
    std::vector<StepCost> costs; ///< one per step

    [[nodiscard]] std::size_t tokens() const { return ids.size(); }

    [[nodiscard]] int recursions() const { return latest->recursions; }

    [[nodiscard]] bool hasClasses() const;
    /// Sum over the steps so far.
    [[nodiscard]] StepCost totalCost() const;
    /// Mean of the known nll, nats per token; NaN if none is known.
    [[nodiscard]] double meanNll() const;
};

enum class Source : std::uint8_t { Live, Recorded };

/// Why there is no main run.
enum class Absence : std::uint8_t { NoText, NoModel, Loading, Refused };

/// Everything that can be on screen at one moment. Pointers may be null: nothing there yet.
struct TraceView {
    const RunView* main = nullptr;
    const RunView* previous = nullptr;  ///< the ghost shown while a newer pass is being computed
    const RunView* fullDepth = nullptr; ///< references of the same text; null until computed
    const RunView* vanilla = nullptr;
    Absence absence = Absence::NoText; ///< meaningful while main is null
    Source source = Source::Live;
    bool computing = false;       ///< a newer result is on its way
    bool awaitsFullDepth = false; ///< the reference is being computed, or will be
    bool awaitsVanilla = false;
    const TrainingView* training = nullptr; ///< of the training in the window; null: none yet
};

/// Joins steps into runs. One owner, one thread.
class TraceStore {
public:
    /// Adds a step: a new run number of its role replaces the older run of that role. A reference
    /// whose tokens differ from the main run's is kept but not shown until they agree again.
    void add(const StepPtr& step);

    void clear();

    /// Remembers the present main run as the ghost and marks the view as computing.
    void beginComputing();
    void endComputing();

    void setSource(Source source) { m_source = source; }

    void setAbsence(Absence absence) { m_absence = absence; }

    /// Which references of the main run are still to come.
    void setAwaited(bool fullDepth, bool vanilla) {
        m_awaitsFullDepth = fullDepth;
        m_awaitsVanilla = vanilla;
    }

    void setTraining(TrainingView training) { m_training = std::move(training); }

    /// Valid until the next call that changes the store.
    [[nodiscard]] TraceView view() const;

    /// All steps of the runs now held, oldest first, for saving.
    [[nodiscard]] std::vector<StepPtr> steps() const;

private:
    struct Held {
        std::shared_ptr<RunView> view; ///< null: no run
        std::vector<StepPtr> steps;
    };

    [[nodiscard]] Held& of(RunRole role) { return m_runs[static_cast<std::size_t>(role)]; }

    [[nodiscard]] const Held& of(RunRole role) const {
        return m_runs[static_cast<std::size_t>(role)];
    }

    Held m_runs[3];
    std::shared_ptr<const RunView> m_previous; ///< shares the run that it was; null: no ghost
    bool m_computing = false;
    bool m_awaitsFullDepth = false;
    bool m_awaitsVanilla = false;
    Source m_source = Source::Live;
    Absence m_absence = Absence::NoText;
    TrainingView m_training;
};

} // namespace depthscope::trace
