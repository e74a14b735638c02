// SPDX-License-Identifier: MIT
// The track and the buttons of TRANSPORT, whatever it walks along. Pure, any thread.
#pragma once

#include "widgets/instruments/scene_writer.h"

#include <cstddef>
#include <string>

namespace depthscope::instruments {

enum class Glyph : std::uint8_t { First, Previous, Next, Last };

struct TransportControl {
    Glyph glyph;
    const char* action;
    std::string tip;
};

/// The strip's layout; the track shows everything, whatever part the other panels show.
struct TransportStrip {
    explicit TransportStrip(const Viewport& viewport);

    /// One of two strips above each other, 0 the upper one: buttons, track and words in a line.
    TransportStrip(const Viewport& viewport, int row);

    [[nodiscard]] float x(double at, std::size_t count) const;
    /// Which one of `count` lies at x = `at`; at least 0, also where there is none.
    [[nodiscard]] int placeAt(float at, std::size_t count) const;

    float button = 0;
    float buttonsY = 0;
    bool twoRows = false;
    scene::Rect words; ///< of one of two strips, right of the track; no width: no room
    scene::Rect track;
};

void drawTransportButton(SceneWriter& writer, const TransportControl& control, scene::Rect box);

} // namespace depthscope::instruments
