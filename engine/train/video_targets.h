// SPDX-License-Identifier: MIT
// The published targets of MoRE-DiT as measurable goals, and what the experiment says of each:
// met, not met, or not measured (docs/video_models.md, "Experiment"). Also the claims that are
// decided over seeds. Pure functions of values; any thread.
#pragma once

#include "engine/train/curve_reading.h"
#include "engine/train/video_experiment.h"

#include <functional>
#include <string>
#include <vector>

namespace depthscope::train {

/// What one cell says about one question; NaN where it cannot.
using VideoQuestion = std::function<double(const VideoResult&)>;

/// Answers of one system by seed, where there are any.
[[nodiscard]] BySeed videoAnswers(const VideoFindings& findings,
                                  const std::string& system,
                                  const VideoQuestion& question);

/// A figure of the finished model.
[[nodiscard]] VideoQuestion figureOf(std::string name);

/// Mean |v^ - v|² over the noise levels of an evaluation.
[[nodiscard]] double flowLossOf(const Evaluation& point);

/// The largest value of an axis that every finished cell reached; infinite without one.
[[nodiscard]] double commonEnd(const VideoFindings& findings, Axis axis);

/// One target against one control.
struct VideoTarget {
    std::string target;   ///< "training cost 10 to 25 %"
    std::string measure;  ///< what is divided by what
    std::string control;  ///< the system's name
    std::string passLine; ///< "at most 0.25"
    std::string value;    ///< with its spread
    std::string verdict;  ///< "met", "not met", "not measured: .."
};

[[nodiscard]] std::vector<VideoTarget> videoTargets(const VideoFindings& findings);

/// "A predicts better than B", decided where the mean difference over seeds exceeds two standard
/// errors.
struct VideoClaim {
    std::string statement;
    Spread difference;   ///< dB, A less B
    std::string plainly; ///< what to say where it is not confirmed; empty: nothing

    [[nodiscard]] bool isConfirmed() const {
        return difference.mean > 0 && difference.isApartFrom(0);
    }

    [[nodiscard]] bool isContradicted() const {
        return difference.mean < 0 && difference.isApartFrom(0);
    }
};

/// "confirmed, standard error 0.12", "one seed: undecided", "not run".
[[nodiscard]] std::string verdictText(const VideoClaim& claim);

/// "motion deep", "background deep", "between": where a depth router ended, by its AUC of depth
/// against motion.
[[nodiscard]] std::string routerState(double auc);

[[nodiscard]] std::vector<VideoClaim> videoClaims(const VideoFindings& findings);

} // namespace depthscope::train
