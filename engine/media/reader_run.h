// SPDX-License-Identifier: MIT
// The inside of a reader: the run of the decoder that is under way, and what it gave. Internal to
// engine/media; one owner, one thread.
#pragma once

#include "engine/media/frame_cache.h"
#include "engine/media/pump.h"
#include "engine/media/reader.h"

namespace depthscope::media {

class Reader::Run {
public:
    Run(std::filesystem::path path,
        std::shared_ptr<const MediaIndex> index,
        ReaderOptions options,
        const std::stop_token& stop);

    [[nodiscard]] std::shared_ptr<const MediaIndex> index() const { return m_index; }

    [[nodiscard]] std::string_view device() const {
        const HardwarePath* path = m_pump ? m_pump->hardware() : nullptr;
        return path == nullptr ? std::string_view() : path->name();
    }

    [[nodiscard]] trace::Frame frame(std::int64_t number, const std::stop_token& stop);

private:
    /// How a run towards a frame ended.
    enum class End : std::uint8_t {
        Found,
        Missed,   ///< it did not come out: decoding must begin earlier
        Surprise, ///< the file gives other frames than the index says
    };

    [[nodiscard]] std::optional<trace::Frame> decode(std::int64_t number);
    [[nodiscard]] bool canGoOn(std::int64_t number, std::int32_t start) const;
    [[nodiscard]] bool begin(std::int32_t start);
    [[nodiscard]] Owned<AVPacket> land(std::int32_t start);
    [[nodiscard]] std::optional<std::int64_t> placeOf(const AVPacket& packet) const;
    [[nodiscard]] bool isExpected(std::int64_t number, const AVPacket& packet) const;
    [[nodiscard]] End runTo(std::int64_t number);
    [[nodiscard]] std::optional<std::int64_t> numberOf(const Decoded& decoded) const;
    void take(Decoded decoded, std::int64_t number);
    void learnByDecoding(std::int64_t number, const std::stop_token& stop);
    [[nodiscard]] Decoder makeDecoder(std::int32_t start) const;
    [[nodiscard]] bool leavesHardware();

    std::filesystem::path m_path;
    ReaderOptions m_options;
    std::shared_ptr<const MediaIndex> m_index;
    std::unique_ptr<PacketSource> m_source;
    Owned<AVPacket> m_first; ///< packet 0, where the decoder must have seen it
    std::optional<Pump> m_pump;
    bool m_isOther = false;     ///< a packet of this run is not the one that the index has
    std::int32_t m_start = 0;   ///< packet that this run began with
    std::int64_t m_outputs = 0; ///< frames that came out of this run
    std::int64_t m_last = -1;   ///< the highest number that came out of this run
    std::optional<trace::Frame> m_found;
    FrameCache m_cache;
};

} // namespace depthscope::media
