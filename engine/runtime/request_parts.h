// SPDX-License-Identifier: MIT
// What every request is made of: the job it becomes, the model it works on, its input, and when it
// runs. Plain values; any thread.
#pragma once

#include "engine/trace/class_set.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::runtime {

using JobId = std::uint64_t;

/// Which loaded model a job works on. Training and scoring of other folders load their own.
enum class ModelRole : std::uint8_t { Main, Vanilla };

/// The model's input: text (any bytes) or token ids, and what is known about it in advance.
struct Prompt {
    std::string text;
    std::vector<std::int32_t> ids; ///< used instead of text when not empty
    trace::TextClasses classes;    ///< byte offsets into text

    [[nodiscard]] bool empty() const { return text.empty() && ids.empty(); }

    [[nodiscard]] bool operator==(const Prompt&) const = default;
};

/// The order in which requests run; among equal ones, the oldest first. Every request declares its
/// own, and which older request of its kind it makes obsolete (`replaces`).
enum class Priority : std::uint8_t {
    Short,    ///< loads and queries with an immediate answer
    MainPass, ///< what is on screen
    Generation,
    Reference,  ///< what it is compared with
    Background, ///< trainings, measurements
};

} // namespace depthscope::runtime
