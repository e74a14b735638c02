// SPDX-License-Identifier: MIT
// The difficulty classes of graded text: what is known in advance about how hard a token is. The
// numbers are stored in recordings and token streams: append, never renumber. Any thread.
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

/// The class of a token of which nothing is known: typed text.
inline constexpr std::uint8_t kNoClass = 255;

/// The bytes [begin, end) of a text are of one class.
struct ClassRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint8_t difficulty = kNoClass;

    [[nodiscard]] bool operator==(const ClassRange&) const = default;
};

inline constexpr std::array<const char*, 7> kDifficultyNames{"memorised", "copy",  "sum",  "nested",
                                                             "agreement", "noise", "frame"};

} // namespace depthscope::trace
