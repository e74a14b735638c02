// SPDX-License-Identifier: MIT
// Where the pixels of a clip lie on screen: turned, with their aspect, zoomed and panned. Pure
// maths, any thread. Columns and rows are those of the frame as it was decoded, before any turning.
#pragma once

#include "engine/trace/clip_view.h"
#include "widgets/instruments/instrument.h"

#include <cstdint>
#include <optional>

namespace depthscope::instruments {

inline constexpr double kLeastPictureScale = 0.25;
inline constexpr double kMostPictureScale = 32;

struct PixelPlace {
    std::int64_t column = 0;
    std::int64_t row = 0;

    [[nodiscard]] bool operator==(const PixelPlace&) const = default;
};

struct PictureMap {
    scene::Rect area;     ///< room for the picture
    scene::Rect whole;    ///< of the picture, also where it does not show
    double scale = 1;     ///< logical pixels per row of the picture as it is shown
    int quarterTurns = 0; ///< clockwise
    std::int32_t width = 0;
    std::int32_t height = 0;

    /// What shows of it.
    [[nodiscard]] scene::Rect shown() const;
    /// The pixels that show, fractions included.
    [[nodiscard]] scene::Rect source() const;
    [[nodiscard]] std::optional<PixelPlace> pixelAt(scene::Point at) const;
    /// Of a pixel, on screen.
    [[nodiscard]] scene::Rect rectOf(PixelPlace pixel) const;
    /// Of a part of the frame, in its pixels, on screen.
    [[nodiscard]] scene::Rect onScreen(scene::Rect pixels) const;
};

/// Of a clip whose frame and picture are there.
[[nodiscard]] PictureMap
pictureMap(const trace::ClipView& clip, const ViewState& state, scene::Rect area);

/// The point of the picture under `at` stays where it is.
[[nodiscard]] ViewState
zoomedPicture(const ViewState& state, const PictureMap& map, scene::Point at, double factor);
[[nodiscard]] ViewState
pannedPicture(const ViewState& state, const PictureMap& map, float dx, float dy);

} // namespace depthscope::instruments
