// SPDX-License-Identifier: MIT
#include "engine/spec/preset_info.h"

#include "engine/spec/flops.h"
#include "engine/spec/language_weights.h"

namespace depthscope::spec {

namespace {

PresetInfo infoOf(const Preset& preset) {
    const LanguageSpec& model = preset.model;
    PresetInfo info;
    info.name = preset.name;
    info.help = preset.help;
    info.family = toString(model.family);
    info.steps = preset.steps;
    info.parts = plannedParameters(model);
    info.parameters = parameterCount(info.parts);
    info.trainingBytes = trainingBytes(preset, info.parameters);
    StepWork load;
    load.unshared = causalWork(preset.sequence, 0);
    load.headTokens = preset.sequence;
    info.flopsPerToken =
        stepFlops(model, fullWork(model, load)) / static_cast<double>(preset.sequence);
    return info;
}

} // namespace

std::vector<PresetInfo> presetInfos() {
    std::vector<PresetInfo> infos;
    for (const Preset& preset : presets()) {
        infos.push_back(infoOf(preset));
    }
    return infos;
}

PresetInfo presetInfo(const std::string& name,
                      const std::vector<settings::RecipeChange>& changes,
                      NoEffect noEffect) {
    Preset preset = findPreset(name);
    changeRecipe(preset, changes, noEffect);
    PresetInfo info = infoOf(preset);
    info.fields = recipeFields(preset);
    return info;
}

} // namespace depthscope::spec
