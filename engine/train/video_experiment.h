// SPDX-License-Identifier: MIT
// The experiment more-dit: MoRE-DiT against its controls, each trained with the same clips, time
// and seeds (docs/video_models.md, "Experiment"). Values and files; the job runs them. Any thread.
// Files throw Error{BadInput} naming them.
#pragma once

#include "engine/evaluate/motion_features.h"
#include "engine/spec/video_preset.h"
#include "engine/train/metrics.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope::train {

inline constexpr std::string_view kMoreDit = "more-dit";
/// The system that the others are controls of.
inline constexpr const char* kMoreSystem = "more";

/// One model of the table.
struct VideoSystem {
    std::string name;    ///< "more"
    std::string what;    ///< for the page
    std::string against; ///< what it is a control of
    spec::VideoPreset preset;
};

struct VideoCell {
    std::string system;
    std::uint64_t seed = 1;

    /// "more-2": names its files.
    [[nodiscard]] std::string name() const { return system + "-" + std::to_string(seed); }
};

/// What may be chosen; empty and 0 stand for the experiment's own.
struct VideoChoices {
    std::string clips{};
    std::vector<std::string> systems{};
    int seeds = 0;
    double minutes = 0;     ///< of processor time, each training
    std::int64_t steps = 0; ///< ends each training instead
};

struct VideoExperiment {
    std::string clips = "one-shape";
    std::vector<VideoSystem> systems;
    std::vector<VideoCell> cells; ///< in the order in which they run: seed after seed
    double trainSeconds = 240;    ///< of processor time, one thread; evaluations not counted
    std::int64_t steps = 0;       ///< 0: time ends a training
    std::int64_t scoredClips = 384;
    std::int64_t regretClips = 8;
    std::int64_t featureSteps = 1500; ///< of the network behind F-dist

    [[nodiscard]] const VideoSystem& system(const std::string& name) const;

    /// Constant rate after the warm-up, so that every point of the curve is a fair end.
    [[nodiscard]] spec::VideoPreset presetOf(const VideoCell& cell) const;

    /// "240 s of processor time on one-shape": results of another one are not mixed in.
    [[nodiscard]] std::string budget() const;
};

/// Throws Error{Usage} naming an unknown system or clips, or a number out of range.
[[nodiscard]] VideoExperiment moreDit(const VideoChoices& choices);

/// What one cell measured.
struct VideoResult {
    VideoCell cell;
    std::string budget;
    std::string machine;           ///< kernels and LibTorch that it ran with
    std::string features;          ///< hash of the network behind f_distance
    std::vector<Evaluation> curve; ///< seconds are processor seconds of training
    /// Of the finished model, by name: parameters, macs, psnr, rf_loss, flow_loss[2],
    /// psnr[inverted], auc[motion], bytes[keys]; the page says what each is.
    std::vector<std::pair<std::string, double>> figures;

    /// NaN where there is none of that name.
    [[nodiscard]] double figure(std::string_view name) const;
};

/// folder/NAME.json; nullopt where the cell has not run to its end. Throws Error{Usage} where it
/// ran with another budget.
[[nodiscard]] std::optional<VideoResult> readVideoResult(const std::filesystem::path& folder,
                                                         const VideoExperiment& experiment,
                                                         const VideoCell& cell);
void writeVideoResult(const std::filesystem::path& folder, const VideoResult& result);

/// The network behind F-dist, and whether its distances can be read.
struct FeatureReport {
    std::string hash;
    std::array<double, evaluate::kMotionAnswers.size()> accuracy{}; ///< of held-out clips
    evaluate::FeatureSelfTest test;
};

/// All that is known of an experiment; the parts outlive it.
struct VideoFindings {
    const VideoExperiment& experiment;
    const std::vector<std::optional<VideoResult>>& results; ///< of experiment.cells
    const std::optional<FeatureReport>& features;
};

/// The page: what was run, tables at equal clips, MACs and time, states of the routers,
/// interventions, and which published targets are met. A cell without a result says "not run".
[[nodiscard]] std::string videoResultsPage(const VideoFindings& findings);

/// The same for programs: results.json.
[[nodiscard]] std::string videoResultsJson(const VideoFindings& findings);

/// Every point of every curve: curves.csv.
[[nodiscard]] std::string videoCurvesCsv(const VideoFindings& findings);

} // namespace depthscope::train
