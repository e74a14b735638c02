// SPDX-License-Identifier: MIT
#include "engine/data/graded.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/graded_words.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace depthscope::data {

using trace::Difficulty;

namespace {

template <std::size_t Count>
std::string_view pick(SplitMix& random, const std::array<std::string_view, Count>& list) {
    return list[random.below(static_cast<std::uint32_t>(Count))];
}

/// A number of one to three digits, each length equally often.
std::uint32_t number(SplitMix& random) {
    switch (random.below(3)) {
    case 0:
        return 1 + random.below(9);
    case 1:
        return 10 + random.below(90);
    default:
        return 100 + random.below(900);
    }
}

} // namespace

GradedGenerator::GradedGenerator(std::uint64_t seed, std::uint32_t classMask)
    : m_random(seed) {
    for (const Difficulty difficulty :
         {Difficulty::Memorised, Difficulty::Copy, Difficulty::Sum, Difficulty::Nested,
          Difficulty::Agreement, Difficulty::Noise}) {
        if ((classMask & classBit(difficulty)) != 0) {
            m_exercises.push_back(difficulty);
        }
    }
    if (m_exercises.empty() || (classMask & ~kAllClasses) != 0) {
        throw Error(ErrorCode::Usage,
                    fmt::format("graded text: the class mask {} selects no exercise", classMask),
                    "Use a sum of 1 (memorised), 2 (copy), 4 (sum), 8 (nested), 16 (agreement) and "
                    "32 (noise).");
    }
}

void GradedGenerator::appendTo(ClassedText& text, std::size_t bytes) {
    constexpr std::size_t kLongestExercise = 1000;
    if (text.text.size() + bytes > std::numeric_limits<std::uint32_t>::max() - kLongestExercise) {
        throw Error(ErrorCode::Usage, "graded text: the length must not exceed 4 GiB");
    }
    m_out = &text;
    const std::size_t end = text.text.size() + bytes;
    while (text.text.size() < end) {
        exercise();
    }
    m_out = nullptr;
}

void GradedGenerator::exercise() {
    switch (m_exercises[m_random.below(static_cast<std::uint32_t>(m_exercises.size()))]) {
    case Difficulty::Memorised:
        phrase();
        break;
    case Difficulty::Copy:
        copy();
        break;
    case Difficulty::Sum:
        sum();
        break;
    case Difficulty::Nested:
        nest();
        break;
    case Difficulty::Agreement:
        agreement();
        break;
    case Difficulty::Noise:
    case Difficulty::Frame:
        noise();
        break;
    }
    put("\n");
}

void GradedGenerator::put(std::string_view bytes, Difficulty difficulty) {
    if (bytes.empty()) {
        return;
    }
    const auto begin = static_cast<std::uint32_t>(m_out->text.size());
    m_out->text += bytes;
    const auto end = static_cast<std::uint32_t>(m_out->text.size());
    const auto number = static_cast<std::uint8_t>(difficulty);
    std::vector<ClassRange>& ranges = m_out->classes;
    if (!ranges.empty() && ranges.back().end == begin && ranges.back().number == number) {
        ranges.back().end = end;
    } else {
        ranges.push_back({begin, end, number});
    }
}

void GradedGenerator::phrase() {
    // The first word tells which phrase it is, and nothing tells the first word: it is no memory.
    const std::string_view whole = pick(m_random, kPhrases);
    const std::size_t space = whole.find(' ');
    put(whole.substr(0, space));
    put(whole.substr(space), Difficulty::Memorised);
}

std::string GradedGenerator::words(std::uint32_t count, bool random) {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
        text += i == 0 ? "" : " ";
        if (!random) {
            text += pick(m_random, kWords);
            continue;
        }
        const std::uint32_t letters = 2 + m_random.below(5);
        for (std::uint32_t k = 0; k < letters; ++k) {
            text += static_cast<char>('a' + m_random.below(26));
        }
    }
    return text;
}

void GradedGenerator::copy() {
    const std::uint32_t kind = m_random.below(3);
    const std::string source = words(2 + m_random.below(5), false);
    if (kind == 1) {
        std::string reversed;
        for (std::size_t end = source.size(); end > 0;) {
            const std::size_t space = source.rfind(' ', end - 1);
            const std::size_t begin = space == std::string::npos ? 0 : space + 1;
            reversed += (reversed.empty() ? "" : " ") + source.substr(begin, end - begin);
            end = begin == 0 ? 0 : space;
        }
        put("back: " + source + " = ");
        put(reversed, Difficulty::Copy);
        return;
    }
    put(kind == 0 ? "copy: " + source + " = " : "She said " + source + ", and he said ");
    put(source, Difficulty::Copy);
    put(kind == 0 ? "" : ".");
}

void GradedGenerator::sum() {
    const std::uint32_t left = number(m_random);
    const std::uint32_t right = number(m_random);
    put("sum: " + std::to_string(left) + "+" + std::to_string(right) + "=");
    put(std::to_string(left + right), Difficulty::Sum);
}

void GradedGenerator::nest() {
    constexpr std::string_view kOpen = "([{<";
    constexpr std::string_view kClose = ")]}>";
    const std::uint32_t depth = 2 + m_random.below(7);
    std::string open;
    std::string close;
    for (std::uint32_t i = 0; i < depth; ++i) {
        const std::uint32_t kind = m_random.below(4);
        open += kOpen[kind];
        close += kClose[kind];
    }
    std::ranges::reverse(close);
    put("nest: " + open);
    put(close, Difficulty::Nested);
}

std::string GradedGenerator::nounPhrase(bool plural) {
    std::string text = "the ";
    if (m_random.below(3) == 0) {
        (text += pick(m_random, kAdjectives)) += " ";
    }
    text += pick(m_random, kNouns);
    return plural ? text + "s" : text;
}

void GradedGenerator::agreement() {
    const bool past = m_random.below(2) == 1;
    const bool plural = m_random.below(2) == 1;
    std::string text = past ? "Yesterday " : "Today ";
    text += nounPhrase(plural);
    if (m_random.below(4) != 0) {
        text += " that " + nounPhrase(m_random.below(2) == 1);
        if (m_random.below(2) == 1) {
            ((text += " ") += pick(m_random, kPlaces)) += " " + nounPhrase(m_random.below(2) == 1);
        }
        (text += " ") += pick(m_random, kDeeds);
    } else {
        ((text += " ") += pick(m_random, kPlaces)) += " " + nounPhrase(m_random.below(2) == 1);
    }
    put(text + " ");
    if (past) {
        put(plural ? "were" : "was", Difficulty::Agreement);
    } else {
        put(plural ? "are" : "is", Difficulty::Agreement);
    }
    put(" " + std::string(pick(m_random, kStates)) + ".");
}

void GradedGenerator::noise() {
    put("noise: ");
    put(words(3 + m_random.below(4), true), Difficulty::Noise);
}

} // namespace depthscope::data
