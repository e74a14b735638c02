// SPDX-License-Identifier: MIT
// A text that a normalizer rewrote, with the way back: every boundary between its bytes knows the
// byte offset in the text it came from. A plain value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::data {

struct NormalText {
    std::string text;
    /// origin[i] belongs to the boundary before byte i; one more than there are bytes, never
    /// decreasing. Boundaries inside a rewritten stretch lie at the end of what it stands for.
    std::vector<std::uint32_t> origin;
};

/// Text that stands for itself, from `offset` on.
[[nodiscard]] NormalText asItIs(std::string_view text, std::uint32_t offset);

/// Builds a NormalText from another one, from its begin to its end.
class NormalTextWriter {
public:
    explicit NormalTextWriter(const NormalText& source)
        : m_source(source) {}

    /// Takes everything up to source byte `end` as it is.
    void keepTo(std::size_t end);
    /// Puts `with` in the place of everything up to source byte `end`.
    void replaceTo(std::size_t end, std::string_view with);
    /// Keeps the rest.
    [[nodiscard]] NormalText finish();

private:
    const NormalText& m_source;
    NormalText m_result;
    std::size_t m_at = 0;
};

} // namespace depthscope::data
