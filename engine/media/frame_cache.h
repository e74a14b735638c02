// SPDX-License-Identifier: MIT
// Decoded frames by their number, bounded in bytes: the longest unused go first. One owner, one
// thread.
#pragma once

#include "engine/trace/frame.h"

#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>

namespace depthscope::media {

class FrameCache {
public:
    explicit FrameCache(std::size_t mostBytes)
        : m_mostBytes(mostBytes) {}

    /// A frame that alone is over the bound is not kept.
    void put(const trace::Frame& frame);

    [[nodiscard]] std::optional<trace::Frame> find(std::int64_t number);

    void clear();

    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    void remove(std::list<trace::Frame>::iterator frame);

    std::size_t m_mostBytes;
    std::size_t m_bytes = 0;
    std::list<trace::Frame> m_frames; ///< the last used first
    std::unordered_map<std::int64_t, std::list<trace::Frame>::iterator> m_places;
};

} // namespace depthscope::media
