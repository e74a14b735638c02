// SPDX-License-Identifier: MIT
#include "engine/train/video_report.h"

#include "engine/spec/video_macs.h"
#include "engine/spec/video_weights.h"

#include <torch/headeronly/version.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

namespace depthscope::train {

using nlohmann::json;

namespace {

constexpr std::int64_t kScoredClips = 384;

evaluate::ClipScoring scoringOf(const VideoRecord& record) {
    const spec::VideoPreset& preset = record.objective.preset();
    evaluate::ClipScoring scoring;
    scoring.clips = std::max(preset.validationClips, kScoredClips);
    scoring.batch = preset.batch;
    scoring.firstClip =
        static_cast<std::uint64_t>(preset.validationClips); // others than the curve's
    if (record.split != nullptr) { // of which there are not as many as one likes
        const auto there = static_cast<std::int64_t>(record.split->heldOut.size());
        const bool enough = there >= preset.validationClips + scoring.clips;
        scoring.clips = std::min(scoring.clips, there);
        scoring.firstClip = enough ? scoring.firstClip : 0;
    }
    scoring.weightCap = preset.weightCap;
    scoring.ground = record.ground;
    return scoring;
}

/// Numbers and flags as such, other values as text.
json valueJson(const std::string& value) {
    const json parsed = json::parse(value, nullptr, false);
    return parsed.is_number() || parsed.is_boolean() ? parsed : json(value);
}

json numberJson(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
}

json recipeJson(const spec::VideoPreset& preset) {
    json recipe{{"preset", preset.name},
                {"steps", preset.steps},
                {"autocast", preset.autocast ? "bfloat16" : "none"},
                {"seed", preset.seed}};
    for (const settings::RecipeField& field : spec::recipeFields(preset)) {
        recipe[field.name] = valueJson(field.value);
    }
    return recipe;
}

/// What became of the user's own videos.
json videosJson(const VideoRecord& record) {
    const std::filesystem::path folder = record.objective.preset().data;
    const auto nameOf = [&](const data::OwnVideo& video) {
        const std::filesystem::path inside = video.file.lexically_relative(folder);
        return (inside.empty() || inside == "." ? video.file.filename() : inside).string();
    };
    json out{{"recipe", record.own->recipe().text()},
             {"split", record.split->rule},
             {"clips_learned", record.split->learned.size()},
             {"clips_held_out", record.split->heldOut.size()},
             {"videos", json::array()},
             {"left_out", json::array()}};
    for (const data::OwnVideo& video : record.own->videos()) {
        if (!video.refused.empty()) {
            out["left_out"].push_back({{"file", nameOf(video)}, {"reason", video.refused}});
            continue;
        }
        out["videos"].push_back({{"file", nameOf(video)},
                                 {"frames", video.frames},
                                 {"damaged", video.damaged},
                                 {"clips", video.clips},
                                 {"cut", video.isCut}});
    }
    return out;
}

json scoreJson(const evaluate::ClipScore& score) {
    json out{{"clips", score.clips},
             {"psnr_prediction", numberJson(score.psnrPrediction)},
             {"psnr_copy_last", numberJson(score.psnrCopyLast)},
             {"psnr_context_mean", numberJson(score.psnrContextMean)},
             {"share_above_copy", numberJson(score.shareAboveCopy)},
             {"weighted_loss", numberJson(score.weightedLoss)},
             {"flow_loss", json::array()}};
    for (std::size_t i = 0; i < score.flowLoss.size(); ++i) {
        out["flow_loss"].push_back({{"t", evaluate::kFlowLevels[i]},
                                    {"velocity", numberJson(score.flowLoss[i])},
                                    {"clean", numberJson(score.cleanLoss[i])}});
    }
    const evaluate::PhysicsReport& physics = score.physics;
    out["physics"] = {{"measured", physics.measured},
                      {"hidden", physics.hidden},
                      {"lost", physics.lost},
                      {"centroid_median_px", numberJson(physics.centroidMedian)},
                      {"centroid_p90_px", numberJson(physics.centroidHigh)},
                      {"area_p10", numberJson(physics.areaLow)},
                      {"area_median", numberJson(physics.areaMedian)},
                      {"area_p90", numberJson(physics.areaHigh)},
                      {"colour_rms", numberJson(physics.colourMedian)}};
    return out;
}

} // namespace

VideoReport::VideoReport(VideoRecord record)
    : m_record(std::move(record))
    , m_scorer(m_record.objective.model(), m_record.validation, scoringOf(m_record)) {}

std::string VideoReport::text() const {
    const spec::VideoPreset& preset = m_record.objective.preset();
    json root;
    root["recipe"] = recipeJson(preset);
    std::int64_t parameters = 0;
    for (const spec::ParameterPart& part : spec::plannedParameters(preset.model)) {
        parameters += part.count;
    }
    root["model"] = {
        {"parameters", parameters},
        {"macs", spec::videoMacs(preset.model, spec::wholeClip(preset.model)).total()}};
    root["validation"] = scoreJson(m_scorer.score());
    if (m_record.own != nullptr) {
        root["videos"] = videosJson(m_record);
    }
    root["software"] = {{"libtorch", TORCH_VERSION},
                        {"device", m_record.objective.model().device().str()},
                        {"threads", m_record.threads}};
    root["seconds"] = m_record.seconds;
    if (!m_record.resumedWith.empty()) {
        root["resumed_with"] = m_record.resumedWith;
    }
    root["curve"] = json::parse(curveText(m_record.curve));
    return root.dump(1) + "\n";
}

} // namespace depthscope::train
