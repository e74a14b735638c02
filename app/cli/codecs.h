// SPDX-License-Identifier: MIT
// What FFmpeg can do, for `info`. Main thread.
#pragma once

#include <nlohmann/json.hpp>

namespace depthscope::cli {

/// `ffmpeg` (its version), `decoders`, `encoders`, `hardware`; each null where this program was
/// built without video.
[[nodiscard]] nlohmann::json codecsJson();

/// The same for people.
void printCodecs(const nlohmann::json& codecs);

} // namespace depthscope::cli
