// SPDX-License-Identifier: MIT
// Reads packets without decoding them. Internal to engine/media; any thread.
#pragma once

#include "engine/media/packet_source.h"

#include <functional>
#include <optional>

namespace depthscope::media {

[[nodiscard]] PacketEntry entryOf(const AVPacket& packet);

/// Throws Error{BadInput} where a packet or their number is over the limits.
void checkPacket(const PacketSource& source,
                 std::size_t packetsSoFar,
                 const AVPacket& packet,
                 const Limits& limits);

/// The frames as the packets tell; nothing where they do not tell them all: times that are missing
/// or equal, fields, pictures before the first key picture, codecs that hide frames.
[[nodiscard]] std::optional<IndexParts> scanPackets(PacketSource& source,
                                                    const Limits& limits,
                                                    const std::function<void(double)>& progress);

} // namespace depthscope::media
