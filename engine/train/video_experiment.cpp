// SPDX-License-Identifier: MIT
#include "engine/train/video_experiment.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/clip_preset.h"
#include "engine/train/cell_file.h"
#include "engine/train/chosen_systems.h"
#include "engine/train/json_values.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope::train {

using nlohmann::json;
using spec::VideoPreset;

namespace {

VideoPreset preset(const char* name) {
    return *spec::findVideoPreset(name);
}

/// Feed-forward layers of ratio 3: MoRE's number of parameters, within 2 %.
VideoPreset sameParameters() {
    VideoPreset made = preset("demo-dit");
    made.model.mlpRatio = 3;
    return made;
}

VideoPreset randomDepth() {
    VideoPreset made = preset("demo-more-dit");
    made.model.recursion->rule = settings::Rule::Random;
    made.model.recursion->alignedCoefficient = 0; // nothing ranks
    return made;
}

VideoPreset randomExpert() {
    VideoPreset made = preset("demo-more-dit");
    made.model.patterns->mode = spec::PatternMode::Random;
    return made;
}

std::vector<VideoSystem> allSystems() {
    return {
        {"more", "MoRE-DiT: entry block, pattern experts, routed stack of one block, 3 recursions",
         "", preset("demo-more-dit")},
        {"more-unaligned", "the same without aligned routing", "aligned routing",
         preset("demo-more-dit-unaligned")},
        {"dit-shallow", "4 plain blocks", "the plain model of about the same work",
         preset("demo-dit")},
        {"dit-deep", "8 plain blocks", "the plain model that MoRE would replace",
         preset("demo-dit-deep")},
        {"dit-parameters", "4 plain blocks, feed-forward ratio 3",
         "the plain model of the same number of parameters", sameParameters()},
        {"random-depth", "MoRE-DiT with drawn depths of the same capacity", "learned depth",
         randomDepth()},
        {"random-expert", "MoRE-DiT with drawn experts", "learned experts", randomExpert()},
        {"stage-1-only", "entry block, pattern experts, the stack twice on all tokens", "Stage 2",
         preset("demo-stage-1-only")},
        {"stage-2-only", "two entry blocks and the routed stack", "Stage 1",
         preset("demo-stage-2-only")},
    };
}

std::filesystem::path fileOf(const std::filesystem::path& folder, const VideoCell& cell) {
    return folder / (cell.name() + ".json");
}

} // namespace

const VideoSystem& VideoExperiment::system(const std::string& name) const {
    const auto found = std::ranges::find(systems, name, &VideoSystem::name);
    if (found == systems.end()) {
        throw Error(ErrorCode::Internal,
                    fmt::format("experiment {} has no system {}", kMoreDit, name),
                    "This is a bug: report it.");
    }
    return *found;
}

spec::VideoPreset VideoExperiment::presetOf(const VideoCell& cell) const {
    constexpr std::int64_t kEndsByTime = 1'000'000'000;
    constexpr std::int64_t kPoints = 5, kMostBetween = 100;
    VideoPreset made = system(cell.system).preset;
    made.name = cell.name();
    made.clips = clips;
    made.seed = cell.seed;
    made.schedule = {spec::RateShape::Constant, 2e-3, 100, 0};
    made.steps = steps > 0 ? steps : kEndsByTime;
    made.evaluateEvery = std::clamp<std::int64_t>(steps / kPoints, 1, kMostBetween);
    made.evaluateEvery = steps > 0 ? made.evaluateEvery : kMostBetween;
    made.validationClips = std::min(made.validationClips, scoredClips);
    return made;
}

std::string VideoExperiment::budget() const {
    return steps > 0 ? fmt::format("{} steps on {}", steps, clips)
                     : fmt::format("{:.0f} s of processor time on {}", trainSeconds, clips);
}

VideoExperiment moreDit(const VideoChoices& choices) {
    VideoExperiment experiment;
    experiment.systems = chosenSystems(allSystems(), choices.systems);
    if (!choices.clips.empty()) {
        experiment.clips = spec::findClipPreset(choices.clips).name;
    }
    constexpr int kSeeds = 3;
    constexpr double kSecondsPerMinute = 60;
    if (choices.minutes > 0) {
        experiment.trainSeconds = choices.minutes * kSecondsPerMinute;
    }
    experiment.steps = choices.steps;
    if (experiment.steps > 0) { // a trial of the command, or a test
        experiment.scoredClips = std::clamp<std::int64_t>(experiment.steps, 8, 384);
        experiment.featureSteps = std::clamp<std::int64_t>(experiment.steps, 20, 1500);
        experiment.regretClips = std::clamp<std::int64_t>(experiment.steps / 50, 1, 8);
    }
    const int seeds = chosenSeeds(choices.seeds, kSeeds);
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(seeds); ++seed) {
        for (const VideoSystem& system : experiment.systems) {
            experiment.cells.push_back({system.name, seed});
        }
    }
    return experiment;
}

double VideoResult::figure(std::string_view name) const {
    const auto found = std::ranges::find(figures, name, &std::pair<std::string, double>::first);
    return found == figures.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

std::optional<VideoResult> readVideoResult(const std::filesystem::path& folder,
                                           const VideoExperiment& experiment,
                                           const VideoCell& cell) {
    const std::filesystem::path path = fileOf(folder, cell);
    const std::optional<json> read = readCellFile(path, "figures");
    if (!read) {
        return std::nullopt;
    }
    const json& root = *read;
    VideoResult result;
    result.cell = cell;
    result.budget = textOr(root, "budget");
    if (result.budget != experiment.budget()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: ran with {}, not {}", path.string(), result.budget,
                                experiment.budget()),
                    "Choose another --out folder, or ask for the same as before.");
    }
    result.machine = textOr(root, "machine");
    result.features = textOr(root, "features");
    result.curve = parseCurve(root["curve"].dump());
    for (const auto& entry : root["figures"].items()) {
        result.figures.emplace_back(entry.key(), numberOr(root["figures"], entry.key().c_str()));
    }
    return result;
}

void writeVideoResult(const std::filesystem::path& folder, const VideoResult& result) {
    json root{{"system", result.cell.system},
              {"seed", result.cell.seed},
              {"budget", result.budget},
              {"machine", result.machine},
              {"features", result.features},
              {"figures", json::object()},
              {"curve", json::parse(curveText(result.curve))}};
    for (const auto& [name, value] : result.figures) {
        root["figures"][name] = finiteOrNull(value);
    }
    writeCellFile(fileOf(folder, result.cell), root);
}

} // namespace depthscope::train
