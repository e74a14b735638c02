// SPDX-License-Identifier: MIT
// Finds the frames of a clip: by a scan of its packets where they say all, else by decoding every
// frame once. Any thread; each call opens the file for itself. Throws Error: BadInput that names
// the file, OutOfMemory, Interrupted once `stop` is requested.
#pragma once

#include "engine/media/limits.h"
#include "engine/media/media_index.h"
#include "engine/trace/frame.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

namespace depthscope::media {

struct IndexOptions {
    Limits limits;
    int threads = 0;                   ///< of the decoder; 0: as many as seeking can bear
    std::filesystem::path cacheFolder; ///< empty: indexes are kept nowhere

    /// A clip of fewer pixels than this over all its frames is decoded once even where its packets
    /// seem to say all: that takes a second or two, and finds damage that packets do not show.
    std::int64_t certainPixels = std::int64_t{1} << 29U;

    std::function<void(double share)> progress; ///< 0 to 1, once for each of the two ways
};

/// The index from the cache, a scan or a decoding pass.
[[nodiscard]] std::shared_ptr<const MediaIndex> buildIndex(const std::filesystem::path& path,
                                                           const IndexOptions& options,
                                                           const std::stop_token& stop = {});

/// Sees each frame as it is presented; the index that is returned at the end has its time, as some
/// files have none of their own. Where damage shows, frames come once more from number 0: what
/// several threads conceal depends on which was faster, so that one thread has to do it. False ends
/// the pass early.
using FrameVisitor = std::function<bool(const trace::Frame& frame)>;

/// Decodes from the first packet to the last, without seeking.
[[nodiscard]] std::shared_ptr<const MediaIndex> decodeAll(const std::filesystem::path& path,
                                                          const IndexOptions& options,
                                                          const FrameVisitor& visit,
                                                          const std::stop_token& stop = {});

} // namespace depthscope::media
