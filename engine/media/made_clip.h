// SPDX-License-Identifier: MIT
// A clip that stands in memory, as a model made it; and what a player opens: a file, or such a
// clip. Values that share their pictures; any thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/frame.h"
#include "engine/trace/run_key.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace depthscope::media {

struct MadeClip {
    std::string name;                    ///< "prediction"
    trace::RunKey run;                   ///< whose pictures these are; never empty
    trace::Ratio rate{8, 1};             ///< frames per second
    std::vector<RgbPicturePtr> pictures; ///< one a frame, all of one size
    std::int32_t contextFrames = 0;      ///< the first ones, which were given
};

using MadeClipPtr = std::shared_ptr<const MadeClip>;

/// An empty path: nothing.
using ClipSource = std::variant<std::filesystem::path, MadeClipPtr>;

[[nodiscard]] inline bool isMade(const ClipSource& source) {
    return std::holds_alternative<MadeClipPtr>(source);
}

[[nodiscard]] inline bool isNothing(const ClipSource& source) {
    const auto* path = std::get_if<std::filesystem::path>(&source);
    return path != nullptr && path->empty();
}

} // namespace depthscope::media
