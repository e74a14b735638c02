// SPDX-License-Identifier: MIT
// Indexes on disk, so that a file is scanned once. A file is known by its path, size and time of
// change. Any thread, any number of programs: files appear whole.
#pragma once

#include "engine/media/media_index.h"

#include <filesystem>
#include <memory>

namespace depthscope::media {

/// Null where there is none, it is of another state of the file, or it is damaged; nothing is
/// thrown. An empty folder and anything but a regular file have none.
[[nodiscard]] std::shared_ptr<const MediaIndex> keptIndex(const std::filesystem::path& folder,
                                                          const std::filesystem::path& file);

/// A cache that cannot be written is no fault: the index is then made anew the next time.
void keepIndex(const std::filesystem::path& folder,
               const std::filesystem::path& file,
               const MediaIndex& index);

} // namespace depthscope::media
