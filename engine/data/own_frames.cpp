// SPDX-License-Identifier: MIT
#include "engine/data/own_frames.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/file_state.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/media/clip_stretch.h"
#include "engine/media/index_builder.h"

#include <algorithm>

namespace depthscope::data {

namespace {

constexpr std::size_t kHashDigits = 16;

std::uint64_t frameBytes(const OwnClipsRecipe& recipe) {
    return std::uint64_t{3} * static_cast<std::uint64_t>(recipe.size.height) *
           static_cast<std::uint64_t>(recipe.size.width);
}

/// What of the recipe the frames depend on.
std::string frameText(const OwnClipsRecipe& recipe) {
    return fmt::format("{} x {}, each {}", recipe.size.width, recipe.size.height, recipe.every);
}

std::string headOf(const FileState& state, const OwnClipsRecipe& recipe) {
    return fmt::format("depthscope frames 1\n{}\n{}\n", state.text, frameText(recipe));
}

std::filesystem::path
placeOf(const std::filesystem::path& folder, const FileState& state, const OwnClipsRecipe& recipe) {
    Fnv hash;
    hash.add(frameText(recipe));
    return folder / fmt::format("{}-{:016x}.frames", state.name, hash.value());
}

std::string sumOf(std::string_view bytes) {
    Fnv hash;
    hash.add(bytes);
    return fmt::format("{:016x}", hash.value());
}

void trim(const std::filesystem::path& folder, std::uint64_t mostBytes) {
    struct Kept {
        std::filesystem::file_time_type changed;
        std::filesystem::path file;
        std::uint64_t bytes = 0;
    };

    std::vector<Kept> all;
    std::uint64_t sum = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".frames") {
            all.push_back({entry.last_write_time(error), entry.path(), entry.file_size(error)});
            sum += all.back().bytes;
        }
    }
    std::ranges::sort(all, {}, &Kept::changed);
    for (const Kept& oldest : all) {
        if (sum <= mostBytes) {
            return;
        }
        std::filesystem::remove(oldest.file, error);
        sum -= oldest.bytes;
    }
}

} // namespace

OwnFrames decodeOwnFrames(const std::filesystem::path& file,
                          const OwnClipsRecipe& recipe,
                          std::uint64_t mostBytes,
                          const std::function<void(double share)>& progress,
                          const std::stop_token& stop) {
    // Rotation and the shape of pixels stand in the head of the file.
    media::IndexOptions how;
    how.certainPixels = 0;
    media::FrameScaler scaler({recipe.size.width, recipe.size.height},
                              media::buildIndex(file, how, stop)->facts());
    how.progress = progress;
    OwnFrames frames;
    const auto visit = [&](const trace::Frame& frame) {
        if (frame.number == 0) {
            frames = {}; // once more: the file is damaged
        }
        if (frame.number % recipe.every != 0) {
            return true;
        }
        frames.isCut = frames.rgb.size() + frameBytes(recipe) > mostBytes;
        if (frames.isCut) {
            return false;
        }
        const media::RgbImage image = scaler.scaled(frame);
        frames.rgb.insert(frames.rgb.end(), image.bytes.begin(), image.bytes.end());
        frames.damaged.push_back(frame.damaged);
        return true;
    };
    (void)media::decodeAll(file, how, visit, stop);
    return frames;
}

bool readOwnFrames(const std::filesystem::path& cacheFolder,
                   const std::filesystem::path& file,
                   const OwnClipsRecipe& recipe,
                   OwnFrames& frames) {
    const FileState state = cacheFolder.empty() ? FileState() : fileState(file);
    const std::filesystem::path place = placeOf(cacheFolder, state, recipe);
    std::error_code error;
    if (state.text.empty() || !std::filesystem::exists(place, error)) {
        return false;
    }
    try {
        constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30U;
        const std::string bytes = readWhole(place, kMostBytes);
        const std::string head = headOf(state, recipe);
        if (!bytes.starts_with(head) || bytes.size() < head.size() + kHashDigits) {
            return false;
        }
        const std::string_view body =
            std::string_view(bytes).substr(head.size(), bytes.size() - head.size() - kHashDigits);
        const std::uint64_t each = 1 + frameBytes(recipe);
        if (!bytes.ends_with(sumOf(body)) || body.size() % each != 0) {
            return false;
        }
        const std::size_t count = body.size() / each;
        for (const char mark : body.substr(0, count)) {
            frames.damaged.push_back(mark != 0);
        }
        frames.rgb.assign(body.begin() + static_cast<std::ptrdiff_t>(count), body.end());
        return true;
    } catch (const Error&) {
        return false; // as good as none: it is made anew
    }
}

void keepOwnFrames(const OwnClipsOptions& options,
                   const std::filesystem::path& file,
                   const OwnClipsRecipe& recipe,
                   const OwnFrames& frames) {
    const FileState state = options.cacheFolder.empty() ? FileState() : fileState(file);
    if (state.text.empty() || frames.isCut) {
        return;
    }
    try {
        std::string body;
        for (const bool isDamaged : frames.damaged) {
            body += isDamaged ? '\1' : '\0';
        }
        body.append(frames.rgb.begin(), frames.rgb.end());
        makeFolder(options.cacheFolder);
        AtomicFile target(placeOf(options.cacheFolder, state, recipe));
        target.write(headOf(state, recipe));
        target.write(body);
        target.write(sumOf(body));
        target.commit();
    } catch (const Error&) {
        return;
    }
    trim(options.cacheFolder, options.cacheBytes);
}

} // namespace depthscope::data
