// SPDX-License-Identifier: MIT
// Which image files a folder or a printf pattern stands for, in the order of their numbers. Any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace depthscope::media {

/// "frame-%04d.png": exactly one %d, %Nd or %0Nd in the name of the file.
[[nodiscard]] bool isImagePattern(const std::filesystem::path& path);

/// The file that a pattern stands for at a number, from 0.
[[nodiscard]] std::filesystem::path numberedImage(const std::filesystem::path& pattern,
                                                  std::int64_t number);

/// A file that the pattern stands for exists.
[[nodiscard]] bool hasImages(const std::filesystem::path& pattern);

/// Throws Error{BadInput} that names the folder or pattern: nothing there, several kinds of image.
[[nodiscard]] std::vector<std::filesystem::path> imageFiles(const std::filesystem::path& path);

} // namespace depthscope::media
