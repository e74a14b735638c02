// SPDX-License-Identifier: MIT
// The lanes of texts that were generated together, in a table of their own: a file without them has
// no such table, and programs that know none pass it over. For this folder only; one thread.
#pragma once

#include "engine/recording/rows.h"
#include "engine/trace/lanes.h"

#include <optional>
#include <string>

namespace depthscope::recording {

inline constexpr TableSql kLanesTable{
    "lanes", "CREATE TABLE lanes(id INTEGER PRIMARY KEY, figures TEXT NOT NULL, "
             "spans BLOB NOT NULL, costs BLOB NOT NULL)"};

/// What keeps views from trusting them; nothing if they are sound.
[[nodiscard]] std::optional<std::string> errorIn(const trace::Lanes& lanes);

/// Makes the table.
void writeLanes(Database& database, const trace::Lanes& lanes);

/// Null where the file has none. Throws Error{BadInput} that names what is wrong.
[[nodiscard]] trace::LanesPtr readLanes(Database& database);

} // namespace depthscope::recording
