// SPDX-License-Identifier: MIT
// Numbered images as a clip of 25 frames a second: each file is a packet. Internal to engine/media;
// one owner, one thread.
#pragma once

#include "engine/media/packet_source.h"

#include <vector>

namespace depthscope::media {

class ImageSource final : public PacketSource {
public:
    ImageSource(const std::filesystem::path& path, const Limits& limits, std::stop_token stop);

    [[nodiscard]] const ClipFacts& facts() const override { return m_facts; }

    [[nodiscard]] const AVCodecParameters& parameters() const override { return *m_parameters; }

    [[nodiscard]] Trust trust() const override { return {true, true}; }

    [[nodiscard]] bool read(AVPacket& packet) override;

    [[nodiscard]] bool endedEarly() const override { return false; }

    void rewind() override { m_next = 0; }

    [[nodiscard]] bool seek(const PacketEntry& packet) override;

    void setStop(std::stop_token stop) override { m_stop = std::move(stop); }

    [[nodiscard]] double progress() const override;

private:
    void learnFromFirst();

    Limits m_limits;
    std::stop_token m_stop;
    std::vector<std::filesystem::path> m_files;
    std::size_t m_next = 0;
    Owned<AVCodecParameters> m_parameters;
    ClipFacts m_facts;
};

} // namespace depthscope::media
