// SPDX-License-Identifier: MIT
// The parts of a step that are no arrays, the model, and the recipe as JSON and back. For this
// folder only; any thread. Reading throws Error{BadInput} that names subject and field.
#pragma once

#include "engine/recording/recording.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace depthscope::recording {

/// All of a step but run, step, role, kind, model and arrays.
[[nodiscard]] nlohmann::json metaToJson(const trace::StepTrace& step);
void readMeta(const nlohmann::json& meta, const std::string& subject, trace::StepTrace& step);

[[nodiscard]] nlohmann::json modelToJson(const trace::ModelInfo& model);
[[nodiscard]] trace::ModelInfo modelFromJson(const nlohmann::json& object,
                                             const std::string& subject);

/// One key per member, each a row of its own. Unknown keys are ignored.
[[nodiscard]] nlohmann::json recipeToJson(const Recipe& recipe);
void readRecipeEntry(const std::string& key,
                     const nlohmann::json& value,
                     const std::string& subject,
                     Recipe& recipe);

} // namespace depthscope::recording
