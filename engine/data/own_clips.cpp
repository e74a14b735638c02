// SPDX-License-Identifier: MIT
#include "engine/data/own_clips.h"

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/data/own_frames.h"

#include <algorithm>
#include <string_view>

namespace depthscope::data {

namespace {

constexpr std::size_t kMostFiles = 10'000;

bool isHidden(const std::filesystem::path& path) {
    return path.filename().string().starts_with('.');
}

/// Regular files of the folder and those in it, by name; or the one file.
std::vector<std::filesystem::path> filesOf(const std::filesystem::path& source) {
    std::error_code error;
    if (!std::filesystem::is_directory(source, error)) {
        return {source};
    }
    std::vector<std::filesystem::path> files;
    constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
    std::filesystem::recursive_directory_iterator walk(source, kOptions, error);
    for (; !error && walk != std::filesystem::recursive_directory_iterator();
         walk.increment(error)) {
        if (isHidden(walk->path())) {
            walk.disable_recursion_pending();
        } else if (walk->is_regular_file(error)) {
            files.push_back(walk->path());
        }
        if (files.size() > kMostFiles) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: more than {} files", source.string(), kMostFiles),
                        "Name a folder that holds the videos alone.");
        }
    }
    if (error) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: cannot be read: {}", source.string(), error.message()));
    }
    std::ranges::sort(files);
    return files;
}

[[noreturn]] void refuse(const std::filesystem::path& source,
                         const OwnClipsRecipe& recipe,
                         const std::vector<OwnVideo>& videos) {
    const auto first =
        std::ranges::find_if(videos, [](const OwnVideo& video) { return !video.refused.empty(); });
    if (first != videos.end() && first->file == source) {
        throw Error(ErrorCode::BadInput, first->refused,
                    "Choose a video that VIDEO opens, or convert it with another program.");
    }
    const auto readable =
        std::ranges::count_if(videos, [](const OwnVideo& video) { return video.refused.empty(); });
    throw Error(ErrorCode::BadInput,
                fmt::format("{}: no clip of {} undamaged frames in a row in {} videos ({} other "
                            "files)",
                            source.string(), recipe.size.frames, readable,
                            static_cast<std::ptrdiff_t>(videos.size()) - readable),
                first != videos.end() && readable == 0
                    ? fmt::format("No file there is a video that can be read; the first: {}.",
                                  first->refused)
                    : "Choose longer videos, fewer frames a clip, or take each frame.");
}

} // namespace

std::string OwnClipsRecipe::text() const {
    return fmt::format("{} frames of {} x {}, taking 1 of {}, cut about the middle, scaled by area",
                       size.frames, size.width, size.height, every);
}

OwnClips::OwnClips(const std::filesystem::path& source,
                   const OwnClipsRecipe& recipe,
                   const OwnClipsOptions& options,
                   const std::stop_token& stop)
    : m_recipe(recipe) {
    spec::checkClipSize(recipe.size, "own videos");
    constexpr std::int32_t kMostEvery = 1000;
    if (recipe.every < 1 || recipe.every > kMostEvery) {
        throw Error(ErrorCode::Usage, fmt::format("own videos: every must be 1 to {}, not {}",
                                                  kMostEvery, recipe.every));
    }
    const std::vector<std::filesystem::path> files = filesOf(source);
    for (std::size_t n = 0; n < files.size(); ++n) {
        const auto report = [&](double share) {
            if (options.progress) {
                options.progress((static_cast<double>(n) + share) /
                                     static_cast<double>(files.size()),
                                 files[n].string());
            }
        };
        report(0);
        addVideo(files[n], options, report, stop);
        report(1);
    }
    if (m_starts.empty()) {
        refuse(source, recipe, m_videos);
    }
}

void OwnClips::addVideo(const std::filesystem::path& file,
                        const OwnClipsOptions& options,
                        const std::function<void(double share)>& progress,
                        const std::stop_token& stop) {
    const std::uint64_t allowed = options.memoryBytes - m_bytes;
    OwnVideo video{.file = file, .refused = {}};
    OwnFrames frames;
    try {
        if (!readOwnFrames(options.cacheFolder, file, m_recipe, frames)) {
            frames = decodeOwnFrames(file, m_recipe, allowed, progress, stop);
            keepOwnFrames(options, file, m_recipe, frames);
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) {
            throw;
        }
        video.refused = error.message();
        frames = {};
    }
    if (frames.rgb.size() > allowed) { // kept on disk when more was allowed
        const std::uint64_t each = frames.rgb.size() / frames.damaged.size();
        frames.damaged.resize(allowed / each);
        frames.rgb.resize(frames.damaged.size() * each);
        frames.isCut = true;
    }
    m_bytes += frames.rgb.size();
    video.frames = std::ssize(frames.damaged);
    video.damaged = std::ranges::count(frames.damaged, true);
    video.isCut = frames.isCut;
    m_videos.push_back(std::move(video));
    m_frames.push_back(std::move(frames.rgb));
    addStarts(frames.damaged);
}

void OwnClips::addStarts(const std::vector<bool>& damaged) {
    std::int32_t whole = 0; // frames in a row, up to here
    for (std::size_t frame = 0; frame < damaged.size(); ++frame) {
        whole = damaged[frame] ? 0 : whole + 1;
        if (whole >= m_recipe.size.frames) {
            const auto first = frame + 1 - static_cast<std::size_t>(m_recipe.size.frames);
            m_starts.push_back({static_cast<std::uint32_t>(m_videos.size() - 1),
                                static_cast<std::uint32_t>(first)});
            ++m_videos.back().clips;
        }
    }
}

std::uint64_t OwnClips::hash() const {
    Fnv hash;
    hash.add(m_recipe.text());
    for (const std::vector<std::uint8_t>& frames : m_frames) {
        hash.add(std::uint64_t{frames.size()});
        for (const std::uint8_t value : frames) {
            const char byte = static_cast<char>(value);
            hash.add(std::string_view(&byte, 1));
        }
    }
    for (const Start& start : m_starts) { // which frames are damaged
        hash.add(std::uint64_t{start.video} << 32U | start.frame);
    }
    return hash.value();
}

Clip OwnClips::clip(std::uint64_t index) const {
    const Start& start = m_starts.at(index);
    Clip clip;
    clip.size = m_recipe.size;
    const std::size_t frame = 3 * clip.framePixels();
    const auto first =
        m_frames[start.video].begin() + static_cast<std::ptrdiff_t>(start.frame * frame);
    clip.rgb.assign(first, first + static_cast<std::ptrdiff_t>(
                                       frame * static_cast<std::size_t>(clip.size.frames)));
    return clip;
}

} // namespace depthscope::data
