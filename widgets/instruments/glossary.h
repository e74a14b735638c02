// SPDX-License-Identifier: MIT
// The words of docs/glossary.md that labels and legends explain on hover. The one place of these
// texts in the program. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace depthscope::scene {
class TextService;
}

namespace depthscope::instruments {

/// Both are message ids, and end with a zero.
struct Term {
    std::string_view word; ///< as the page lists it: "tau, threshold"
    std::string_view meaning;
};

[[nodiscard]] std::span<const Term> glossary();

/// Null: not one of the words.
[[nodiscard]] const Term* findTerm(std::string_view word);

/// "capacity: share of all tokens that ..", translated, in short lines; empty where it is not one
/// of the words.
[[nodiscard]] std::string explained(std::string_view word, const scene::TextService& text);

} // namespace depthscope::instruments
