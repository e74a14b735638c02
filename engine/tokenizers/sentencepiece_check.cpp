// SPDX-License-Identifier: MIT
#include "engine/tokenizers/sentencepiece_check.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace depthscope::tokenizers {

namespace {

/// Fields of sentencepiece_model.proto that lead to the rules.
constexpr std::uint32_t kNormalizer = 3;
constexpr std::uint32_t kDenormalizer = 5;
constexpr std::uint32_t kCharsMap = 2;

/// Walks the fields of one protocol buffer message.
class Message {
public:
    explicit Message(std::string_view bytes)
        : m_rest(bytes) {}

    /// Number of the next field, whose bytes are then in content(); empty at the end and where the
    /// message is damaged.
    std::optional<std::uint32_t> next() {
        const std::optional<std::uint64_t> tag = varint();
        if (!tag || *tag > UINT32_MAX) {
            return std::nullopt;
        }
        std::optional<std::uint64_t> length;
        switch (*tag & 7U) {
        case 0:
            length = varint() ? std::optional<std::uint64_t>(0) : std::nullopt;
            break;
        case 1:
            length = 8;
            break;
        case 2:
            length = varint();
            break;
        case 5:
            length = 4;
            break;
        default:
            break; // groups, which nobody writes any more
        }
        if (!length || *length > m_rest.size()) {
            m_damaged = true;
            return std::nullopt;
        }
        m_content = m_rest.substr(0, *length);
        m_rest.remove_prefix(*length);
        return static_cast<std::uint32_t>(*tag >> 3U);
    }

    [[nodiscard]] std::string_view content() const { return m_content; }

    [[nodiscard]] bool isDamaged() const { return m_damaged || !m_rest.empty(); }

private:
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        return std::nullopt;
    }

    std::string_view m_rest;
    std::string_view m_content;
    bool m_damaged = false;
};

/// The trie of a precompiled map: 32-bit units, of which the rightmost eight bits of a place choose
/// among the children of a node. Format of darts-clone.
class Trie {
public:
    Trie(std::string_view units, std::size_t values)
        : m_units(units.size() / sizeof(std::uint32_t))
        , m_values(values)
        , m_leaves(m_units.size(), kUnknown) {
        std::copy_n(units.data(), m_units.size() * sizeof(std::uint32_t),
                    reinterpret_cast<char*>(m_units.data()));
    }

    /// Whether no text can lead out of the trie, to a value outside the replacements, or past more
    /// keys than the library has room for.
    bool isSound() {
        constexpr int kRoom = 32;
        const std::optional<int> leaves = m_units.empty() ? std::nullopt : leavesBelow(0, 0);
        return leaves && *leaves <= kRoom;
    }

private:
    static constexpr std::int16_t kUnknown = -1;
    static constexpr std::int16_t kOpen = -2; ///< on the way from the root: meeting it is a circle

    static std::uint32_t offsetOf(std::uint32_t unit) {
        return (unit >> 10U) << ((unit & (1U << 9U)) >> 6U);
    }

    static bool hasLeaf(std::uint32_t unit) { return (unit >> 8U & 1U) == 1; }

    /// Equal to a byte where the unit is the child of that byte; above 255 for values.
    static std::uint32_t labelOf(std::uint32_t unit) { return unit & ((1U << 31U) | 0xffU); }

    /// Most keys on a way down from the node at `place`; empty for a fault.
    std::optional<int> leavesBelow(std::uint32_t place, int depth) {
        constexpr int kDeepest = 256;
        const std::uint32_t unit = m_units[place];
        const std::uint32_t first = place ^ offsetOf(unit);
        if ((first | 0xffU) >= m_units.size() || depth > kDeepest) {
            return std::nullopt;
        }
        const std::uint32_t value = m_units[first];
        if (hasLeaf(unit) && (value >> 31U == 0 || (value & 0x7fffffffU) >= m_values)) {
            return std::nullopt;
        }
        // Nodes may share their children, which are those of one place `first`.
        std::int16_t& below = m_leaves[first];
        if (below == kUnknown) {
            below = kOpen;
            int most = 0;
            for (std::uint32_t label = 0; label < 256; ++label) {
                if (labelOf(m_units[first ^ label]) != label) {
                    continue;
                }
                const std::optional<int> child = leavesBelow(first ^ label, depth + 1);
                if (!child) {
                    return std::nullopt;
                }
                most = std::max(most, *child);
            }
            below = static_cast<std::int16_t>(most);
        }
        return below == kOpen ? std::nullopt : std::optional(below + (hasLeaf(unit) ? 1 : 0));
    }

    std::vector<std::uint32_t> m_units;
    std::size_t m_values;               ///< bytes of the replacements
    std::vector<std::int16_t> m_leaves; ///< by first child
};

/// Length of the trie, trie, replacements that end with a zero byte each.
std::string errorInMap(std::string_view map) {
    constexpr std::size_t kMost = 4U << 20U;
    std::uint32_t length = 0;
    if (map.empty()) {
        return {};
    }
    if (map.size() <= sizeof(length)) {
        return "its normalisation rules are cut off";
    }
    std::memcpy(&length, map.data(), sizeof(length));
    map.remove_prefix(sizeof(length));
    if (length >= map.size() || length > kMost) {
        return "its normalisation rules are longer than the file or than 4 MiB";
    }
    if (!Trie(map.substr(0, length), map.size() - length).isSound()) {
        return "its normalisation rules point outside themselves";
    }
    return {};
}

} // namespace

std::string errorInRules(std::string_view model) {
    Message message(model);
    while (const std::optional<std::uint32_t> field = message.next()) {
        if (*field != kNormalizer && *field != kDenormalizer) {
            continue;
        }
        Message rules(message.content());
        while (const std::optional<std::uint32_t> inner = rules.next()) {
            if (std::string error = *inner == kCharsMap ? errorInMap(rules.content()) : "";
                !error.empty()) {
                return error;
            }
        }
        if (rules.isDamaged()) {
            return "its normalisation rules are damaged";
        }
    }
    return message.isDamaged() ? "it is cut off or damaged" : "";
}

} // namespace depthscope::tokenizers
