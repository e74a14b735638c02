// SPDX-License-Identifier: MIT
// The named recipes that this engine can train, and one of them as changed.
#include "engine/models/flops.h"
#include "engine/models/weights.h"
#include "engine/session/jobs.h"
#include "engine/train/preset.h"
#include "engine/train/recipe.h"

#include <utility>

namespace depthscope::session {

namespace {

runtime::PresetInfo infoOf(const train::Preset& preset) {
    const models::ModelConfig& model = preset.model;
    runtime::PresetInfo info;
    info.name = preset.name;
    info.help = preset.help;
    info.family = models::toString(model.family);
    info.steps = preset.steps;
    info.trainingBytes = train::trainingBytes(preset);
    info.parts = models::plannedParameters(model);
    for (const trace::ParameterPart& part : info.parts) {
        info.parameters += part.count;
    }
    models::StepLoad load;
    load.unshared = models::causalLoad(preset.sequence, 0);
    load.headTokens = preset.sequence;
    info.flopsPerToken = models::stepFlops(model, models::fullLoad(model, load)) /
                         static_cast<double>(preset.sequence);
    return info;
}

class PresetsJob final : public Job {
public:
    PresetsJob(JobId id, runtime::PresetsRequest request, Publish publish)
        : m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    bool step() override {
        runtime::PresetsReport report;
        report.job = m_id;
        if (m_request.preset.empty()) {
            for (const train::Preset& preset : train::presets()) {
                report.presets.push_back(infoOf(preset));
            }
        } else {
            train::Preset preset = train::findPreset(m_request.preset);
            train::changeRecipe(preset, m_request.recipe,
                                m_request.forgiving ? train::NoEffect::LeaveOut
                                                    : train::NoEffect::Refuse);
            report.presets.push_back(infoOf(preset));
            report.presets.back().fields = train::recipeFields(preset);
        }
        m_publish(std::move(report));
        return false;
    }

private:
    JobId m_id;
    runtime::PresetsRequest m_request;
    Publish m_publish;
};

} // namespace

std::unique_ptr<Job> makePresetsJob(JobId id, runtime::PresetsRequest request, Publish publish) {
    return std::make_unique<PresetsJob>(id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
