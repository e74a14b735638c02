// SPDX-License-Identifier: MIT
#include "engine/media/index_bytes.h"

#include "engine/base/hash.h"

namespace depthscope::media {

namespace {

/// Grows with every change of what is written.
constexpr std::string_view kFormat = "depthscope index 1";

class Writer {
public:
    void number(std::int64_t value) {
        auto bits = static_cast<std::uint64_t>(value);
        for (int byte = 0; byte < 8; ++byte, bits >>= 8U) {
            m_bytes += static_cast<char>(bits & 0xffU);
        }
    }

    void text(std::string_view value) {
        number(std::ssize(value));
        m_bytes += value;
    }

    [[nodiscard]] std::string take() {
        Fnv hash;
        hash.add(m_bytes);
        number(static_cast<std::int64_t>(hash.value()));
        return std::move(m_bytes);
    }

private:
    std::string m_bytes;
};

/// Gives zeros and remembers the fault where bytes are missing.
class Bytes {
public:
    explicit Bytes(std::string_view bytes)
        : m_rest(bytes) {}

    std::int64_t number() {
        constexpr std::size_t kBytes = 8;
        if (m_rest.size() < kBytes) {
            m_isGood = false;
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t byte = kBytes; byte-- > 0;) {
            value = (value << 8U) | static_cast<unsigned char>(m_rest[byte]);
        }
        m_rest.remove_prefix(kBytes);
        return static_cast<std::int64_t>(value);
    }

    std::int32_t small() { return static_cast<std::int32_t>(number()); }

    std::string text() {
        const std::size_t length = count(1);
        const std::string value(m_rest.substr(0, length));
        m_rest.remove_prefix(length);
        return value;
    }

    /// Of things that take at least `bytesEach`; 0 where so many cannot follow.
    std::size_t count(std::size_t bytesEach) {
        const std::int64_t value = number();
        if (value < 0 || static_cast<std::size_t>(value) > m_rest.size() / bytesEach) {
            m_isGood = false;
            return 0;
        }
        return static_cast<std::size_t>(value);
    }

    [[nodiscard]] bool isGood() const { return m_isGood; }

private:
    std::string_view m_rest;
    bool m_isGood = true;
};

/// The same visit for both directions: `text(std::string&)`, `small(std::int32_t&)`.
template <class Facts, class Text, class Small>
void visit(Facts& facts, const Text& text, const Small& small) {
    text(facts.container);
    text(facts.codec);
    text(facts.pixelFormat);
    text(facts.colour.matrix);
    text(facts.colour.primaries);
    text(facts.colour.transfer);
    text(facts.colour.range);
    small(facts.width);
    small(facts.height);
    small(facts.rotation);
    for (auto* ratio : {&facts.sampleAspect, &facts.timeBase, &facts.frameRate}) {
        small(ratio->over);
        small(ratio->under);
    }
}

int flagsOf(const PacketEntry& packet) {
    return (packet.key ? 1 : 0) | (packet.discard ? 2 : 0) | (packet.suspect ? 4 : 0) |
           (packet.hidden ? 8 : 0);
}

PacketEntry packetFrom(Bytes& bytes) {
    PacketEntry packet;
    packet.pts = bytes.number();
    packet.dts = bytes.number();
    packet.position = bytes.number();
    packet.bytes = bytes.small();
    const std::int64_t flags = bytes.number();
    packet.key = (flags & 1) != 0;
    packet.discard = (flags & 2) != 0;
    packet.suspect = (flags & 4) != 0;
    packet.hidden = (flags & 8) != 0;
    return packet;
}

/// Every frame names a packet that is there, and no ratio divides by nothing.
bool isSound(const IndexParts& parts) {
    for (const FrameEntry& frame : parts.frames) {
        if (frame.packet < 0 || frame.packet >= std::ssize(parts.packets)) {
            return false;
        }
    }
    const ClipFacts& facts = parts.facts;
    return !parts.frames.empty() && facts.timeBase.over > 0 && facts.timeBase.under > 0 &&
           facts.frameRate.over > 0 && facts.frameRate.under > 0 && facts.sampleAspect.under > 0;
}

} // namespace

std::string bytesOf(const IndexParts& parts, std::string_view state) {
    Writer out;
    out.text(kFormat);
    out.text(state);
    visit(
        parts.facts, [&](const std::string& value) { out.text(value); },
        [&](std::int32_t value) { out.number(value); });
    out.number(static_cast<int>(parts.certainty));
    out.number(parts.keysCount ? 1 : 0);
    out.number(parts.endedEarly ? 1 : 0);
    out.number(parts.refused);
    out.number(parts.timesAreMade ? 1 : 0);
    out.number(std::ssize(parts.packets));
    for (const PacketEntry& packet : parts.packets) {
        for (const std::int64_t value :
             {packet.pts, packet.dts, packet.position, std::int64_t{packet.bytes},
              std::int64_t{flagsOf(packet)}}) {
            out.number(value);
        }
    }
    out.number(std::ssize(parts.frames));
    for (const FrameEntry& frame : parts.frames) {
        out.number(frame.packet);
        out.number(frame.pts);
        out.number((frame.key ? 1 : 0) | (frame.damaged ? 2 : 0));
    }
    return out.take();
}

std::optional<IndexParts> partsFrom(std::string_view bytes, std::string_view state) {
    constexpr std::size_t kNumber = 8;
    if (bytes.size() < kNumber) {
        return std::nullopt;
    }
    Fnv hash;
    hash.add(bytes.substr(0, bytes.size() - kNumber));
    if (static_cast<std::uint64_t>(Bytes(bytes.substr(bytes.size() - kNumber)).number()) !=
        hash.value()) {
        return std::nullopt;
    }
    Bytes in(bytes);
    if (in.text() != kFormat || in.text() != state) {
        return std::nullopt;
    }
    IndexParts parts;
    visit(
        parts.facts, [&](std::string& value) { value = in.text(); },
        [&](std::int32_t& value) { value = in.small(); });
    parts.certainty = in.number() != 0 ? Certainty::Decoded : Certainty::Expected;
    parts.keysCount = in.number() != 0;
    parts.endedEarly = in.number() != 0;
    parts.refused = in.number();
    parts.timesAreMade = in.number() != 0;
    parts.packets.resize(in.count(5 * kNumber));
    for (PacketEntry& packet : parts.packets) {
        packet = packetFrom(in);
    }
    parts.frames.resize(in.count(3 * kNumber));
    for (FrameEntry& frame : parts.frames) {
        frame.packet = in.small();
        frame.pts = in.number();
        const std::int64_t flags = in.number();
        frame.key = (flags & 1) != 0;
        frame.damaged = (flags & 2) != 0;
    }
    return in.isGood() && isSound(parts) ? std::optional(std::move(parts)) : std::nullopt;
}

} // namespace depthscope::media
