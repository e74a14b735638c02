// SPDX-License-Identifier: MIT
#include "widgets/scene/theme.h"

#include "widgets/scene/color_map.h"

#include <algorithm>

namespace depthscope::scene {

namespace {

// Zoom beyond these would make panels unreadable or larger than a texture.
constexpr float kLeastZoom = 0.5F;
constexpr float kMostZoom = 4.0F;

// Share of the text colour in the strongest step of the KV hue: enough to tell four steps apart,
// little enough that the hue stays.
constexpr float kStrongestSeries = 0.66F;

Theme sized(Theme theme, float zoom) {
    theme.zoom = std::clamp(zoom, kLeastZoom, kMostZoom);
    theme.fontSize *= theme.zoom;
    theme.smallSize *= theme.zoom;
    theme.grid *= theme.zoom;
    return theme;
}

} // namespace

Theme lightTheme(float zoom) {
    Theme theme;
    theme.dark = false;
    theme.surface = {252, 252, 251};
    theme.raised = {243, 244, 245};
    theme.text = {27, 29, 34};
    theme.muted = {94, 100, 112};
    theme.hairline = {218, 220, 224};
    theme.accent = {107, 63, 212};
    theme.warning = {160, 86, 0};
    theme.error = {198, 40, 40};
    theme.absent = {231, 232, 234};
    theme.seriesBase = {60, 155, 146};
    return sized(theme, zoom);
}

Theme darkTheme(float zoom) {
    Theme theme;
    theme.dark = true;
    theme.surface = {22, 24, 29};
    theme.raised = {31, 34, 41};
    theme.text = {231, 233, 237};
    theme.muted = {151, 158, 171};
    theme.hairline = {51, 55, 64};
    theme.accent = {178, 152, 255};
    theme.warning = {240, 176, 64};
    theme.error = {255, 122, 112};
    theme.absent = {42, 46, 55};
    theme.seriesBase = {38, 118, 112};
    return sized(theme, zoom);
}

Color valueColor(const Theme& theme, float t) {
    constexpr Color kWhite{255, 255, 255};
    constexpr float kLift = 0.32F;
    const Color color = cividis(t);
    return theme.dark ? mix(kWhite, color, kLift * (1 - std::clamp(t, 0.0F, 1.0F))) : color;
}

Color scoreColor(const Theme& theme, float t) {
    constexpr float kDeepest = 0.8F; // on the dark surface: deeper tones vanish there
    return plum(theme.dark ? kDeepest * (1 - std::clamp(t, 0.0F, 1.0F)) : t);
}

Color depthColor(const Theme& theme, int depth, int recursions) {
    const auto steps = static_cast<float>(std::max(1, recursions - 1));
    return depth < 1 ? theme.absent : valueColor(theme, static_cast<float>(depth - 1) / steps);
}

Color seriesColor(const Theme& theme, int step, int steps) {
    const float share =
        steps > 0 ? static_cast<float>(std::clamp(step, 0, steps)) / static_cast<float>(steps)
                  : 0.0F;
    return mix(theme.text, theme.seriesBase, share * kStrongestSeries);
}

} // namespace depthscope::scene
