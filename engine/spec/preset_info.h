// SPDX-License-Identifier: MIT
// What a person is told of a preset before it is trained: size, cost, memory, and every quantity
// that can be set. Pure functions; any thread.
#pragma once

#include "engine/settings/recipe.h"
#include "engine/spec/model_info.h"
#include "engine/spec/recipe.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::spec {

struct PresetInfo {
    std::string name;
    std::string help;
    std::string family;          ///< model_type
    std::int64_t parameters = 0; ///< distinct
    std::int64_t steps = 0;
    double trainingBytes = 0; ///< an estimate of the memory that training takes
    double flopsPerToken = 0; ///< forward, every recursion run, mean over a sequence
    double macsPerClip = 0;   ///< of a video model: forward, every frame noisy; else 0
    std::vector<ParameterPart> parts{};
    std::vector<settings::RecipeField> fields{}; ///< where one preset was asked for
};

/// All of them, language models first, without their fields.
[[nodiscard]] std::vector<PresetInfo> presetInfos();

/// Of publishedShapes().
[[nodiscard]] std::vector<PresetInfo> shapeInfos();

/// A recipe or a published shape of a language model, with changes. Throws Error{Usage} as
/// findPreset and changeRecipe do.
[[nodiscard]] Preset languagePreset(const std::string& name,
                                    const std::vector<settings::RecipeChange>& changes,
                                    NoEffect noEffect);

/// One with changes and all its fields. Throws Error{Usage} as findPreset and changeRecipe do.
[[nodiscard]] PresetInfo presetInfo(const std::string& name,
                                    const std::vector<settings::RecipeChange>& changes,
                                    NoEffect noEffect);

} // namespace depthscope::spec
