// SPDX-License-Identifier: MIT
#include "engine/data/regex.h"

#include "engine/base/error.h"
#include "engine/data/utf8.h"

#include <algorithm>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace depthscope::data {

namespace {

constexpr std::uint32_t kMatchLimit = 20'000'000;

std::string messageOf(int code) {
    PCRE2_UCHAR text[256] = {};
    pcre2_get_error_message(code, text, sizeof text);
    return reinterpret_cast<const char*>(text);
}

/// PCRE2's \s has U+180E, which is no white space since Unicode 6.3; the tokenizers' \s has not.
std::string spellOutSpace(const std::string& pattern) {
    const std::string space = "\\x09-\\x0d\\x20\\x{85}\\p{Z}";
    std::string result;
    bool inClass = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '\\' && at + 1 < pattern.size()) {
            const char escaped = pattern[++at];
            if (escaped == 's') {
                result += inClass ? space : "[" + space + "]";
            } else if (escaped == 'S' && !inClass) {
                result += "[^" + space + "]";
            } else {
                (result += c) += escaped;
            }
            continue;
        }
        if (c == '[') {
            inClass = true;
        } else if (c == ']') {
            inClass = false;
        }
        result += c;
    }
    return result;
}

} // namespace

struct Regex::Scratch::Impl {
    struct Free {
        void operator()(pcre2_match_data* block) const { pcre2_match_data_free(block); }

        void operator()(pcre2_match_context* block) const { pcre2_match_context_free(block); }
    };

    std::unique_ptr<pcre2_match_data, Free> data{pcre2_match_data_create(1, nullptr)};
    std::unique_ptr<pcre2_match_context, Free> context{pcre2_match_context_create(nullptr)};
};

struct Regex::Impl {
    struct Free {
        void operator()(pcre2_code* block) const { pcre2_code_free(block); }
    };

    std::string pattern;
    std::unique_ptr<pcre2_code, Free> code;
};

Regex::Scratch::Scratch()
    : m_impl(std::make_unique<Impl>()) {
    if (!m_impl->data || !m_impl->context) {
        throw Error(ErrorCode::OutOfMemory, "no memory for matching a regular expression");
    }
    pcre2_set_match_limit(m_impl->context.get(), kMatchLimit);
}

Regex::Scratch::~Scratch() = default;

Regex::Regex(const std::string& pattern, Kind kind)
    : m_impl(std::make_unique<Impl>()) {
    m_impl->pattern = pattern;
    const std::string used = kind == Kind::Pattern ? spellOutSpace(pattern) : pattern;
    const std::uint32_t options =
        PCRE2_UTF | (kind == Kind::Pattern ? PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_MULTILINE
                                           : PCRE2_LITERAL);
    int code = 0;
    PCRE2_SIZE at = 0;
    m_impl->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(used.data()), used.size(),
                                     options, &code, &at, nullptr));
    if (!m_impl->code) {
        throw Error(ErrorCode::BadInput, "the regular expression \"" + pattern +
                                             "\" does not compile: " + messageOf(code));
    }
    // Without a just-in-time compiler the interpreter matches the same, more slowly.
    pcre2_jit_compile(m_impl->code.get(), PCRE2_JIT_COMPLETE);
}

Regex::~Regex() = default;

Regex::Regex(Regex&&) noexcept = default;

Regex& Regex::operator=(Regex&&) noexcept = default;

std::optional<Match> Regex::find(std::string_view text, std::size_t from, Scratch& scratch) const {
    const auto match = [&](std::uint32_t options) {
        return pcre2_match(m_impl->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                           text.size(), from, options | PCRE2_NO_UTF_CHECK,
                           scratch.m_impl->data.get(), scratch.m_impl->context.get());
    };
    int result = match(0);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        result = match(PCRE2_NO_JIT);
    }
    if (result == PCRE2_ERROR_NOMATCH) {
        return std::nullopt;
    }
    if (result < 0) {
        throw Error(ErrorCode::BadInput, "the regular expression \"" + m_impl->pattern +
                                             "\" cannot split this text: " + messageOf(result));
    }
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(scratch.m_impl->data.get());
    // \K can move the start behind the end.
    return Match{std::min(ends[0], ends[1]), ends[1]};
}

void Regex::forEachMatch(std::string_view text,
                         Scratch& scratch,
                         const std::function<void(const Match&)>& each) const {
    std::optional<std::size_t> lastEnd;
    for (std::size_t from = 0; from <= text.size();) {
        const std::optional<Match> match = find(text, from, scratch);
        if (!match) {
            break;
        }
        if (match->begin < match->end || match->begin != lastEnd) {
            each(*match);
            lastEnd = match->end;
        }
        from = match->end;
        if (match->begin == match->end) {
            from += std::max<std::size_t>(1, utf8Length(text, from));
        }
    }
}

Regex readPattern(const JsonField& field) {
    constexpr std::size_t kMaximumPattern = 10'000;
    const std::optional<JsonField> literal = field.find("String");
    const JsonField text = literal ? *literal : field.at("Regex");
    if (text.string().empty() || text.string().size() > kMaximumPattern) {
        text.fail("is empty or too long");
    }
    try {
        return {text.string(), literal ? Regex::Kind::Literal : Regex::Kind::Pattern};
    } catch (const Error& error) {
        text.fail(": " + error.message());
    }
}

} // namespace depthscope::data
