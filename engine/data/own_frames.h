// SPDX-License-Identifier: MIT
// The scaled frames of one video, decoded or from the cache. Internal to own_clips. Any thread.
#pragma once

#include "engine/data/own_clips.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <vector>

namespace depthscope::data {

struct OwnFrames {
    std::vector<std::uint8_t> rgb; ///< [frames, H, W, 3]
    std::vector<bool> damaged;     ///< [frames]
    bool isCut = false;            ///< there were more than the bytes allowed
};

/// Decodes at most `mostBytes` of scaled frames. Throws Error: BadInput that names the file,
/// Interrupted.
[[nodiscard]] OwnFrames decodeOwnFrames(const std::filesystem::path& file,
                                        const OwnClipsRecipe& recipe,
                                        std::uint64_t mostBytes,
                                        const std::function<void(double share)>& progress,
                                        const std::stop_token& stop);

/// False where there are none of this state of the file and this recipe, or damaged ones.
[[nodiscard]] bool readOwnFrames(const std::filesystem::path& cacheFolder,
                                 const std::filesystem::path& file,
                                 const OwnClipsRecipe& recipe,
                                 OwnFrames& frames);

/// Removes the oldest until `cacheBytes` are not exceeded. A cache that cannot be written is no
/// fault.
void keepOwnFrames(const OwnClipsOptions& options,
                   const std::filesystem::path& file,
                   const OwnClipsRecipe& recipe,
                   const OwnFrames& frames);

} // namespace depthscope::data
