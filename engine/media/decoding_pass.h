// SPDX-License-Identifier: MIT
// One pass through all packets of a source that decodes every frame. Internal to engine/media; any
// thread.
#pragma once

#include "engine/media/index_builder.h"
#include "engine/media/packet_source.h"

namespace depthscope::media {

/// The source must stand at its start. Throws Error{BadInput} naming `path` where not one frame
/// comes out. `visit` may be empty.
[[nodiscard]] IndexParts runDecodingPass(const std::filesystem::path& path,
                                         PacketSource& source,
                                         const IndexOptions& options,
                                         const FrameVisitor& visit);

} // namespace depthscope::media
