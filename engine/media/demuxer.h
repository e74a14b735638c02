// SPDX-License-Identifier: MIT
// The picture stream of a media file. Internal to engine/media; one owner, one thread.
#pragma once

#include "engine/media/container.h"
#include "engine/media/packet_source.h"

#include <memory>

namespace depthscope::media {

class Demuxer final : public PacketSource {
public:
    Demuxer(std::filesystem::path path, const Limits& limits, std::stop_token stop);

    [[nodiscard]] const ClipFacts& facts() const override { return m_facts; }

    [[nodiscard]] const AVCodecParameters& parameters() const override;
    [[nodiscard]] Trust trust() const override;
    [[nodiscard]] bool read(AVPacket& packet) override;

    [[nodiscard]] bool endedEarly() const override { return m_endedEarly; }

    void rewind() override;
    [[nodiscard]] bool seek(const PacketEntry& packet) override;
    void setStop(std::stop_token stop) override;
    [[nodiscard]] double progress() const override;

private:
    void open();
    void chooseStream();
    void readFacts();
    void noteEnd(const AVPacket& packet);

    std::filesystem::path m_path;
    Limits m_limits;
    std::stop_token m_stop;
    std::unique_ptr<Container> m_container;
    int m_stream = -1;
    ClipFacts m_facts;
    double m_promised = 0; ///< seconds, where the container says how long the stream is
    double m_reached = 0;  ///< end of what was read
    bool m_endedEarly = false;
};

} // namespace depthscope::media
