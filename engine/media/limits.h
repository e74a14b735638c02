// SPDX-License-Identifier: MIT
// What a media file may cost. Checked before anything of that size is allocated. A value.
#pragma once

#include <cstddef>
#include <cstdint>

namespace depthscope::media {

struct Limits {
    std::int64_t framePixels = std::int64_t{8192} * 8192; ///< 8K has half of it
    std::int32_t frameSide = 32'768;
    std::int32_t streams = 256;
    std::int64_t probeBytes = 5'000'000; ///< read to find out what streams there are
    std::size_t packets = 1U << 24U;     ///< of the picture stream: 77 hours at 60 a second
    std::int64_t packetBytes = std::int64_t{1} << 28U;
};

} // namespace depthscope::media
