// SPDX-License-Identifier: MIT
// The result of a cell of an experiment as a JSON file of its own. Any thread.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>

namespace depthscope::train {

/// The object of the file, with a member "curve" and one named `figures`; nullopt: no such file,
/// the cell has not run to its end. Throws Error{BadInput} naming the file where it is anything
/// else.
[[nodiscard]] std::optional<nlohmann::json> readCellFile(const std::filesystem::path& path,
                                                         const char* figures);

/// All of it or, where that fails, none: throws as AtomicFile does.
void writeCellFile(const std::filesystem::path& path, const nlohmann::json& root);

} // namespace depthscope::train
