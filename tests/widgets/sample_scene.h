// SPDX-License-Identifier: MIT
// A scene with every primitive, for the tests of the painters.
#pragma once

#include "widgets/scene/color_map.h"
#include "widgets/scene/scene.h"
#include "widgets/scene/theme.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace depthscope::tests {

/// A heatmap of `columns` x `rows`, cividis from lower left to upper right.
inline std::shared_ptr<const scene::Bitmap> sampleBitmap(int columns, int rows) {
    auto bitmap = std::make_shared<scene::Bitmap>();
    bitmap->width = columns;
    bitmap->height = rows;
    for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < columns; ++x) {
            const int steps = columns + rows > 2 ? columns + rows - 2 : 1;
            const auto share = static_cast<float>(x + rows - 1 - y) / static_cast<float>(steps);
            const scene::Color c = scene::cividis(share);
            bitmap->rgba.insert(bitmap->rgba.end(), {c.r, c.g, c.b, c.a});
        }
    }
    return bitmap;
}

/// 320 x 200. Known places: solid blue-grey (20..60, 60..80); the heatmap (20..300, 100..148).
inline scene::Scene sampleScene(const scene::Theme& theme) {
    using namespace scene;
    Builder b({0, 0, 320, 200});
    b.fill({0, 0, 320, 200}, theme.surface);
    b.text({16, 8, 200, 20}, "Recursion depth", {FontFamily::Ui, 13, FontWeight::Medium},
           theme.text);
    b.text({200, 8, 104, 20}, "1.84 M", {FontFamily::Ui, 11, FontWeight::Regular}, theme.muted,
           Align::Right);
    b.line({16, 32}, {304, 32}, theme.hairline);
    b.fill({20, 60, 40, 20}, {90, 110, 140});
    b.stroke({70, 60, 40, 20}, theme.accent, 2);
    b.fill({120, 60, 40, 20}, seriesColor(theme, 1, 3), 4);
    b.stroke({170, 60, 40, 20}, theme.accent, 2, 4);
    b.fill({220, 60, 40, 20}, theme.absent);
    b.hatch({220, 60, 40, 20}, theme.muted);
    b.image({20, 100, 280, 48}, sampleBitmap(14, 3));
    b.pushClip({20, 156, 140, 36});
    b.band({{0, 180}, {60, 160}, {120, 170}, {200, 158}}, {190, 190, 190, 190},
           seriesColor(theme, 0, 3));
    b.polyline({{0, 180}, {60, 160}, {120, 170}, {200, 158}}, seriesColor(theme, 3, 3), 1.5F);
    b.popClip();
    b.text({180, 164, 120, 20}, "\xC2\xB7the\xE2\x86\xB5",
           {FontFamily::Mono, 13, FontWeight::Regular}, theme.text, Align::Center);
    b.hit({{20, 60, 40, 20}, HitKind::Button, -1, -1, "sample.button", "A button"});
    b.grid({{20, 100, 280, 48}, 20, 20, 14, 3});
    b.summary("Fourteen tokens, three recursions.");
    return b.take();
}

} // namespace depthscope::tests
