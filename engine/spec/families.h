// SPDX-License-Identifier: MIT
// The families of models, a row each: what can be said of a model before its weights are read. The
// engine's half of a row, which needs torch, stands in engine/session/families.cpp. Any thread.
#pragma once

#include "engine/spec/model_info.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace depthscope::spec {

struct FamilyRow {
    std::string_view modelType; ///< of config.json
    const char* title;          ///< heading in the model menu; a message id
    /// From the folder's configuration alone. Throws Error{BadInput} naming file and field.
    ModelInfo (*describe)(const std::filesystem::path& folder);
};

/// In the order of the model menu.
[[nodiscard]] std::span<const FamilyRow> families();

/// Null where there is none of that name.
[[nodiscard]] const FamilyRow* findFamily(std::string_view modelType);

/// The folder's configuration as its family reads it; name and folder are filled. Throws
/// Error{BadInput} naming file and field, or the families where the model_type is of none.
[[nodiscard]] ModelInfo describeFolder(const std::filesystem::path& folder);

} // namespace depthscope::spec
