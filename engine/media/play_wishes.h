// SPDX-License-Identifier: MIT
// What a player was asked for and has not begun. Newer wishes replace older ones. A value.
#pragma once

#include "engine/media/made_clip.h"
#include "engine/trace/clip_view.h"

#include <cstdint>
#include <optional>

namespace depthscope::media {

struct PlayWishes {
    std::optional<ClipSource> open;   ///< nothing: closes what is open
    std::optional<std::int64_t> seek; ///< frame; clamped to those that there are
    std::int64_t steps = 0;           ///< frames on from `seek`, or else from the last target
    std::optional<bool> playing;
    std::optional<double> speed;
    std::optional<std::optional<trace::FrameRange>> range;
    std::optional<bool> looping;
    std::optional<ClipSource> compare; ///< B; nothing: no comparison any more
    std::optional<int> differenceGain; ///< 0: no difference is wanted
    std::optional<PictureSize> room;   ///< device pixels of the whole frame on screen; 0: not known

    [[nodiscard]] bool isEmpty() const {
        return !open && !seek && steps == 0 && !playing && !speed && !range && !looping &&
               !compare && !differenceGain && !room;
    }

    /// Takes as long as finding the frames of a file does.
    [[nodiscard]] bool opens() const { return open || (compare && !isNothing(*compare)); }

    /// What is under way for an older wish is of no use any more.
    [[nodiscard]] bool moves() const { return open || seek || steps != 0; }

    void add(const PlayWishes& newer) {
        const bool goesOn = newer.open && isMade(*newer.open) && (!open || isMade(*open));
        if (goesOn) { // newer pictures of what is looked at: the rest stays wished
            open = newer.open;
        } else if (newer.open) {
            const std::optional<PictureSize> kept = newer.room ? newer.room : room;
            *this = newer;
            room = kept;
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
        replace(compare, newer.compare);
        replace(differenceGain, newer.differenceGain);
        replace(room, newer.room);
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
