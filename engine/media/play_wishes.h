// SPDX-License-Identifier: MIT
// What a player was asked for and has not begun. Newer wishes replace older ones. A value.
#pragma once

#include "engine/trace/clip_view.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace depthscope::media {

struct PlayWishes {
    std::optional<std::filesystem::path> open;
    std::optional<std::int64_t> seek; ///< frame; clamped to those that there are
    std::int64_t steps = 0;           ///< frames on from `seek`, or else from the last target
    std::optional<bool> playing;
    std::optional<double> speed;
    std::optional<std::optional<trace::FrameRange>> range;
    std::optional<bool> looping;

    [[nodiscard]] bool isEmpty() const {
        return !open && !seek && steps == 0 && !playing && !speed && !range && !looping;
    }

    /// What is under way for an older wish is of no use any more.
    [[nodiscard]] bool moves() const { return open || seek || steps != 0; }

    void add(const PlayWishes& newer) {
        if (newer.open) {
            *this = newer;
            return;
        }
        if (newer.seek) {
            seek = newer.seek;
            steps = 0;
        }
        steps += newer.steps;
        replace(playing, newer.playing);
        replace(speed, newer.speed);
        replace(range, newer.range);
        replace(looping, newer.looping);
    }

private:
    template <class Value>
    static void replace(std::optional<Value>& value, const std::optional<Value>& newer) {
        if (newer) {
            value = newer;
        }
    }
};

} // namespace depthscope::media
