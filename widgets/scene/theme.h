// SPDX-License-Identifier: MIT
// The colours and measures of the visual language, light and dark. Instruments take a Theme with
// their viewport; the Qt palette and style sheet are made of the same one. Values, any thread.
#pragma once

#include "widgets/scene/scene.h"

namespace depthscope::scene {

struct Theme {
    bool dark = false;
    Color surface;    ///< panels
    Color raised;     ///< toolbars, heads
    Color text;       ///< 4.5:1 on surface
    Color muted;      ///< secondary text, 4.5:1 on surface
    Color hairline;   ///< separators, axes
    Color accent;     ///< cursor and focus, the only accent
    Color warning;    ///< amber: outside training, sees later tokens
    Color error;      ///< red: errors only
    Color absent;     ///< cells with no data
    Color seriesBase; ///< hue of ordered series; later ones are stronger steps of it
    float zoom = 1;   ///< UI zoom; sizes below are already multiplied

    float fontSize = 13;
    float smallSize = 11;
    float grid = 8;

    [[nodiscard]] bool operator==(const Theme&) const = default;
};

[[nodiscard]] Theme lightTheme(float zoom = 1);
[[nodiscard]] Theme darkTheme(float zoom = 1);

/// Cividis of a mean depth or another continuous scale of depth, `t` clamped to 0..1. On the dark
/// surface its dark end is lifted towards white, evenly less towards the light end, so that a mark
/// keeps 3:1 there.
[[nodiscard]] Color valueColor(const Theme& theme, float t);

/// Plum of a router score's place in its range, 0..1: the higher, the further from the surface.
[[nodiscard]] Color scoreColor(const Theme& theme, float t);

/// Of a depth of 1 to `recursions`; below 1 the tone of what is absent.
[[nodiscard]] Color depthColor(const Theme& theme, int depth, int recursions);

/// The step of the series' hue: 0 to `steps`.
[[nodiscard]] Color seriesColor(const Theme& theme, int step, int steps);

} // namespace depthscope::scene
