// SPDX-License-Identifier: MIT
// Which packet gives which presented frame, and from which packet on it can be decoded. Immutable
// once built; any thread.
//
// Frames are known by the number of their packet in decoding order: that number travels through
// the decoder in place of the time stamp, so equal, falling or missing time stamps change nothing.
#pragma once

#include "engine/media/clip_facts.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace depthscope::media {

inline constexpr std::int64_t kNoTime = INT64_MIN;

struct PacketEntry {
    std::int64_t pts = kNoTime;
    std::int64_t dts = kNoTime;
    std::int64_t position = -1; ///< in the file; -1 where the container does not say
    std::int32_t bytes = 0;
    bool key = false;
    bool discard = false; ///< decoded but not shown: an edit list
    bool suspect = false; ///< marked as damaged by the container, or empty
    bool hidden = false;  ///< decoded but never shown: a VP8 reference frame, a second field

    [[nodiscard]] bool operator==(const PacketEntry&) const = default;
};

/// How the frames were found.
enum class Certainty : std::uint8_t {
    Expected, ///< from the packets alone: right unless the file is damaged
    Decoded,  ///< every frame was decoded once
};

struct FrameEntry {
    std::int32_t packet = 0; ///< in decoding order, from 0
    std::int64_t pts = 0;
    bool key = false;
    bool damaged = false;

    [[nodiscard]] bool operator==(const FrameEntry&) const = default;
};

/// What a scan or a decoding pass found, before it is put together.
struct IndexParts {
    ClipFacts facts;
    std::vector<PacketEntry> packets; ///< in decoding order
    std::vector<FrameEntry> frames;   ///< in the order of presentation
    Certainty certainty = Certainty::Expected;
    bool keysCount = true;     ///< decoding can begin at key packets
    bool endedEarly = false;   ///< the container broke off
    std::int64_t refused = 0;  ///< packets that the decoder could not use; Decoded only
    bool timesAreMade = false; ///< from the frame rate: the file has none
};

class MediaIndex {
public:
    explicit MediaIndex(IndexParts parts);

    [[nodiscard]] const ClipFacts& facts() const { return m_parts.facts; }

    [[nodiscard]] const IndexParts& parts() const { return m_parts; }

    [[nodiscard]] std::int64_t frameCount() const { return std::ssize(m_parts.frames); }

    /// `number` must be inside 0..frameCount() - 1, here and below.
    [[nodiscard]] const FrameEntry& frame(std::int64_t number) const {
        return m_parts.frames[static_cast<std::size_t>(number)];
    }

    [[nodiscard]] double seconds(std::int64_t number) const;

    /// The packet with which decoding must begin so that this frame comes out as it does in one
    /// pass from the start: a key packet that the frame does not precede, 0 where there is none.
    [[nodiscard]] std::int32_t startOf(std::int64_t number) const;

    /// The key packet before `packet`; 0 where there is none.
    [[nodiscard]] std::int32_t keyBefore(std::int32_t packet) const;

    /// Nothing where the packet shows no frame.
    [[nodiscard]] std::optional<std::int64_t> numberOf(std::int64_t packet) const;

    /// The time between frames changes by more than the time base rounds.
    [[nodiscard]] bool hasVariableRate() const { return m_isVariable; }

    [[nodiscard]] bool isDamaged() const;

    /// Several frames came out of one packet, so that only counting from the start tells them
    /// apart.
    [[nodiscard]] bool isCounted() const { return m_isCounted; }

private:
    [[nodiscard]] bool precedes(std::int64_t number, std::int32_t key) const;
    [[nodiscard]] std::int32_t behindDamage(std::int32_t key, std::int32_t packet) const;

    IndexParts m_parts;
    std::vector<std::int32_t> m_numbers; ///< of each packet; -1 where it shows nothing
    std::vector<std::int32_t> m_keys;    ///< packets of pictures with a place in time, growing
    std::vector<std::int32_t> m_faults;  ///< packets of damaged frames, growing
    bool m_isVariable = false;
    bool m_isCounted = false;
};

} // namespace depthscope::media
