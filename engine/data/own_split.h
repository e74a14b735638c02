// SPDX-License-Identifier: MIT
// Which clips of own videos a model learns and which are held out to measure it
// (docs/video_models.md, "Own videos"). No frame is in both, although neighbouring clips share all
// frames but one. A value; any thread.
#pragma once

#include "engine/data/own_clips.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::data {

struct OwnSplit {
    std::vector<std::uint32_t> learned; ///< numbers of clips, ascending
    std::vector<std::uint32_t> heldOut; ///< the same
    std::string rule;                   ///< how they were told apart, a sentence

    /// An endless series of held-out clips, spread over the videos: the first heldOut.size() are
    /// all different, then they come again.
    [[nodiscard]] std::uint32_t heldOutAt(std::uint64_t index) const;
};

/// Of five videos or more that have clips each fifth is held out, otherwise the last fifth of each
/// video's frames, one clip at least. Throws Error{BadInput} that names `source` where nothing is
/// left on one side.
[[nodiscard]] OwnSplit splitOwnClips(const OwnClips& clips, const std::string& source);

} // namespace depthscope::data
