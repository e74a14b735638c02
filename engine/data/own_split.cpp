// SPDX-License-Identifier: MIT
#include "engine/data/own_split.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace depthscope::data {

namespace {

constexpr std::int64_t kPart = 5; ///< one of so many is held out

enum class Side : std::uint8_t { Learned, HeldOut, Neither };

/// Each fifth of the videos that have clips.
std::vector<bool> heldOutVideos(const std::vector<OwnVideo>& videos) {
    std::vector<bool> heldOut;
    std::int64_t number = 0;
    for (const OwnVideo& video : videos) {
        number += video.clips > 0 ? 1 : 0;
        heldOut.push_back(video.clips > 0 && number % kPart == 0);
    }
    return heldOut;
}

/// By the place in its video: before the held-out part, in it, or over its beginning.
Side sideByTime(const OwnVideo& video, std::int64_t first, std::int64_t length) {
    const std::int64_t part = std::max(length, (video.frames + kPart - 1) / kPart);
    const std::int64_t border = video.frames - part;
    if (first + length <= border) {
        return Side::Learned;
    }
    return first >= border ? Side::HeldOut : Side::Neither;
}

} // namespace

std::uint32_t OwnSplit::heldOutAt(std::uint64_t index) const {
    constexpr double kGolden = 0.6180339887;
    const std::uint64_t count = heldOut.size();
    auto step = static_cast<std::uint64_t>(std::lround(kGolden * static_cast<double>(count)));
    step = std::max<std::uint64_t>(step, 1);
    while (std::gcd(step, count) != 1) {
        ++step;
    }
    return heldOut.at(index % count * step % count);
}

OwnSplit splitOwnClips(const OwnClips& clips, const std::string& source) {
    const std::vector<OwnVideo>& videos = clips.videos();
    const bool byFile =
        std::ranges::count_if(videos, [](const OwnVideo& v) { return v.clips > 0; }) >= kPart;
    const std::vector<bool> held = heldOutVideos(videos);
    OwnSplit split;
    split.rule = byFile ? "each fifth video is held out"
                        : "the last fifth of each video is held out; clips over its beginning are "
                          "in neither part";
    for (std::uint64_t index = 0; index < clips.count(); ++index) {
        const OwnClips::Start start = clips.start(index);
        const Side side =
            byFile ? (held[start.video] ? Side::HeldOut : Side::Learned)
                   : sideByTime(videos[start.video], start.frame, clips.recipe().size.frames);
        if (side != Side::Neither) {
            (side == Side::Learned ? split.learned : split.heldOut)
                .push_back(static_cast<std::uint32_t>(index));
        }
    }
    if (split.learned.empty() || split.heldOut.empty()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: too few frames to hold some out; a video needs {} undamaged "
                                "ones at least",
                                source, 2 * clips.recipe().size.frames),
                    "Add longer videos, or take more of their frames.");
    }
    return split;
}

} // namespace depthscope::data
