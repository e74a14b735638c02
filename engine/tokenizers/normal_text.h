// SPDX-License-Identifier: MIT
// A text rewritten by a normalizer, with a mapping back: every byte boundary knows its offset in
// the original text. Plain values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::tokenizers {

/// text[begin, end)
struct TextRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool operator==(const TextRange&) const = default;
};

struct NormalText {
    std::string text;
    /// origin[i] belongs to the boundary before byte i; one more than there are bytes, never
    /// decreasing. Boundaries inside a rewritten stretch lie at the end of what it stands for.
    std::vector<std::uint32_t> origin;
};

/// Text that stands for itself, from `offset` on.
[[nodiscard]] NormalText asItIs(std::string_view text, std::uint32_t offset);

/// A NormalText of somebody else, or a text that stands for itself.
struct NormalView {
    std::string_view text;
    const std::uint32_t* origin = nullptr; ///< null: every boundary is its own origin

    [[nodiscard]] std::uint32_t offset(std::uint32_t at) const {
        return origin == nullptr ? at : origin[at];
    }

    [[nodiscard]] std::string_view part(TextRange range) const {
        return text.substr(range.begin, range.end - range.begin);
    }
};

/// Builds a NormalText from a stretch of another one, from its begin to its end.
class NormalTextWriter {
public:
    explicit NormalTextWriter(const NormalText& source)
        : NormalTextWriter({source.text, source.origin.data()},
                           {0, static_cast<std::uint32_t>(source.text.size())}) {}

    NormalTextWriter(NormalView source, TextRange range)
        : m_source(source)
        , m_at(range.begin)
        , m_end(range.end) {}

    /// Copies everything up to source byte `end`.
    void keepTo(std::size_t end);
    /// Replaces everything up to source byte `end` by `with`.
    void replaceTo(std::size_t end, std::string_view with);

    /// Bytes written so far.
    [[nodiscard]] std::uint32_t size() const {
        return static_cast<std::uint32_t>(m_result.text.size());
    }

    /// Keeps the rest.
    [[nodiscard]] NormalText finish();

private:
    NormalView m_source;
    NormalText m_result;
    std::size_t m_at;
    std::size_t m_end;
};

} // namespace depthscope::tokenizers
