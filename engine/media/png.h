// SPDX-License-Identifier: MIT
// An RGB image as a PNG file, and texts inside of one. Any thread.
#pragma once

#include "engine/media/rgb.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace depthscope::media {

/// A keyword of the PNG specification ("Title", "Comment") and UTF-8.
struct PngText {
    std::string keyword;
    std::string text;
};

/// Appears whole or not at all. Throws Error that names the file.
void writePng(const std::filesystem::path& file, const RgbImage& image);

/// The PNG with an iTXt chunk for each text behind its header. `png` must be one.
[[nodiscard]] std::string withTexts(std::string_view png, std::span<const PngText> texts);

} // namespace depthscope::media
