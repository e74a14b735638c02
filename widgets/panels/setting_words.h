// SPDX-License-Identifier: MIT
// What the values of settings are called in forms and captions, translated. GUI thread.
#pragma once

#include "engine/settings/routing.h"
#include "engine/spec/model_info.h"

#include <QString>

namespace depthscope::panels {

[[nodiscard]] QString nameOf(settings::Rule rule);
[[nodiscard]] QString nameOf(settings::KvPolicy policy);
/// What a policy means in a model: of a video model the keys that a recursion attends to, of a
/// looped one what an exit does.
[[nodiscard]] QString nameIn(const spec::ModelInfo& model, settings::KvPolicy policy, bool stops);

/// With which rule a generation runs, e.g. "threshold, tau 0.5".
[[nodiscard]] QString generationRule(const spec::ModelInfo& model,
                                     const settings::RoutingSettings& wanted);

/// The rule of ROUTING that a generation cannot have, since it needs the whole text; empty: it can.
[[nodiscard]] QString replacedRule(const spec::ModelInfo& model,
                                   const settings::RoutingSettings& wanted);

} // namespace depthscope::panels
