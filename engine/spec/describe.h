// SPDX-License-Identifier: MIT
// What a configuration alone says about a model. Pure; any thread.
#pragma once

#include "engine/spec/language_spec.h"
#include "engine/spec/model_info.h"

#include <filesystem>

namespace depthscope::spec {

/// Family, shape, router, rules, FLOPs and notes; parameters as planned. Name, folder, dtype,
/// device and what was found beside the weights are for the caller to fill.
[[nodiscard]] ModelInfo describe(const LanguageSpec& config);

/// "demo-mor", and "demo-mor/best" for a folder named best, which belongs to a training.
[[nodiscard]] std::string modelName(const std::filesystem::path& folder);

} // namespace depthscope::spec
