// SPDX-License-Identifier: MIT
// Every quantity of a video transformer, declared once: its name in config.json and for recipes,
// help, type and range. Reader, writer, --set and the recipe dialog visit this list. Any thread.
#pragma once

#include "engine/spec/field.h"
#include "engine/spec/training_fields.h"
#include "engine/spec/video_spec.h"

#include <vector>

namespace depthscope::spec {

using VideoField = Field<VideoSpec>;

/// Those that decide what others mean first.
[[nodiscard]] const std::vector<VideoField>& videoFields();

} // namespace depthscope::spec
