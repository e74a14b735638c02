// SPDX-License-Identifier: MIT
// A regular expression over well-formed UTF-8, read as the Hugging Face tokenizers read it:
// Oniguruma with its own default syntax, without options. Const after construction; any thread,
// each with its own Scratch. Throws Error{BadInput} naming the pattern. Patterns come from files
// and are hostile: nesting, backtracking and the time that one text may take are bounded.
#pragma once

#include "engine/base/json.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace depthscope::tokenizers {

struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
};

class Regex {
public:
    /// What one thread needs to match; usable with every Regex.
    class Scratch {
    public:
        Scratch();
        ~Scratch();
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;

    private:
        friend class Regex;
        struct Impl;
        std::unique_ptr<Impl> m_impl;
    };

    enum class Kind { Pattern, Literal };

    Regex(const std::string& pattern, Kind kind);
    ~Regex();
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;

    /// First match at or after `from`. The text must be well-formed UTF-8: it is not checked again.
    [[nodiscard]] std::optional<Match>
    find(std::string_view text, std::size_t from, Scratch& scratch) const;

    /// All matches from left to right. An empty one directly after another match does not count.
    void forEachMatch(std::string_view text,
                      Scratch& scratch,
                      const std::function<void(const Match&)>& each) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The `pattern` of a Split or Replace: {"Regex": ..} or {"String": ..}.
[[nodiscard]] Regex readPattern(const JsonField& field);

} // namespace depthscope::tokenizers
