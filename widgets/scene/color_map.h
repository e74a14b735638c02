// SPDX-License-Identifier: MIT
// Colour maps of the visual language: cividis for depth, plum for scores, blue-orange for
// differences, one hue in steps for KV memory, Okabe-Ito for categories. Pure functions, any
// thread.
#pragma once

#include "widgets/scene/scene.h"

namespace depthscope::scene {

/// Cividis (Nunez, Anderton and Renslow 2018), `t` clamped to 0..1.
[[nodiscard]] Color cividis(float t);

/// One hue from pale (0) to deep (1), `t` clamped to 0..1; in no tone one of cividis.
[[nodiscard]] Color plum(float t);

/// Diverging blue - neutral - orange, `t` clamped to -1..1. `neutral` is the surface's middle tone.
[[nodiscard]] Color blueOrange(float t, Color neutral);

/// Okabe-Ito, eight categories, `index` wraps.
[[nodiscard]] Color okabeIto(int index);

/// Relative luminance contrast of WCAG 2, 1..21.
[[nodiscard]] float contrast(Color a, Color b);

/// `a` over `b` with weight t of a.
[[nodiscard]] Color mix(Color a, Color b, float t);

} // namespace depthscope::scene
