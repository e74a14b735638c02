// SPDX-License-Identifier: MIT
// Where the pictures of the VIDEO panel lie: one clip, or two against each other. Pure maths, any
// thread. B is shown at the scale at which A fills its place: the same share of both lies at the
// same point, whatever their sizes.
#pragma once

#include "engine/base/rgb_picture.h"
#include "widgets/instruments/picture_map.h"

#include <optional>

namespace depthscope::instruments {

struct VideoLayout {
    scene::Rect area;            ///< room for the pictures; the line of facts is below it
    std::optional<PictureMap> a; ///< nothing: no frame to show, or no room
    std::optional<PictureMap> b; ///< nothing: no comparison, or B has no frame here
    bool compares = false;
    bool isSplit = false; ///< side by side, else one above the other
    float wipeX = 0;      ///< of a wipe: A is left of it

    /// Which pixels lie under a point; in a split, a point of one side means both.
    struct Under {
        std::optional<PixelPlace> a;
        std::optional<PixelPlace> b;
    };

    [[nodiscard]] Under under(scene::Point at) const;
    /// What is seen at a point is B.
    [[nodiscard]] bool isOtherAt(scene::Point at, const ViewState& state) const;
    /// The line of a wipe, wide enough to be taken.
    [[nodiscard]] scene::Rect wipeHandle(float width) const;
};

/// `clip` may be null.
[[nodiscard]] VideoLayout
videoLayout(const trace::ClipView* clip, const ViewState& state, const Viewport& viewport);

/// How large the whole frame is on screen, in its own directions, in device pixels. 0: not known.
[[nodiscard]] PictureSize shownSize(const VideoLayout& layout, double pixelRatio);

} // namespace depthscope::instruments
