// SPDX-License-Identifier: MIT
// The difficulty classes of graded text: what is known in advance about how hard a token is. The numbers are
// stored in recordings and token streams: append, never renumber. Any thread.
#pragma once

#include <array>
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

inline constexpr std::array<const char*, 7> kDifficultyNames{
    "memorised", "copy", "sum", "nested", "agreement", "noise", "frame"};

} // namespace depthscope::trace
