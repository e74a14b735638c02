// SPDX-License-Identifier: MIT
// A clip, or a stretch of it, as another file. Any thread; the call works until it is done.
#pragma once

#include "engine/media/encode_settings.h"
#include "engine/media/index_builder.h"
#include "engine/trace/frame.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

namespace depthscope::media {

struct ClipEncoding {
    std::filesystem::path source; ///< whatever a Reader opens
    std::filesystem::path target;
    std::int64_t first = 0;           ///< frame to begin with
    std::optional<std::int64_t> last; ///< frame to end with; nothing: the clip's last one
    std::optional<trace::Ratio> rate; ///< frames per second; nothing: as in the source
    EncodeSettings settings;          ///< rate, times, turn and aspect are filled in
    IndexOptions index;
};

/// Frames done, of so many.
using EncodeProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Frames of a variable rate keep their times unless `rate` is given. Shared formats are turned
/// upright; FFV1 and PNG keep the pixels as they are stored. Where damage shows only while
/// decoding, encoding begins again with the frames that there are. `progress` may be empty. Throws
/// Error as Reader and Encoder do; nothing of the target then stays.
EncodedClip encodeClip(const ClipEncoding& job,
                       const EncodeProgress& progress,
                       const std::stop_token& stop = {});

} // namespace depthscope::media
