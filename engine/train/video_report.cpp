// SPDX-License-Identifier: MIT
#include "engine/train/video_report.h"

#include "engine/spec/video_macs.h"
#include "engine/spec/video_weights.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace depthscope::train {

using nlohmann::json;

namespace {

evaluate::ClipScoring scoringOf(const VideoRecord& record) {
    const spec::VideoPreset& preset = record.objective.preset();
    const ScoredClips scored = scoredClips(preset.validationClips, record.training.split);
    evaluate::ClipScoring scoring;
    scoring.clips = scored.count;
    scoring.batch = preset.batch;
    scoring.firstClip = scored.first;
    scoring.weightCap = preset.weightCap;
    scoring.ground = record.ground;
    return scoring;
}

json numberJson(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
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
    json root = trainingJson({preset, spec::recipeFields(preset), preset.data}, m_record.training);
    std::int64_t parameters = 0;
    for (const spec::ParameterPart& part : spec::plannedParameters(preset.model)) {
        parameters += part.count;
    }
    root["model"] = {
        {"parameters", parameters},
        {"macs", spec::videoMacs(preset.model, spec::wholeClip(preset.model)).total()}};
    root["validation"] = scoreJson(m_scorer.score());
    return root.dump(1) + "\n";
}

} // namespace depthscope::train
