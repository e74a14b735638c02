// SPDX-License-Identifier: MIT
// One decoder of libavcodec, opened as the ffmpeg program opens it with -flags bitexact: software,
// or by way of the graphics processor as far as that goes.
// Internal to engine/media; one owner, one thread (FFmpeg starts its own).
#pragma once

#include "engine/media/hardware.h"
#include "engine/media/packet_source.h"
#include "engine/trace/frame.h"

#include <memory>
#include <optional>

namespace depthscope::media {

struct Decoded {
    trace::Frame frame;       ///< without number and time, which the index knows
    std::int64_t packet = -1; ///< the number that it was sent with
};

class Decoder {
public:
    /// `threads` of 0: as many as seeking can bear. Throws Error{BadInput} where this FFmpeg has no
    /// decoder for it. A null `hardware`, or one that does not take the codec: software.
    Decoder(const PacketSource& source,
            const Limits& limits,
            int threads,
            std::shared_ptr<HardwarePath> hardware = nullptr);

    /// Learns what stands only in the first packet of the stream, and forgets its picture. For
    /// decoding that begins later: some MPEG-4 files say nowhere else which program made them, and
    /// its rounding is the decoder's.
    void prime(const AVPacket& first);

    /// The packet's times are replaced by `number`. False where it was refused as damaged.
    [[nodiscard]] bool send(AVPacket& packet, std::int64_t number);

    /// No packet follows: what the decoder held back comes out.
    void finish();

    /// Nothing where it wants another packet, or has ended.
    [[nodiscard]] std::optional<Decoded> receive();

    [[nodiscard]] bool isDone() const { return m_isDone; }

    /// Faults that receive() met since the last call.
    [[nodiscard]] int takeFaults();

    /// Null: software.
    [[nodiscard]] const HardwarePath* hardware() const { return m_hardware.get(); }

private:
    std::shared_ptr<HardwarePath> m_hardware; ///< outlives the context
    Owned<AVCodecContext> m_context;
    bool m_isFinishing = false;
    bool m_isDone = false;
    int m_faults = 0;
    int m_faultsInARow = 0;
};

} // namespace depthscope::media
