// SPDX-License-Identifier: MIT
// What the values of settings are called in forms and captions, translated. GUI thread.
#pragma once

#include "engine/settings/routing.h"

#include <QString>

namespace depthscope::panels {

[[nodiscard]] QString nameOf(settings::Rule rule);
[[nodiscard]] QString nameOf(settings::KvPolicy policy);

} // namespace depthscope::panels
