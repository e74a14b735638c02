// SPDX-License-Identifier: MIT
#include "engine/spec/preset_info.h"

#include "engine/spec/autoencoder_preset.h"
#include "engine/spec/autoencoder_weights.h"
#include "engine/spec/flops.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/video_macs.h"
#include "engine/spec/video_preset.h"
#include "engine/spec/video_weights.h"

namespace depthscope::spec {

namespace {

/// What both kinds of recipe say.
template <class Recipe>
PresetInfo begun(const Recipe& preset) {
    PresetInfo info;
    info.name = preset.name;
    info.help = preset.help;
    info.steps = preset.steps;
    info.parts = plannedParameters(preset.model);
    info.parameters = parameterCount(info.parts);
    info.trainingBytes = trainingBytes(preset, info.parameters);
    return info;
}

PresetInfo infoOf(const Preset& preset) {
    const LanguageSpec& model = preset.model;
    PresetInfo info = begun(preset);
    info.family = toString(model.family);
    StepWork load;
    load.unshared = causalWork(preset.sequence, 0);
    load.headTokens = preset.sequence;
    info.flopsPerToken =
        stepFlops(model, fullWork(model, load)) / static_cast<double>(preset.sequence);
    return info;
}

PresetInfo infoOf(const VideoPreset& preset) {
    constexpr double kOperations = 2.0; // of a multiply-accumulate
    const VideoSpec& model = preset.model;
    PresetInfo info = begun(preset);
    info.family = model.family();
    info.macsPerClip = videoMacs(model, wholeClip(model)).total();
    info.flopsPerToken = kOperations * info.macsPerClip / static_cast<double>(model.grid().count());
    return info;
}

PresetInfo infoOf(const AutoencoderPreset& preset) {
    constexpr double kOperations = 2.0; // of a multiply-accumulate
    const AutoencoderSpec& model = preset.model;
    PresetInfo info = begun(preset);
    info.family = kAutoencoderFamily;
    info.macsPerClip = autoencoderMacs(model).total();
    info.flopsPerToken =
        kOperations * info.macsPerClip / static_cast<double>(model.latentGrid().count());
    return info;
}

template <class Recipe>
PresetInfo
infoWith(Recipe preset, const std::vector<settings::RecipeChange>& changes, NoEffect noEffect) {
    changeRecipe(preset, changes, noEffect);
    PresetInfo info = infoOf(preset);
    info.fields = recipeFields(preset);
    return info;
}

} // namespace

std::vector<PresetInfo> presetInfos() {
    std::vector<PresetInfo> infos;
    for (const Preset& preset : presets()) {
        infos.push_back(infoOf(preset));
    }
    for (const VideoPreset& preset : videoPresets()) {
        infos.push_back(infoOf(preset));
    }
    for (const AutoencoderPreset& preset : autoencoderPresets()) {
        infos.push_back(infoOf(preset));
    }
    return infos;
}

PresetInfo presetInfo(const std::string& name,
                      const std::vector<settings::RecipeChange>& changes,
                      NoEffect noEffect) {
    if (const VideoPreset* video = findVideoPreset(name)) {
        return infoWith(*video, changes, noEffect);
    }
    if (const AutoencoderPreset* autoencoder = findAutoencoderPreset(name)) {
        return infoWith(*autoencoder, changes, noEffect);
    }
    return infoWith(findPreset(name), changes, noEffect);
}

} // namespace depthscope::spec
