// SPDX-License-Identifier: MIT
// The figures of SAVED / LOST: what a run's routing saved and what it cost, each a value or the
// reason why there is none. Pure functions of a view whose run has places; any thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::instruments {

/// One line of the panel: a value or why there is none.
struct Entry {
    std::string label;
    std::string words; ///< the label that says which way, beside a value without its sign
    std::string unit;
    double value = std::nan("");    ///< percent, nats per token, or decibels
    double baseline = std::nan(""); ///< in the baseline's own unit
    double own = std::nan("");
    std::string ownUnit;
    double spread = std::nan(""); ///< of a percentage: half the interquartile range of the rounds
    bool measured = true;
    bool isOld = false; ///< of settings that are no longer in force
    std::string how;    ///< it was measured, where there is more to say
    std::string why;    ///< instead of a value
    std::string model;  ///< of the reference, by its name
    bool warns = false; ///< `how` says why the value proves little
};

struct Balance {
    std::vector<Entry> saved;
    std::vector<Entry> lost;
    std::string unlike; ///< that the text is unlike what the model was trained on; empty: it is not
};

/// The wall time of the routing on screen against full depth: medians of passes in turns where
/// there are such, else one pass each.
struct TimeFigure {
    double own = std::nan(""); ///< milliseconds
    double full = std::nan("");
    double percent = std::nan("");
    double spread = std::nan(""); ///< percent points: half the interquartile range of the rounds
    int rounds = 0;               ///< 0: one pass each
    bool isOld = false;           ///< the settings have changed since
};

/// Why a change of time in percent, measured in turns, tells nothing: the rounds differ by more, or
/// were too few to know (old recordings have no spread). Empty: it tells.
[[nodiscard]] std::string
noiseIn(double percent, double spread, int rounds, const scene::TextService& text);

/// Nothing where there is no reference of the same kind, or while times in turns are to come.
[[nodiscard]] std::optional<TimeFigure> timeFigure(const trace::TraceView& view);

inline constexpr double kEqualPercent = 0.5; ///< less is shown as 0

/// Which way a value goes, in words.
struct Ways {
    std::string less;
    std::string more;
    std::string equal;
};

/// Of a value that is shown without its sign, `equal` below that size; empty: there is none.
[[nodiscard]] std::string wayOf(double value, double equal, const Ways& ways);

/// Change against a baseline; NaN without one.
[[nodiscard]] double percent(double own, double baseline);

/// Why a reference is not there: it comes, or it was not recorded, or there is none.
[[nodiscard]] std::string
missing(const trace::TraceView& view, const trace::RunKey& which, const scene::TextService& text);

/// That a text is unlike what its model was trained on, in words and figures; empty: it is not, or
/// training.json does not tell, or the routing is not the trained one. The criterion: the mean
/// loss, less two standard errors, is above the held-out loss of the hardest class that
/// training.json knows (of all held-out text where it knows none), docs/instruments.md.
[[nodiscard]] std::string unlikeTraining(const trace::RunView& run, const scene::TextService& text);

/// Of a text, or of places without content.
[[nodiscard]] Balance balanceOf(const trace::TraceView& view, const scene::TextService& text);

/// Of a clip: the whole run so far, and decibels of its prediction; a value of LOST is positive
/// where the run is better.
[[nodiscard]] Balance balanceOfClip(const trace::TraceView& view, const scene::TextService& text);

} // namespace depthscope::instruments
