// SPDX-License-Identifier: MIT
// The difficulty classes of graded text: what is known in advance about how hard a token is. The
// numbers are stored in recordings and token streams: append, never renumber. Any thread.
#pragma once

#include "engine/trace/class_set.h"

#include <cstdint>

namespace depthscope::trace {

enum class Difficulty : std::uint8_t {
    Memorised, ///< inside a phrase that the corpus repeats word for word
    Copy,      ///< repeats or reverses what stands before it
    Sum,       ///< digits of a sum, carries included
    Nested,    ///< closing brackets: a stack decides
    Agreement, ///< agrees with a word at a distance
    Noise,     ///< drawn at random: nothing can predict it
    Frame,     ///< the fixed words around an exercise ("copy:", "=", line ends)
};

inline constexpr std::size_t kDifficulties = 7;

/// Their names, by number. Never null.
[[nodiscard]] const ClassSetPtr& gradedClasses();

} // namespace depthscope::trace
