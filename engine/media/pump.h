// SPDX-License-Identifier: MIT
// Packets in, frames out: one run of a source through one decoder, from one packet on to the end.
// Internal to engine/media; one owner, one thread.
#pragma once

#include "engine/media/decoder.h"
#include "engine/media/packet_source.h"

#include <functional>

namespace depthscope::media {

/// Hears of every packet before and after the decoder has it.
struct PumpEars {
    /// False ends the run: the packet is not what was expected.
    std::function<bool(std::int64_t number, const AVPacket& packet)> onPacket;
    std::function<void(std::int64_t number)> onRefused;
};

class Pump {
public:
    /// The next packet of the source, or `pending` before it, has the number `first`. A decoder of
    /// its own for each run: what an earlier run left in one must not show in this one.
    Pump(PacketSource& source, Decoder decoder, std::int64_t first, Owned<AVPacket> pending);

    /// Nothing at the end of the run.
    [[nodiscard]] std::optional<Decoded> next(const PumpEars& ears);

    /// Of the packet that is read next.
    [[nodiscard]] std::int64_t nextPacket() const { return m_next; }

    [[nodiscard]] bool isDone() const { return m_isDone; }

    /// Null: software.
    [[nodiscard]] const HardwarePath* hardware() const { return m_decoder.hardware(); }

private:
    void feed(const PumpEars& ears);

    PacketSource* m_source;
    Decoder m_decoder;
    Owned<AVPacket> m_packet;
    bool m_hasPending = false;
    bool m_isFinishing = false;
    bool m_isDone = false;
    std::int64_t m_next = 0;
};

} // namespace depthscope::media
