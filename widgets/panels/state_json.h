// SPDX-License-Identifier: MIT
// What is on screen as JSON: the keys of the command line's `run --json`, with the settings beside
// them. Pure.
#pragma once

#include "engine/settings/lab.h"
#include "engine/trace/trace_store.h"

#include <QJsonObject>

namespace depthscope::panels {

/// Every declared field by its name; ratios as text, so that they stay exact.
[[nodiscard]] QJsonObject settingsJson(const settings::LabSettings& settings);

/// Model, settings in force and tokens of a run: enough to make it again.
[[nodiscard]] QJsonObject recipeJson(const trace::RunView& run);

/// File, frame on screen, and what the player is about.
[[nodiscard]] QJsonObject clipJson(const trace::ClipView& clip);

/// tokens, depth, scores, nll, cost as `run --json`; plus text, settings, source, the clip and both
/// references.
[[nodiscard]] QJsonObject stateJson(const trace::TraceView& view,
                                    const settings::LabSettings& settings);

} // namespace depthscope::panels
