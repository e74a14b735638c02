// SPDX-License-Identifier: MIT
#include "engine/media/media_index.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace depthscope::media {

namespace {

/// A container rounds times to its time base: frames at a steady rate then lie within one tick of
/// an even line. Below this many ticks a frame the line proves nothing, and all must be equal.
constexpr double kTicksThatProve = 4;

/// So many pixels are decoded in a second or two.
constexpr std::int64_t kQuickPixels = std::int64_t{1} << 29U;

bool isVariable(const std::vector<FrameEntry>& frames) {
    if (frames.size() < 3) {
        return false;
    }
    const auto count = static_cast<double>(frames.size() - 1);
    const auto first = static_cast<double>(frames.front().pts);
    const double step = (static_cast<double>(frames.back().pts) - first) / count;
    const double tolerance = step >= kTicksThatProve ? 1 : 0.01;
    for (std::size_t n = 0; n < frames.size(); ++n) {
        const double line = first + step * static_cast<double>(n);
        if (std::abs(static_cast<double>(frames[n].pts) - line) > tolerance) {
            return true;
        }
    }
    return false;
}

} // namespace

MediaIndex::MediaIndex(IndexParts parts)
    : m_parts(std::move(parts))
    , m_numbers(m_parts.packets.size(), -1)
    , m_isVariable(isVariable(m_parts.frames)) {
    for (std::size_t n = 0; n < m_parts.frames.size(); ++n) {
        const FrameEntry& frame = m_parts.frames[n];
        std::int32_t& number = m_numbers[static_cast<std::size_t>(frame.packet)];
        m_isCounted = m_isCounted || number >= 0;
        number = static_cast<std::int32_t>(n);
        if (frame.damaged) {
            m_faults.push_back(frame.packet);
        }
    }
    for (std::size_t p = 0; p < m_parts.packets.size(); ++p) {
        const PacketEntry& packet = m_parts.packets[p];
        // Containers also call packets key packets that hold something else.
        const bool isTrue =
            m_numbers[p] >= 0 ? frame(m_numbers[p]).key : packet.discard && packet.pts != kNoTime;
        if (packet.key && isTrue) {
            m_keys.push_back(static_cast<std::int32_t>(p));
        }
        if (packet.suspect) {
            m_faults.push_back(static_cast<std::int32_t>(p));
        }
    }
    std::sort(m_faults.begin(), m_faults.end());
}

double MediaIndex::seconds(std::int64_t number) const {
    const trace::Ratio& base = m_parts.facts.timeBase;
    return static_cast<double>(frame(number).pts) * base.over / base.under;
}

std::optional<std::int64_t> MediaIndex::numberOf(std::int64_t packet) const {
    if (packet < 0 || packet >= std::ssize(m_numbers) ||
        m_numbers[static_cast<std::size_t>(packet)] < 0) {
        return std::nullopt;
    }
    return m_numbers[static_cast<std::size_t>(packet)];
}

std::int32_t MediaIndex::keyBefore(std::int32_t packet) const {
    const auto next = std::lower_bound(m_keys.begin(), m_keys.end(), packet);
    return next == m_keys.begin() ? 0 : *std::prev(next);
}

/// Frames that are decoded after a key picture but shown before it may need the pictures before it
/// (an open group of pictures).
bool MediaIndex::precedes(std::int64_t number, std::int32_t key) const {
    if (const std::optional<std::int64_t> shown = numberOf(key)) {
        return number < *shown;
    }
    return frame(number).pts < m_parts.packets[static_cast<std::size_t>(key)].pts;
}

std::int32_t MediaIndex::startOf(std::int64_t number) const {
    const std::int32_t packet = frame(number).packet;
    if (m_isCounted || !m_parts.keysCount) {
        return 0;
    }
    std::int32_t key = keyBefore(packet + 1);
    while (key > 0 && precedes(number, key)) {
        key = keyBefore(key);
    }
    return behindDamage(key, packet);
}

/// What is concealed is made of pictures that came before, so decoding begins with the first packet
/// where that takes a second or two; else with a group of pictures without a fault before it.
std::int32_t MediaIndex::behindDamage(std::int32_t key, std::int32_t packet) const {
    const std::int64_t pixels =
        std::int64_t{m_parts.facts.width} * m_parts.facts.height * (std::int64_t{packet} + 1);
    std::int32_t end = packet + 1;
    while (key > 0) {
        const auto error = std::lower_bound(m_faults.begin(), m_faults.end(), key);
        if (error == m_faults.end() || *error >= end) {
            break;
        }
        end = key;
        key = pixels <= kQuickPixels ? 0 : keyBefore(key);
    }
    return key;
}

bool MediaIndex::isDamaged() const {
    return !m_faults.empty() || m_parts.endedEarly || m_parts.refused > 0;
}

} // namespace depthscope::media
