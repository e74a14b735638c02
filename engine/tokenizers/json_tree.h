// SPDX-License-Identifier: MIT
// A tokenizer.json is nearly all vocabulary and merges: these become plain tables, which takes a
// third of the time that JSON values would take. Any thread.
#pragma once

#include "engine/base/json.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope::tokenizers {

/// Items of `model.vocab` and `model.merges`, in the order of the file. In the tree both are empty.
struct JsonTables {
    static constexpr std::int64_t kNoNumber = std::numeric_limits<std::int64_t>::min();

    /// kNoNumber for anything but an integer.
    std::vector<std::pair<std::string, std::int64_t>> vocabulary;
    /// "a b" as well as ["a", "b"]; two empty strings for anything else.
    std::vector<std::array<std::string, 2>> merges;
};

/// The document that is called `name`, but for what goes to the tables. Throws Error{BadInput}.
[[nodiscard]] JsonFile
readTables(std::string_view text, const std::string& name, JsonTables& tables);

} // namespace depthscope::tokenizers
