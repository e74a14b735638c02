// SPDX-License-Identifier: MIT
// Text with the difficulty class of its byte ranges (trace::Difficulty). A plain value; any thread.
#pragma once

#include "engine/trace/class_set.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::data {

/// text[begin, end) is of this class.
using trace::ClassRange;

/// Ranges are in order and do not overlap; bytes outside all of them have no class.
struct ClassedText {
    std::string text;
    std::vector<ClassRange> classes;

    [[nodiscard]] bool operator==(const ClassedText&) const = default;
};

} // namespace depthscope::data
