// SPDX-License-Identifier: MIT
#include "engine/tokenizers/normal_text.h"

#include <numeric>
#include <utility>

namespace depthscope::tokenizers {

NormalText asItIs(std::string_view text, std::uint32_t offset) {
    NormalText result{std::string(text), std::vector<std::uint32_t>(text.size() + 1)};
    std::iota(result.origin.begin(), result.origin.end(), offset);
    return result;
}

void NormalTextWriter::keepTo(std::size_t end) {
    m_result.text.append(m_source.text, m_at, end - m_at);
    for (; m_at < end; ++m_at) {
        m_result.origin.push_back(m_source.offset(static_cast<std::uint32_t>(m_at)));
    }
}

void NormalTextWriter::replaceTo(std::size_t end, std::string_view with) {
    if (!with.empty()) {
        m_result.text += with;
        m_result.origin.push_back(m_source.offset(static_cast<std::uint32_t>(m_at)));
        m_result.origin.insert(m_result.origin.end(), with.size() - 1,
                               m_source.offset(static_cast<std::uint32_t>(end)));
    }
    m_at = end;
}

NormalText NormalTextWriter::finish() {
    keepTo(m_end);
    m_result.origin.push_back(m_source.offset(static_cast<std::uint32_t>(m_end)));
    return std::move(m_result);
}

} // namespace depthscope::tokenizers
