// SPDX-License-Identifier: MIT
#include "engine/tokenizers/regex.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

#include <oniguruma.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace depthscope::tokenizers {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kMaximumNesting = 200; ///< real patterns have less than 10; the parser recurses
constexpr unsigned long kMatchRetries = 10'000'000; ///< the library's own default
/// The library has no limit for a search over all places; this is some seconds.
constexpr unsigned long kSearchRetries = 500'000'000;
constexpr unsigned kMatchStack = 16U << 20U; ///< entries; a word of a million characters fits
/// A pattern that goes on after this time must be faster than kSlowest.
constexpr std::chrono::seconds kGrace{10};
constexpr std::chrono::microseconds kSlowestPerByte{10};

const OnigUChar* bytesOf(std::string_view text) {
    return reinterpret_cast<const OnigUChar*>(text.data());
}

std::string messageOf(int code, OnigErrorInfo* info) {
    OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN] = {};
    const int length = info == nullptr ? onig_error_code_to_str(text, code)
                                       : onig_error_code_to_str(text, code, info);
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(std::max(0, length))};
}

/// The library keeps its encodings and the parser's depth for the whole process: set once.
void prepareLibrary() {
    static const int prepared = [] {
        OnigEncoding encoding = ONIG_ENCODING_UTF8;
        const int result = onig_initialize(&encoding, 1);
        onig_set_parse_depth_limit(kMaximumNesting);
        return result;
    }();
    if (prepared != ONIG_NORMAL) {
        throw Error(ErrorCode::Internal,
                    fmt::format("the regular expression library failed to start: {}",
                                messageOf(prepared, nullptr)));
    }
}

} // namespace

struct Regex::Scratch::Impl {
    struct Free {
        void operator()(OnigRegion* block) const { onig_region_free(block, 1); }

        void operator()(OnigMatchParam* block) const { onig_free_match_param(block); }
    };

    std::unique_ptr<OnigRegion, Free> region{onig_region_new()};
    std::unique_ptr<OnigMatchParam, Free> limits{onig_new_match_param()};
    Clock::duration spent{0};
    std::size_t bytes = 0; ///< that all searches have passed
};

struct Regex::Impl {
    struct Free {
        void operator()(OnigRegex block) const { onig_free(block); }
    };

    std::string pattern;
    std::unique_ptr<std::remove_pointer_t<OnigRegex>, Free> code; ///< none for a literal

    [[noreturn]] void fail(const std::string& reason) const {
        throw Error(ErrorCode::BadInput,
                    fmt::format("the regular expression \"{}\" cannot split this text: {}", pattern,
                                reason));
    }

    /// Throws for a pattern that is slow on the text so far, however short each search was.
    void charge(Regex::Scratch::Impl& scratch, Clock::duration time, std::size_t bytes) const {
        scratch.spent += time;
        scratch.bytes += bytes;
        if (scratch.spent > kGrace + scratch.bytes * kSlowestPerByte) {
            fail("it takes too long");
        }
    }
};

Regex::Scratch::Scratch()
    : m_impl(std::make_unique<Impl>()) {
    if (!m_impl->region || !m_impl->limits) {
        throw Error(ErrorCode::OutOfMemory, "out of memory while matching a regular expression");
    }
    onig_set_retry_limit_in_match_of_match_param(m_impl->limits.get(), kMatchRetries);
    onig_set_retry_limit_in_search_of_match_param(m_impl->limits.get(), kSearchRetries);
    onig_set_match_stack_limit_size_of_match_param(m_impl->limits.get(), kMatchStack);
}

Regex::Scratch::~Scratch() = default;

Regex::Regex(const std::string& pattern, Kind kind)
    : m_impl(std::make_unique<Impl>()) {
    prepareLibrary();
    m_impl->pattern = pattern;
    if (kind == Kind::Literal && !pattern.empty()) {
        return; // an empty one matches between any two characters, as the expression does
    }
    OnigRegex code = nullptr;
    OnigErrorInfo info{};
    const OnigUChar* begin = bytesOf(pattern);
    const int result = onig_new(&code, begin, begin + pattern.size(), ONIG_OPTION_NONE,
                                ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &info);
    m_impl->code.reset(code);
    if (result != ONIG_NORMAL) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("the regular expression \"{}\" does not compile: {}", pattern,
                                messageOf(result, &info)));
    }
}

Regex::~Regex() = default;

Regex::Regex(Regex&&) noexcept = default;

Regex& Regex::operator=(Regex&&) noexcept = default;

std::optional<Match> Regex::find(std::string_view text, std::size_t from, Scratch& scratch) const {
    if (!m_impl->code) {
        const std::size_t at = text.find(m_impl->pattern, from);
        return at == std::string_view::npos ? std::nullopt
                                            : std::optional(Match{at, at + m_impl->pattern.size()});
    }
    Scratch::Impl& used = *scratch.m_impl;
    onig_region_clear(used.region.get());
    const OnigUChar* begin = bytesOf(text);
    const OnigUChar* end = begin + text.size();
    const Clock::time_point start = Clock::now();
    const int result =
        onig_search_with_param(m_impl->code.get(), begin, end, begin + from, end, used.region.get(),
                               ONIG_OPTION_NONE, used.limits.get());
    const std::size_t reached =
        result < 0 ? text.size() : static_cast<std::size_t>(used.region->end[0]);
    m_impl->charge(used, Clock::now() - start, std::max(reached, from) - from);
    if (result == ONIG_MISMATCH) {
        return std::nullopt;
    }
    if (result < 0) {
        m_impl->fail(messageOf(result, nullptr));
    }
    return Match{static_cast<std::size_t>(used.region->beg[0]), reached};
}

void Regex::forEachMatch(std::string_view text,
                         Scratch& scratch,
                         const std::function<void(const Match&)>& each) const {
    if (text.empty()) {
        return;
    }
    std::optional<std::size_t> lastEnd;
    for (std::size_t from = 0; from <= text.size();) {
        const std::optional<Match> match = find(text, from, scratch);
        if (!match) {
            break;
        }
        if (match->end == lastEnd) { // empty behind a match, or \K found it again
            from = match->end + std::max<std::size_t>(1, utf8Length(text, match->end));
            continue;
        }
        // \K in a look-behind can begin a match before the search.
        each({std::max(match->begin, lastEnd.value_or(0)), match->end});
        lastEnd = from = match->end;
    }
}

Regex readPattern(const JsonField& field) {
    constexpr std::size_t kMaximumPattern = 10'000;
    const std::optional<JsonField> literal = field.find("String");
    const JsonField text = literal ? *literal : field.at("Regex");
    if (text.string().size() > kMaximumPattern) {
        text.fail(fmt::format("is longer than {} bytes", kMaximumPattern));
    }
    try {
        return {text.string(), literal ? Regex::Kind::Literal : Regex::Kind::Pattern};
    } catch (const Error& error) {
        text.fail(fmt::format(": {}", error.message()));
    }
}

} // namespace depthscope::tokenizers
