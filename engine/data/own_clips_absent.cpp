// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) says so where it is asked for own videos.
#include "engine/base/error.h"
#include "engine/data/own_clips.h"

namespace depthscope::data {

OwnClips::OwnClips(const std::filesystem::path& source,
                   const OwnClipsRecipe& /*recipe*/,
                   const OwnClipsOptions& /*options*/,
                   const std::stop_token& /*stop*/) {
    throw Error(ErrorCode::Usage, source.string() + ": this program was built without video",
                "Build it with DEPTHSCOPE_MEDIA=ON; it needs FFmpeg's development packages.");
}

std::uint64_t OwnClips::hash() const {
    return 0;
}

Clip OwnClips::clip(std::uint64_t /*index*/) const {
    return {};
}

} // namespace depthscope::data
