// SPDX-License-Identifier: MIT
// Classes of places about which something is known in advance, such as their difficulty: the ground
// truth for depth. Each step carries its class set. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace depthscope::trace {

/// The class of a place about which nothing is known, such as typed text.
inline constexpr std::uint8_t kNoClass = 255;

/// Names of classes, by number.
struct ClassSet {
    std::string name;               ///< "graded text"
    std::vector<std::string> names; ///< English, translated where they are shown; at most 255

    [[nodiscard]] bool holds(std::uint8_t number) const {
        return number == kNoClass || number < names.size();
    }

    [[nodiscard]] bool operator==(const ClassSet&) const = default;
};

using ClassSetPtr = std::shared_ptr<const ClassSet>;

/// The bytes [begin, end) of a text are of one class.
struct ClassRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint8_t number = kNoClass; ///< in its set

    [[nodiscard]] bool operator==(const ClassRange&) const = default;
};

/// What is known of a text.
struct TextClasses {
    ClassSetPtr set; ///< null: nothing is known, and there are no ranges
    std::vector<ClassRange> ranges;

    [[nodiscard]] bool operator==(const TextClasses& other) const {
        const bool sameSet = set == other.set || (set && other.set && *set == *other.set);
        return sameSet && ranges == other.ranges;
    }
};

} // namespace depthscope::trace
