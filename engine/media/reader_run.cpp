// SPDX-License-Identifier: MIT
#include "engine/media/reader_run.h"

#include "engine/base/error.h"
#include "engine/media/decoding_pass.h"
#include "engine/media/index_cache.h"

#include <algorithm>
#include <utility>

namespace depthscope::media {

namespace {

/// Decoding on over this many packets costs less than a new decoder at a seek.
constexpr std::int64_t kRatherDecoded = 8;

/// Landing places that are tried before all packets are read from the start.
constexpr int kMostLandings = 5;

/// After a seek, packets that no key packet of the index equals are passed over: so many at most.
constexpr int kMostStrangers = 2'000;

bool isSame(const PacketEntry& entry, const AVPacket& packet) {
    const auto agrees = [](std::int64_t kept, std::int64_t read, std::int64_t none) {
        return kept == none || read == none || kept == read;
    };
    return entry.bytes == packet.size && agrees(entry.position, packet.pos, -1);
}

} // namespace

Reader::Run::Run(std::filesystem::path path,
                 std::shared_ptr<const MediaIndex> index,
                 ReaderOptions options,
                 const std::stop_token& stop)
    : m_path(std::move(path))
    , m_options(std::move(options))
    , m_index(std::move(index))
    , m_source(openSource(m_path, m_options.index.limits, stop))
    , m_cache(m_options.cacheBytes) {
    if (m_source->parameters().codec_id == AV_CODEC_ID_MPEG4) {
        m_first = makePacket();
        m_first = m_source->read(*m_first) ? std::move(m_first) : nullptr;
    }
}

trace::Frame Reader::Run::frame(std::int64_t number, const std::stop_token& stop) {
    m_source->setStop(stop);
    while (true) {
        if (number < 0 || number >= m_index->frameCount()) {
            throw Error(
                ErrorCode::BadInput,
                m_path.string() + ": frame " + std::to_string(number) +
                    " not found; the file has " + std::to_string(m_index->frameCount()) + " frames",
                "Frames count from 0 to " + std::to_string(m_index->frameCount() - 1) + ".");
        }
        if (std::optional<trace::Frame> kept = m_cache.find(number)) {
            return *kept;
        }
        try {
            if (std::optional<trace::Frame> decoded = decode(number)) {
                return *decoded;
            }
            learnByDecoding(number, stop);
        } catch (...) {
            m_pump.reset(); // where it stopped is not known
            throw;
        }
    }
}

/// Nothing where the file gives other frames than the index says.
std::optional<trace::Frame> Reader::Run::decode(std::int64_t number) {
    std::int32_t start = m_index->startOf(number);
    int back = 1;
    while (true) {
        if (!canGoOn(number, start) && !begin(start)) {
            return std::nullopt;
        }
        const End end = runTo(number);
        if (end == End::Found) {
            return std::exchange(m_found, std::nullopt);
        }
        if (leavesHardware()) {
            continue; // the same way to the same frame
        }
        m_pump.reset();
        if (end == End::Surprise || start == 0) {
            return std::nullopt;
        }
        // What is called a key packet may need pictures before it after all.
        for (int step = 0; step < back; ++step) {
            start = m_index->keyBefore(start);
        }
        back *= 2;
    }
}

/// True: what came was not what the index promises, and the graphics processor may be why.
bool Reader::Run::leavesHardware() {
    if (!m_pump || m_pump->hardware() == nullptr) {
        return false;
    }
    m_options.hardware.reset();
    m_pump.reset();
    m_cache.clear(); // from here on all frames are of one kind
    return true;
}

bool Reader::Run::canGoOn(std::int64_t number, std::int32_t start) const {
    return m_pump && !m_pump->isDone() && m_start <= start && number > m_last &&
           start <= m_pump->nextPacket() + kRatherDecoded;
}

Decoder Reader::Run::makeDecoder(std::int32_t start) const {
    // What several threads conceal depends on which of them was faster.
    const int threads = m_index->isDamaged() ? 1 : m_options.index.threads;
    const bool isWhole = !m_index->isDamaged(); // what is concealed depends on who does it
    Decoder decoder(*m_source, m_options.index.limits, threads,
                    isWhole ? m_options.hardware : nullptr);
    if (start > 0 && m_first) {
        decoder.prime(*m_first);
    }
    return decoder;
}

/// False where the packets are not those of the index.
bool Reader::Run::begin(std::int32_t start) {
    m_pump.reset();
    m_isOther = false;
    m_start = start;
    m_outputs = 0;
    m_last = -1;
    Owned<AVPacket> first;
    if (start > 0) {
        first = land(start);
        if (!first) {
            return false;
        }
    } else {
        m_source->rewind();
    }
    m_pump.emplace(*m_source, makeDecoder(start), start, std::move(first));
    return true;
}

/// The packet `start`, read after a seek to it or to one before it. Null where the file has
/// changed.
Owned<AVPacket> Reader::Run::land(std::int32_t start) {
    Owned<AVPacket> packet = makePacket();
    std::optional<std::int64_t> place;
    std::int32_t target = start;
    for (int landing = 0; landing < kMostLandings && target > 0 && !place; ++landing) {
        const auto& entry = m_index->parts().packets[static_cast<std::size_t>(target)];
        if (m_source->seek(entry)) {
            for (int read = 0; read < kMostStrangers && !place && m_source->read(*packet); ++read) {
                place = placeOf(*packet);
            }
            place = place && *place <= start ? place : std::nullopt;
        }
        for (int step = 0; step < 1 << landing; ++step) {
            target = m_index->keyBefore(target);
        }
    }
    if (!place) {
        m_source->rewind();
        place = -1;
    }
    for (std::int64_t at = *place + 1; at <= start; ++at) {
        if (!m_source->read(*packet) || !isExpected(at, *packet)) {
            return nullptr;
        }
    }
    return packet;
}

/// Which key packet of the index this is; nothing where it is none or could be two.
std::optional<std::int64_t> Reader::Run::placeOf(const AVPacket& packet) const {
    std::optional<std::int64_t> place;
    const std::vector<PacketEntry>& packets = m_index->parts().packets;
    for (std::size_t p = 0; p < packets.size(); ++p) {
        const PacketEntry& entry = packets[p];
        const bool isHere = entry.position >= 0 && packet.pos >= 0;
        const bool isThen = entry.pts != kNoTime && entry.pts == packet.pts;
        if (entry.key && isSame(entry, packet) && (isHere || isThen)) {
            if (place) {
                return std::nullopt;
            }
            place = static_cast<std::int64_t>(p);
        }
    }
    return place;
}

bool Reader::Run::isExpected(std::int64_t number, const AVPacket& packet) const {
    const std::vector<PacketEntry>& packets = m_index->parts().packets;
    return number < std::ssize(packets) &&
           isSame(packets[static_cast<std::size_t>(number)], packet);
}

std::optional<std::int64_t> Reader::Run::numberOf(const Decoded& decoded) const {
    if (!m_index->isCounted()) {
        return m_index->numberOf(decoded.packet);
    }
    return m_outputs <= m_index->frameCount() ? std::optional(m_outputs - 1) : std::nullopt;
}

Reader::Run::End Reader::Run::runTo(std::int64_t number) {
    PumpEars ears;
    ears.onPacket = [this](std::int64_t at, const AVPacket& packet) {
        m_isOther = !isExpected(at, packet);
        return !m_isOther;
    };
    const bool isCertain = m_index->parts().certainty == Certainty::Decoded;
    // What comes out of a damaged file is not quite the same each time; from the start on, nothing
    // better can be had.
    const bool isFinal = isCertain && m_start == 0;
    while (std::optional<Decoded> decoded = m_pump->next(ears)) {
        ++m_outputs;
        const std::optional<std::int64_t> shown = numberOf(*decoded);
        const bool isNews = !shown || decoded->frame.damaged;
        if (isNews && !isCertain) {
            return End::Surprise;
        }
        if (!shown || m_index->startOf(*shown) < m_start) {
            continue; // decoded without all that it needs
        }
        if (m_last >= 0 && *shown > m_last + 1 && !isFinal) {
            return End::Missed;
        }
        m_last = std::max(m_last, *shown);
        const bool isWorse = decoded->frame.damaged && !m_index->frame(*shown).damaged && !isFinal;
        if (!isWorse) {
            take(std::move(*decoded), *shown);
        }
        if (*shown >= number) {
            return *shown == number && !isWorse ? End::Found : End::Missed;
        }
    }
    return m_isOther ? End::Surprise : End::Missed;
}

void Reader::Run::take(Decoded decoded, std::int64_t number) {
    trace::Frame frame = std::move(decoded.frame);
    const FrameEntry& entry = m_index->frame(number);
    frame.number = number;
    frame.pts = entry.pts;
    frame.timeBase = m_index->facts().timeBase;
    frame.seconds = m_index->seconds(number);
    frame.damaged = frame.damaged || entry.damaged;
    m_cache.put(frame);
    m_found = std::move(frame);
}

void Reader::Run::learnByDecoding(std::int64_t number, const std::stop_token& stop) {
    m_pump.reset();
    m_cache.clear();
    if (m_index->parts().certainty == Certainty::Decoded) {
        throw Error(ErrorCode::BadInput,
                    m_path.string() + ": frame " + std::to_string(number) +
                        (m_index->isDamaged() && !m_isOther
                             ? " is damaged and did not come out again"
                             : " is another one than when the file was opened: it has changed"),
                    "Open the file again.");
    }
    m_source = openSource(m_path, m_options.index.limits, stop);
    m_index =
        std::make_shared<const MediaIndex>(runDecodingPass(m_path, *m_source, m_options.index, {}));
    keepIndex(m_options.index.cacheFolder, m_path, *m_index);
}

} // namespace depthscope::media
