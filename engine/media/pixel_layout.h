// SPDX-License-Identifier: MIT
// Where the frames of a pixel format keep the components of a pixel. Any thread.
#pragma once

#include "engine/trace/clip_view.h"

#include <string>
#include <vector>

namespace depthscope::media {

/// Empty for formats whose values are no whole numbers of at least one byte each in the order of
/// this machine: palettes, single bits, floats, Bayer patterns, hardware surfaces.
[[nodiscard]] std::vector<trace::PixelComponent> pixelLayout(const std::string& format);

} // namespace depthscope::media
