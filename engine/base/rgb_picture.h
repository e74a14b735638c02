// SPDX-License-Identifier: MIT
// A picture of 8 bits a channel. A value; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace depthscope {

/// Rows of 3 x width bytes (red, green, blue), the topmost first, without padding.
struct RgbPicture {
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::vector<std::uint8_t> bytes;
};

/// In pixels.
struct PictureSize {
    std::int32_t width = 0;
    std::int32_t height = 0;

    [[nodiscard]] bool operator==(const PictureSize&) const = default;
};

using RgbPicturePtr = std::shared_ptr<const RgbPicture>;

} // namespace depthscope
