// SPDX-License-Identifier: MIT
#include "engine/media/frame_cache.h"

namespace depthscope::media {

void FrameCache::put(const trace::Frame& frame) {
    if (const auto old = m_places.find(frame.number); old != m_places.end()) {
        remove(old->second);
    }
    if (frame.byteCount > m_mostBytes) {
        return;
    }
    m_frames.push_front(frame);
    m_places[frame.number] = m_frames.begin();
    m_bytes += frame.byteCount;
    while (m_bytes > m_mostBytes) {
        remove(std::prev(m_frames.end()));
    }
}

std::optional<trace::Frame> FrameCache::find(std::int64_t number) {
    const auto place = m_places.find(number);
    if (place == m_places.end()) {
        return std::nullopt;
    }
    m_frames.splice(m_frames.begin(), m_frames, place->second);
    return m_frames.front();
}

void FrameCache::clear() {
    m_frames.clear();
    m_places.clear();
    m_bytes = 0;
}

void FrameCache::remove(std::list<trace::Frame>::iterator frame) {
    m_bytes -= frame->byteCount;
    m_places.erase(frame->number);
    m_frames.erase(frame);
}

} // namespace depthscope::media
