// SPDX-License-Identifier: MIT
#include "engine/train/reconstruction_report.h"

#include "engine/spec/language_weights.h"
#include "engine/train/json_values.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace depthscope::train {

using nlohmann::json;

namespace {

evaluate::ReconstructionScoring scoringOf(const ReconstructionRecord& record) {
    const spec::AutoencoderPreset& preset = record.objective.preset();
    const ScoredClips scored = scoredClips(preset.validationClips, record.training.split);
    return {scored.count, preset.batch, scored.first, true};
}

json scoreJson(const spec::AutoencoderSpec& spec, const evaluate::ReconstructionScore& score) {
    const spec::Extent3 control = spec::controlSize(spec);
    return {{"clips", score.clips},
            {"psnr_reconstruction", finiteOrNull(score.psnr)},
            {"psnr_bicubic", finiteOrNull(score.psnrControl)},
            {"ssim_reconstruction", finiteOrNull(score.ssim)},
            {"ssim_bicubic", finiteOrNull(score.ssimControl)},
            {"share_above_bicubic", finiteOrNull(score.shareAboveControl)},
            {"squared_error", finiteOrNull(score.loss)},
            {"bicubic_size", {control.rows, control.columns}}};
}

} // namespace

ReconstructionReport::ReconstructionReport(ReconstructionRecord record)
    : m_record(std::move(record))
    , m_scorer(m_record.objective.model(), m_record.validation, scoringOf(m_record)) {}

std::string ReconstructionReport::text() const {
    const spec::AutoencoderPreset& preset = m_record.objective.preset();
    json root = trainingJson({preset, spec::recipeFields(preset), preset.data}, m_record.training);
    root["model"] = {{"parameters", spec::parameterCount(spec::plannedParameters(preset.model))},
                     {"macs", spec::autoencoderMacs(preset.model).total()},
                     {"values_per_frame", preset.model.latentValues()}};
    root["validation"] = scoreJson(preset.model, m_scorer.score());
    return root.dump(1) + "\n";
}

} // namespace depthscope::train
