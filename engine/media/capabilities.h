// SPDX-License-Identifier: MIT
// What the FFmpeg that this program runs with can do, of what we care about. Any thread.
#pragma once

#include <string>
#include <vector>

namespace depthscope::media {

struct Capabilities {
    std::string version; ///< of libavutil's release: "5.1.9-0+deb12u1"
    std::string licence;
    std::vector<std::string> decoders; ///< codecs: "h264"
    std::vector<std::string> encoders; ///< encoders: "libx264"
    std::vector<std::string> hardware; ///< kinds of device it was built for: "vaapi"
};

[[nodiscard]] Capabilities capabilities();

} // namespace depthscope::media
