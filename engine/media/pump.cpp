// SPDX-License-Identifier: MIT
#include "engine/media/pump.h"

#include <utility>

namespace depthscope::media {

Pump::Pump(PacketSource& source, Decoder decoder, std::int64_t first, Owned<AVPacket> pending)
    : m_source(&source)
    , m_decoder(std::move(decoder))
    , m_packet(pending ? std::move(pending) : nullptr)
    , m_hasPending(m_packet != nullptr)
    , m_next(first) {
    if (!m_hasPending) {
        m_packet = makePacket();
    }
}

std::optional<Decoded> Pump::next(const PumpEars& ears) {
    while (!m_isDone) {
        std::optional<Decoded> decoded = m_decoder.receive();
        for (int faults = m_decoder.takeFaults(); faults > 0 && ears.onRefused; --faults) {
            ears.onRefused(m_next - 1);
        }
        if (decoded) {
            return decoded;
        }
        if (m_isFinishing || m_decoder.isDone()) {
            m_isDone = m_decoder.isDone();
        } else {
            feed(ears);
        }
    }
    return std::nullopt;
}

void Pump::feed(const PumpEars& ears) {
    if (!std::exchange(m_hasPending, false) && !m_source->read(*m_packet)) {
        m_isFinishing = true;
        m_decoder.finish();
        return;
    }
    const std::int64_t number = m_next++;
    if (ears.onPacket && !ears.onPacket(number, *m_packet)) {
        m_isDone = true;
        return;
    }
    if (!m_decoder.send(*m_packet, number) && ears.onRefused) {
        ears.onRefused(number);
    }
}

} // namespace depthscope::media
