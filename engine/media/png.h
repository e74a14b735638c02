// SPDX-License-Identifier: MIT
// An RGB image as a PNG file. Any thread.
#pragma once

#include "engine/media/rgb.h"

#include <filesystem>

namespace depthscope::media {

/// Appears whole or not at all. Throws Error that names the file.
void writePng(const std::filesystem::path& file, const RgbImage& image);

} // namespace depthscope::media
