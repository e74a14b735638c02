// SPDX-License-Identifier: MIT
// The parts of a step that are not arrays, class sets and the recipe, as JSON and back. For this
// folder only; any thread. Reading throws Error{BadInput} that names subject and field.
#pragma once

#include "engine/recording/recording.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace depthscope::recording {

/// Settings and flags of a step: its columns hold key, run, step, kind and model.
[[nodiscard]] nlohmann::json metaToJson(const trace::StepTrace& step);
void readMeta(const nlohmann::json& meta, const std::string& subject, trace::StepTrace& step);

/// KV bytes, cost, losses and noise.
[[nodiscard]] nlohmann::json figuresToJson(const trace::RoutingStep& routing);
void readFigures(const nlohmann::json& figures,
                 const std::string& subject,
                 trace::RoutingStep& routing);

/// What is measured of a clip's pictures.
[[nodiscard]] nlohmann::json clipFiguresToJson(const trace::ClipContent& clip);
void readClipFigures(const nlohmann::json& figures,
                     const std::string& subject,
                     trace::ClipContent& clip);

[[nodiscard]] trace::KvMemory kvFromJson(const nlohmann::json& object, const std::string& subject);
[[nodiscard]] trace::StepCost costFromJson(const nlohmann::json& object,
                                           const std::string& subject);

[[nodiscard]] nlohmann::json classSetToJson(const trace::ClassSet& set);
[[nodiscard]] trace::ClassSetPtr classSetFromJson(const nlohmann::json& object,
                                                  const std::string& subject);

/// One key per member, each a row of its own. Unknown keys are ignored.
[[nodiscard]] nlohmann::json recipeToJson(const RunSetup& recipe);
void readRecipeEntry(const std::string& key,
                     const nlohmann::json& value,
                     const std::string& subject,
                     RunSetup& recipe);

} // namespace depthscope::recording
