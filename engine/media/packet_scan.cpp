// SPDX-License-Identifier: MIT
#include "engine/media/packet_scan.h"

#include "engine/base/error.h"

#include <algorithm>
#include <utility>

namespace depthscope::media {

namespace {

/// Asks FFmpeg's parser whether a packet holds a whole picture or one field of it.
class FieldFinder {
public:
    explicit FieldFinder(const AVCodecParameters& parameters) {
        if (parameters.codec_id != AV_CODEC_ID_H264 &&
            parameters.codec_id != AV_CODEC_ID_MPEG2VIDEO) {
            return;
        }
        m_parser = av_parser_init(parameters.codec_id);
        m_context = owned(avcodec_alloc_context3(nullptr));
        if (m_parser != nullptr &&
            avcodec_parameters_to_context(m_context.get(), &parameters) >= 0) {
            m_parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
        }
    }

    ~FieldFinder() { av_parser_close(m_parser); }

    FieldFinder(const FieldFinder&) = delete;
    FieldFinder& operator=(const FieldFinder&) = delete;

    [[nodiscard]] bool isField(const AVPacket& packet) {
        if (m_parser == nullptr) {
            return false;
        }
        std::uint8_t* out = nullptr;
        int bytes = 0;
        av_parser_parse2(m_parser, m_context.get(), &out, &bytes, packet.data, packet.size,
                         AV_NOPTS_VALUE, AV_NOPTS_VALUE, -1);
        return m_parser->picture_structure == AV_PICTURE_STRUCTURE_TOP_FIELD ||
               m_parser->picture_structure == AV_PICTURE_STRUCTURE_BOTTOM_FIELD;
    }

private:
    AVCodecParserContext* m_parser = nullptr;
    Owned<AVCodecContext> m_context;
};

/// A VP8 frame that is decoded for later frames to refer to, and never shown.
bool isHidden(AVCodecID codec, const AVPacket& packet) {
    constexpr unsigned kIsShown = 0x10;
    return codec == AV_CODEC_ID_VP8 && packet.size > 0 && (packet.data[0] & kIsShown) == 0;
}

bool isShown(const PacketEntry& packet) {
    return !packet.discard && !packet.hidden;
}

/// The first picture is a key picture and none is presented before it.
bool beginsCleanly(const std::vector<PacketEntry>& packets) {
    return !packets.empty() && packets.front().key &&
           std::none_of(packets.begin(), packets.end(), [&](const PacketEntry& packet) {
               return isShown(packet) && packet.pts < packets.front().pts;
           });
}

std::vector<FrameEntry> framesOf(const std::vector<PacketEntry>& packets) {
    std::vector<FrameEntry> frames;
    for (std::size_t p = 0; p < packets.size(); ++p) {
        if (isShown(packets[p])) {
            frames.push_back({static_cast<std::int32_t>(p), packets[p].pts, packets[p].key, false});
        }
    }
    std::stable_sort(frames.begin(), frames.end(),
                     [](const FrameEntry& a, const FrameEntry& b) { return a.pts < b.pts; });
    return frames;
}

bool haveTimesOfTheirOwn(const std::vector<FrameEntry>& frames) {
    return std::none_of(frames.begin(), frames.end(),
                        [](const FrameEntry& frame) { return frame.pts == kNoTime; }) &&
           std::adjacent_find(frames.begin(), frames.end(),
                              [](const FrameEntry& a, const FrameEntry& b) {
                                  return a.pts == b.pts;
                              }) == frames.end();
}

} // namespace

PacketEntry entryOf(const AVPacket& packet) {
    const auto time = [](std::int64_t stamp) { return stamp == AV_NOPTS_VALUE ? kNoTime : stamp; };
    PacketEntry entry;
    entry.pts = time(packet.pts);
    entry.dts = time(packet.dts);
    entry.position = packet.pos;
    entry.bytes = packet.size;
    entry.key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
    entry.discard = (packet.flags & AV_PKT_FLAG_DISCARD) != 0;
    entry.suspect = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0 || packet.size == 0;
    return entry;
}

void checkPacket(const PacketSource& source,
                 std::size_t packetsSoFar,
                 const AVPacket& packet,
                 const Limits& limits) {
    if (packetsSoFar >= limits.packets || packet.size > limits.packetBytes) {
        throw Error(ErrorCode::BadInput,
                    "packet " + std::to_string(packetsSoFar) + " of the " + source.facts().codec +
                        " stream is over the limits: at most " + std::to_string(limits.packets) +
                        " packets of " + std::to_string(limits.packetBytes) + " bytes are read",
                    "Cut the video with another program.");
    }
}

std::optional<IndexParts> scanPackets(PacketSource& source,
                                      const Limits& limits,
                                      const std::function<void(double)>& progress) {
    const AVCodecID codec = source.parameters().codec_id;
    const PacketSource::Trust trust = source.trust();
    if (!trust.order) {
        return std::nullopt;
    }
    IndexParts parts;
    parts.facts = source.facts();
    parts.keysCount = trust.keys;
    FieldFinder fields(source.parameters());
    const Owned<AVPacket> packet = makePacket();
    bool tells = true;
    while (tells && source.read(*packet)) {
        checkPacket(source, parts.packets.size(), *packet, limits);
        PacketEntry entry = entryOf(*packet);
        entry.hidden = isHidden(codec, *packet);
        // What dav1d does with discarded packets is only seen by decoding.
        tells = !entry.suspect && !(entry.discard && codec == AV_CODEC_ID_AV1) &&
                !fields.isField(*packet);
        parts.packets.push_back(entry);
        if (progress) {
            progress(source.progress());
        }
    }
    parts.endedEarly = source.endedEarly();
    parts.frames = framesOf(parts.packets);
    const bool isWhole = tells && !parts.endedEarly && !parts.frames.empty();
    if (!isWhole || !beginsCleanly(parts.packets) || !haveTimesOfTheirOwn(parts.frames)) {
        return std::nullopt;
    }
    return parts;
}

} // namespace depthscope::media
