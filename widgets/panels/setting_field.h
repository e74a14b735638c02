// SPDX-License-Identifier: MIT
// The declaration of a setting by its name, for the controls that set it. Any thread.
#pragma once

#include "engine/settings/field.h"

namespace depthscope::panels {

/// Help and range of the setting; its name alone where there is no such setting.
[[nodiscard]] settings::FieldInfo settingField(const char* name);

} // namespace depthscope::panels
