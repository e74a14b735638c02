// SPDX-License-Identifier: MIT
// Recordings of format 1, which knew texts alone: their tables, and their steps as those of today.
// For this folder only; one thread. Nothing writes it any more.
#pragma once

#include "engine/recording/rows.h"

#include <stop_token>
#include <vector>

namespace depthscope::recording::format_1 {

/// Throws Error{BadInput} unless the tables are those of format 1.
void checkTables(Database& database);

inline constexpr const char* kWindowSql = "SELECT name, value FROM layout";
inline constexpr const char* kAnnotationSql = "SELECT run, token, text FROM annotation ORDER BY id";

[[nodiscard]] std::vector<trace::StepPtr>
readSteps(Database& database, const Models& models, const std::stop_token& stop);

} // namespace depthscope::recording::format_1
