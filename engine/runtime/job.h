// SPDX-License-Identifier: MIT
// What every request and every event says of a job. Plain values; any thread.
#pragma once

#include <cstdint>

namespace depthscope::runtime {

using JobId = std::uint64_t;

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
