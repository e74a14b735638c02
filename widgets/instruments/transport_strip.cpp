// SPDX-License-Identifier: MIT
#include "widgets/instruments/transport_strip.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kButton = 26;      // pixels; targets stay above 24
constexpr float kWords = 180;      // beside a track
constexpr float kWideEnough = 480; // for words beside a track

} // namespace

TransportStrip::TransportStrip(const Viewport& viewport) {
    const float zoom = viewport.theme->zoom;
    const float grid = viewport.theme->grid;
    const scene::Rect& bounds = viewport.bounds;
    button = std::min({kButton * zoom, bounds.height, (bounds.width - 2 * grid) / 4});
    twoRows = bounds.height >= button + 24 * zoom;
    if (twoRows) {
        track = {2 * grid, grid, std::max(1.0F, bounds.width - 4 * grid), 12 * zoom};
        const float rest = bounds.height - track.bottom() - 2 * zoom;
        buttonsY =
            track.bottom() + 2 * zoom + std::max(0.0F, std::min(rest - button, 6 * zoom) / 2);
    } else {
        const float left = grid + 4 * button + grid;
        buttonsY = (bounds.height - button) / 2;
        track = {left, bounds.height / 2 - 6 * zoom, std::max(1.0F, bounds.width - left - 2 * grid),
                 12 * zoom};
    }
}

TransportStrip::TransportStrip(const Viewport& viewport, int row) {
    const float zoom = viewport.theme->zoom;
    const float grid = viewport.theme->grid;
    const scene::Rect& bounds = viewport.bounds;
    const float height = bounds.height / 2;
    button = std::min({kButton * zoom, height, (bounds.width - 2 * grid) / 4});
    // Close to each other: they are one run's.
    const float air = std::min(height - button, 4 * zoom) / 2;
    buttonsY = row == 0 ? height - air - button : height + air;
    const float left = grid + 4 * button + grid;
    float right = bounds.width - 2 * grid;
    if (bounds.width >= kWideEnough * zoom) {
        words = {right - kWords * zoom, buttonsY, kWords * zoom, button};
        right = words.x - 2 * grid;
    }
    track = {left, buttonsY + button / 2 - 6 * zoom, std::max(1.0F, right - left), 12 * zoom};
}

float TransportStrip::x(double at, std::size_t count) const {
    return track.x +
           track.width * static_cast<float>(at / std::max<double>(1, static_cast<double>(count)));
}

int TransportStrip::placeAt(float at, std::size_t count) const {
    const double share = double{(at - track.x) / track.width};
    const int place = static_cast<int>(std::floor(share * static_cast<double>(count)));
    return std::clamp(place, 0, std::max(0, static_cast<int>(count) - 1));
}

void drawTransportButton(SceneWriter& writer, const TransportControl& control, scene::Rect box) {
    const float size = box.width * 0.34F;
    const float x = box.x + (box.width - size) / 2;
    const float y = box.y + (box.height - size) / 2;
    const scene::Color ink = writer.theme.text;
    const float bar = writer.px(2);
    const bool forward = control.glyph == Glyph::Next || control.glyph == Glyph::Last;
    const float from = forward ? x : x + size;
    const float to = forward ? x + size : x;
    // A band between two points is a triangle; its points run from left to right.
    const scene::Point flat{from, y};
    const scene::Point tip{to, y + size / 2};
    if (forward) {
        writer.out.band({flat, tip}, {y + size, y + size / 2}, ink);
    } else {
        writer.out.band({tip, flat}, {y + size / 2, y + size}, ink);
    }
    if (control.glyph == Glyph::First) {
        writer.out.fill({x - bar * 1.5F, y, bar, size}, ink);
    } else if (control.glyph == Glyph::Last) {
        writer.out.fill({x + size + bar * 0.5F, y, bar, size}, ink);
    }
    writer.out.hit({box, scene::HitKind::Button, -1, -1, control.action, control.tip});
}

} // namespace depthscope::instruments
