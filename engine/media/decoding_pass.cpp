// SPDX-License-Identifier: MIT
#include "engine/media/decoding_pass.h"

#include "engine/base/error.h"
#include "engine/media/packet_scan.h"
#include "engine/media/pump.h"

#include <algorithm>

namespace depthscope::media {

namespace {

/// Frames without a time of their own get the decoding times in growing order, as the first frame
/// is shown when the first packet is due; where there are not as many, those of the frame rate.
void makeTimes(IndexParts& parts) {
    std::vector<std::int64_t> stamps;
    for (const PacketEntry& packet : parts.packets) {
        if (packet.dts != kNoTime && !packet.hidden && !packet.discard) {
            stamps.push_back(packet.dts);
        }
    }
    std::sort(stamps.begin(), stamps.end());
    stamps.erase(std::unique(stamps.begin(), stamps.end()), stamps.end());
    const trace::Ratio& rate = parts.facts.frameRate;
    const trace::Ratio& base = parts.facts.timeBase;
    const double ticks =
        static_cast<double>(rate.under) * base.under / (static_cast<double>(rate.over) * base.over);
    const bool hasStamps = stamps.size() == parts.frames.size();
    for (std::size_t n = 0; n < parts.frames.size(); ++n) {
        parts.frames[n].pts =
            hasStamps ? stamps[n] : static_cast<std::int64_t>(ticks * static_cast<double>(n) + 0.5);
    }
    parts.timesAreMade = true;
}

class Pass {
public:
    Pass(PacketSource& source, const IndexOptions& options, const FrameVisitor& visit, int threads)
        : m_source(source)
        , m_options(options)
        , m_visit(visit)
        , m_threads(threads) {
        m_parts.facts = source.facts();
        m_parts.keysCount = source.trust().keys;
        m_parts.certainty = Certainty::Decoded;
    }

    /// Nothing where damage shows and several threads decode.
    std::optional<IndexParts> run() {
        PumpEars ears;
        ears.onPacket = [this](std::int64_t, const AVPacket& packet) {
            take(packet);
            return true;
        };
        ears.onRefused = [this](std::int64_t number) { refuse(number); };
        Pump pump(m_source, Decoder(m_source, m_options.limits, m_threads), 0, nullptr);
        bool wanted = true;
        while (wanted) {
            std::optional<Decoded> decoded = pump.next(ears);
            if (isSpoilt(decoded)) {
                return std::nullopt;
            }
            if (!decoded) {
                break;
            }
            wanted = show(*decoded);
        }
        m_parts.endedEarly = m_source.endedEarly();
        if (!m_haveTimes) {
            makeTimes(m_parts);
        }
        return std::move(m_parts);
    }

private:
    [[nodiscard]] bool isSpoilt(const std::optional<Decoded>& decoded) const {
        return m_threads != 1 && (m_hasDamage || (decoded.has_value() && decoded->frame.damaged));
    }

    void take(const AVPacket& packet) {
        checkPacket(m_source, m_parts.packets.size(), packet, m_options.limits);
        m_parts.packets.push_back(entryOf(packet));
        m_hasDamage = m_hasDamage || m_parts.packets.back().suspect;
        if (m_options.progress) {
            m_options.progress(m_source.progress());
        }
    }

    void refuse(std::int64_t number) {
        m_hasDamage = true;
        ++m_parts.refused;
        if (number >= 0) {
            m_parts.packets[static_cast<std::size_t>(number)].suspect = true;
        }
    }

    bool show(Decoded& decoded) {
        trace::Frame& frame = decoded.frame;
        const bool isFirst = m_parts.frames.empty();
        // A decoder that loses the number belongs to a stream that is read by counting.
        const bool isKnown = decoded.packet >= 0 && decoded.packet < std::ssize(m_parts.packets);
        const std::int64_t packet = isKnown   ? decoded.packet
                                    : isFirst ? 0
                                              : m_parts.frames.back().packet;
        const PacketEntry& entry = m_parts.packets[static_cast<std::size_t>(packet)];
        const std::int64_t pts = entry.pts;
        frame.damaged = frame.damaged || entry.suspect;
        m_haveTimes = m_haveTimes && pts != kNoTime;
        frame.number = std::ssize(m_parts.frames);
        frame.timeBase = m_parts.facts.timeBase;
        frame.pts = pts == kNoTime ? 0 : pts;
        frame.seconds = static_cast<double>(frame.pts) * frame.timeBase.over / frame.timeBase.under;
        if (isFirst) {
            m_parts.facts.pixelFormat = frame.pixelFormat;
            m_parts.facts.width = frame.width;
            m_parts.facts.height = frame.height;
        }
        m_parts.frames.push_back(
            {static_cast<std::int32_t>(packet), pts, frame.key, frame.damaged});
        return !m_visit || m_visit(frame);
    }

    PacketSource& m_source;
    const IndexOptions& m_options;
    const FrameVisitor& m_visit;
    int m_threads;
    bool m_hasDamage = false;
    IndexParts m_parts;
    bool m_haveTimes = true;
};

} // namespace

IndexParts runDecodingPass(const std::filesystem::path& path,
                           PacketSource& source,
                           const IndexOptions& options,
                           const FrameVisitor& visit) {
    try {
        std::optional<IndexParts> whole = Pass(source, options, visit, options.threads).run();
        if (!whole) {
            // What several threads conceal depends on which of them was faster.
            source.rewind();
            whole = Pass(source, options, visit, 1).run();
        }
        IndexParts parts = std::move(*whole);
        if (parts.frames.empty()) {
            throw Error(ErrorCode::BadInput,
                        "none of its " + std::to_string(parts.packets.size()) + " packets of " +
                            parts.facts.codec + " gives a frame",
                        "The file is damaged, or of a kind that this FFmpeg cannot decode.");
        }
        return parts;
    } catch (const Error& error) {
        const std::string name = path.string();
        const bool isNamed = error.message().find(name) != std::string::npos;
        throw Error(error.code(), isNamed ? error.message() : name + ": " + error.message(),
                    error.hint());
    }
}

} // namespace depthscope::media
