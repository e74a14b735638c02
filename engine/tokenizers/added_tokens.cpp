// SPDX-License-Identifier: MIT
#include "engine/tokenizers/added_tokens.h"

#include "engine/base/utf8.h"
#include "engine/tokenizers/characters.h"

#include <algorithm>

namespace depthscope::tokenizers {

namespace {

bool startsWithWord(std::string_view text) {
    const std::size_t length = text.empty() ? 0 : utf8Length(text, 0);
    return length > 0 && isWordCharacter(utf8CodePoint(text, 0, length));
}

/// Whether no word character stands beside text[begin, end).
bool standsAlone(std::string_view text, std::size_t begin, std::size_t end) {
    const std::size_t before = begin == 0 ? 0 : characterBefore(text, begin);
    return !startsWithWord(text.substr(before, begin - before)) &&
           !startsWithWord(text.substr(end));
}

} // namespace

AddedTokens::AddedTokens(const std::vector<AddedToken>& tokens) {
    for (const AddedToken& token : tokens) {
        if (!token.content.empty()) {
            (token.normalized ? m_normalized : m_raw).push_back(token);
        }
    }
    for (Set* set : {&m_raw, &m_normalized}) {
        std::ranges::sort(*set, {}, &AddedToken::content);
    }
}

std::vector<Segment> AddedTokens::split(Pass pass, std::string_view text, TextRange range) const {
    const Set& set = pass == Pass::Raw ? m_raw : m_normalized;
    if (set.empty()) {
        return {{range, -1}};
    }
    std::vector<Segment> segments;
    splitBy(set, text, range, segments);
    return segments;
}

void AddedTokens::splitBy(const Set& set,
                          std::string_view text,
                          TextRange range,
                          std::vector<Segment>& result) {
    const std::string_view inside = text.substr(range.begin, range.end - range.begin);
    const auto put = [&](std::size_t begin, std::size_t end, std::int32_t id) {
        if (begin < end) {
            result.push_back({{range.begin + static_cast<std::uint32_t>(begin),
                               range.begin + static_cast<std::uint32_t>(end)},
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
        if (!token->singleWord || standsAlone(inside, at, end)) {
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
        low = std::ranges::lower_bound(low, high, wanted, {}, byteOf);
        high = std::ranges::upper_bound(low, high, wanted, {}, byteOf);
        if (low != high && low->content.size() == length + 1) {
            best = &*low;
        }
    }
    return best;
}

} // namespace depthscope::tokenizers
