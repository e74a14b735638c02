// SPDX-License-Identifier: MIT
// Graded text: unlimited procedural ASCII text in which the difficulty class of every byte is known
// in advance (docs/graded-text.md). The same seed gives the same text on every machine. Owned by
// its user; one thread at a time.
#pragma once

#include "engine/base/random.h"
#include "engine/data/classed_text.h"
#include "engine/trace/graded_classes.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace depthscope::data {

/// The bit of a class in a mask of classes.
[[nodiscard]] constexpr std::uint32_t classBit(trace::Difficulty difficulty) {
    return 1U << static_cast<unsigned>(difficulty);
}

inline constexpr std::uint32_t kAllClasses = 0x7f;

class GradedGenerator {
public:
    /// `classMask` selects the exercises; their frame always occurs. Throws
    /// Error{Usage} for a mask without an exercise or with an unknown bit.
    GradedGenerator(std::uint64_t seed, std::uint32_t classMask);

    /// Appends whole exercises, one per line, until at least `bytes` bytes are new. The result does
    /// not depend on the number of calls. Throws Error{Usage} if the text would exceed 4 GiB.
    void appendTo(ClassedText& text, std::size_t bytes);

private:
    void phrase();
    void copy();
    void sum();
    void nest();
    void agreement();
    void noise();
    void exercise();
    void put(std::string_view bytes, trace::Difficulty difficulty);

    void put(std::string_view bytes) { put(bytes, trace::Difficulty::Frame); }

    [[nodiscard]] std::string words(std::uint32_t count, bool random);
    [[nodiscard]] std::string nounPhrase(bool plural);

    SplitMix m_random;
    std::vector<trace::Difficulty> m_exercises;
    ClassedText* m_out = nullptr; ///< only during appendTo
};

} // namespace depthscope::data
