// SPDX-License-Identifier: MIT
#include "engine/data/added_tokens.h"

#include "engine/data/utf8.h"

#include <algorithm>

namespace depthscope::data {

namespace {

bool isSpace(std::uint32_t code) {
    return (code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

std::size_t characterBefore(std::string_view text, std::size_t at) {
    do {
        --at;
    } while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U);
    return at;
}

std::size_t skipSpacesBack(std::string_view text, std::size_t at) {
    while (at > 0) {
        const std::size_t before = characterBefore(text, at);
        if (!isSpace(utf8CodePoint(text, before, at - before))) {
            break;
        }
        at = before;
    }
    return at;
}

std::size_t skipSpaces(std::string_view text, std::size_t at) {
    while (const std::size_t length = utf8Length(text, at)) {
        if (!isSpace(utf8CodePoint(text, at, length))) {
            break;
        }
        at += length;
    }
    return at;
}

} // namespace

AddedTokens::AddedTokens(const std::vector<AddedToken>& tokens)
    : m_word("\\A[\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200c}\\x{200d}]", Regex::Kind::Pattern) {
    for (const AddedToken& token : tokens) {
        (token.normalized ? m_second : m_first).push_back(token);
    }
    for (Set* set : {&m_first, &m_second}) {
        std::ranges::sort(*set, {}, &AddedToken::content);
    }
}

std::vector<Segment>
AddedTokens::split(std::string_view text, TextRange range, Regex::Scratch& scratch) const {
    std::vector<Segment> segments{{range, -1}};
    for (const Set* set : {&m_first, &m_second}) {
        if (set->empty()) {
            continue;
        }
        std::vector<Segment> next;
        for (const Segment& segment : segments) {
            if (segment.id >= 0) {
                next.push_back(segment);
            } else {
                splitBy(*set, text, segment, scratch, next);
            }
        }
        segments = std::move(next);
    }
    return segments;
}

void AddedTokens::splitBy(const Set& set,
                          std::string_view text,
                          Segment segment,
                          Regex::Scratch& scratch,
                          std::vector<Segment>& result) const {
    const std::string_view inside =
        text.substr(segment.range.begin, segment.range.end - segment.range.begin);
    const auto put = [&](std::size_t begin, std::size_t end, std::int32_t id) {
        if (begin < end) {
            result.push_back({{segment.range.begin + static_cast<std::uint32_t>(begin),
                               segment.range.begin + static_cast<std::uint32_t>(end)},
                              id});
        }
    };
    std::size_t done = 0;
    for (std::size_t at = 0; at < inside.size();) {
        const AddedToken* token = longestAt(set, inside.substr(at));
        if (token == nullptr) {
            ++at;
            continue;
        }
        const std::size_t end = at + token->content.size();
        if (!token->singleWord || standsAlone(inside, at, end, scratch)) {
            const std::size_t from = token->leftStrip ? skipSpacesBack(inside, at) : at;
            const std::size_t begin = std::max(from, done);
            const std::size_t stop = token->rightStrip ? skipSpaces(inside, end) : end;
            put(done, begin, -1);
            put(begin, stop, token->id);
            done = stop;
        }
        at = std::max(end, done);
    }
    put(done, inside.size(), -1);
}

const AddedToken* AddedTokens::longestAt(const Set& set, std::string_view text) {
    const AddedToken* best = nullptr;
    auto low = set.begin();
    auto high = set.end();
    for (std::size_t length = 0; length < text.size() && low != high; ++length) {
        // Within [low, high) the contents agree with the text in their first `length` bytes.
        const auto byteOf = [length](const AddedToken& token) {
            return length < token.content.size()
                       ? static_cast<int>(static_cast<unsigned char>(token.content[length]))
                       : -1;
        };
        const int wanted = static_cast<unsigned char>(text[length]);
        const auto found = std::ranges::equal_range(low, high, wanted, {}, byteOf);
        low = found.begin();
        high = found.end();
        if (low != high && low->content.size() == length + 1) {
            best = &*low;
        }
    }
    return best;
}

bool AddedTokens::standsAlone(std::string_view text,
                              std::size_t begin,
                              std::size_t end,
                              Regex::Scratch& scratch) const {
    const auto isWord = [&](std::string_view from) {
        return !from.empty() && m_word.find(from, 0, scratch).has_value();
    };
    const std::size_t before = begin == 0 ? 0 : characterBefore(text, begin);
    return !isWord(text.substr(before, begin - before)) && !isWord(text.substr(end));
}

} // namespace depthscope::data
