// SPDX-License-Identifier: MIT
// Clips cut from a user's own videos (docs/video_models.md, "Own videos"). Frames are decoded once,
// cut to the clip's shape about their middle, scaled by area, and kept on disk; damaged ones are
// counted and stand in no clip. Immutable once made; any thread. Making it takes the time of
// decoding: once a frame the stop token is looked at.
#pragma once

#include "engine/data/clip.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace depthscope::data {

/// How clips are made of videos; recorded with a model that was trained on them.
struct OwnClipsRecipe {
    spec::ClipSize size;
    std::int32_t every = 1; ///< each n-th frame of a video is taken, at least 1

    /// "8 frames of 16 x 16, taking 1 of 2, cut about the middle, scaled by area"
    [[nodiscard]] std::string text() const;
};

/// What became of a file.
struct OwnVideo {
    std::filesystem::path file;
    std::int64_t frames = 0;  ///< taken, damaged ones among them
    std::int64_t damaged = 0; ///< of those
    std::int64_t clips = 0;
    bool isCut = false;  ///< the memory allowed ended here
    std::string refused; ///< why it cannot be read; else empty
};

struct OwnClipsOptions {
    std::filesystem::path cacheFolder;                   ///< empty: nothing is kept on disk
    std::uint64_t cacheBytes = std::uint64_t{4} << 30U;  ///< the oldest are removed beyond it
    std::uint64_t memoryBytes = std::uint64_t{1} << 30U; ///< of scaled frames
    /// Share of the files done, 0..1, and the file at hand.
    std::function<void(double share, const std::string& file)> progress;
};

class OwnClips {
public:
    /// `source`: a folder, with the folders in it, or one video. Throws Error: BadInput that names
    /// source or file where there is not one clip, Interrupted once `stop` is requested, Usage
    /// where the program was built without video or the recipe is out of bounds.
    OwnClips(const std::filesystem::path& source,
             const OwnClipsRecipe& recipe,
             const OwnClipsOptions& options = {},
             const std::stop_token& stop = {});

    /// One at each frame that begins T undamaged ones of its video.
    [[nodiscard]] std::uint64_t count() const { return m_starts.size(); }

    /// `index` < count(); in the order of files and frames. Without cover and objects.
    [[nodiscard]] Clip clip(std::uint64_t index) const;

    /// Where a clip begins.
    struct Start {
        std::uint32_t video = 0;
        std::uint32_t frame = 0; ///< of those taken
    };

    [[nodiscard]] Start start(std::uint64_t index) const { return m_starts.at(index); }

    /// Of all frames and the recipe: the same for the same clips.
    [[nodiscard]] std::uint64_t hash() const;

    [[nodiscard]] const std::vector<OwnVideo>& videos() const { return m_videos; }

    [[nodiscard]] const OwnClipsRecipe& recipe() const { return m_recipe; }

private:
    void addVideo(const std::filesystem::path& file,
                  const OwnClipsOptions& options,
                  const std::function<void(double share)>& progress,
                  const std::stop_token& stop);
    void addStarts(const std::vector<bool>& damaged);

    OwnClipsRecipe m_recipe;
    std::vector<OwnVideo> m_videos;
    std::vector<std::vector<std::uint8_t>> m_frames; ///< of each video: [frames, H, W, 3]
    std::vector<Start> m_starts;
    std::uint64_t m_bytes = 0; ///< of all frames
};

} // namespace depthscope::data
