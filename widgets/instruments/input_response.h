// SPDX-License-Identifier: MIT
// What an input means for a panel: hover, click, drag, wheel and keys, the same in all of them.
// Pure, on the window's thread.
#pragma once

#include "widgets/instruments/place_axis.h"

#include <optional>

namespace depthscope::instruments {

/// The context of an input. Lives for one call.
struct InputContext : Shown {
    const Instrument& instrument;
    /// Height of all content and of the window onto it, for a panel that scrolls down; none: token
    /// axis.
    std::optional<float> contentHeight = std::nullopt;
    float windowHeight = 0;
    /// The rows of the panel's grid are recursions.
    bool rowsAreRecursions = true;
    /// Of a panel that lays places out in another way than the others; none: the usual one.
    std::optional<PlaceAxis> axis = std::nullopt;
};

[[nodiscard]] InputResponse respondTo(const InputContext& context, const Input& input);

/// `scrollY` within what there is to scroll.
[[nodiscard]] double clampedScroll(double scrollY, float contentHeight, float windowHeight);

} // namespace depthscope::instruments
