// SPDX-License-Identifier: MIT
// How the laboratory is looked at: the cursor that all panels share, and what each panel has of its
// own. Values; any thread.
#pragma once

#include "engine/trace/convergence.h"
#include "widgets/scene/shapes.h"

#include <cstdint>
#include <optional>

namespace depthscope::instruments {

/// The one cursor that all panels share: what the pointer is over, what was pinned by a click, and
/// which step of the run is looked at.
struct Cursor {
    std::optional<int> hoverPlace;
    std::optional<int> hoverRecursion; ///< from 0
    std::optional<int> pinnedPlace;
    std::optional<int> pinnedRecursion;
    std::optional<std::uint32_t> step; ///< nothing: the newest
    std::optional<std::int64_t> frame; ///< of the clip on screen; nothing: none is

    /// The current place: the pinned one, or else the hovered one.
    [[nodiscard]] std::optional<int> place() const {
        return pinnedPlace ? pinnedPlace : hoverPlace;
    }

    [[nodiscard]] std::optional<int> recursion() const {
        return pinnedPlace ? pinnedRecursion : hoverRecursion;
    }

    [[nodiscard]] bool operator==(const Cursor&) const = default;
};

/// Of the pixels of a picture. Auto: sharp where they are large.
enum class PixelFilter : std::uint8_t { Auto, Sharp, Smooth };

/// How two clips are shown against each other.
enum class Comparison : std::uint8_t { Wipe, Split, Blink, Difference };

/// What lies over the pictures of a routed run: patches coloured, outlined, or dimmed where little
/// is computed.
enum class Overlay : std::uint8_t { Off, Tint, Contour, Dim };
enum class OverlayBy : std::uint8_t { Depth, Expert };

/// What stands below the map of CONVERGENCE: where each exit rule stops, or of one token its curve
/// or the path of its states.
enum class ConvergencePart : std::uint8_t { Exits, Curve, Path };

/// How one panel is looked at. Shared axis of places: pixels per place and the place at the left
/// edge.
struct ViewState {
    double cellWidth = 0;                 ///< logical pixels per place; 0: fit all
    double firstPlace = 0;                ///< place (fractional) at the left edge
    float axisWidth = 0;                  ///< plot width of the panels that zoom; 0: the own one
    double scrollY = 0;                   ///< logical pixels, for panels that scroll down
    bool followLive = true;               ///< keep the newest place in view
    std::optional<scene::Point> dragFrom; ///< set between press and release of the panning button
    bool dragging = false; ///< the press moved more than 4 pixels: its release is no click
    bool byStep = false;   ///< of DEPTH: frames against denoising steps, instead of patches
    trace::Quantity quantity = trace::Quantity::Change; ///< of CONVERGENCE
    ConvergencePart part = ConvergencePart::Exits;
    bool lanesOfText =
        false; ///< of LANES: the text on screen, though others were generated together
    double pictureScale = 0; ///< logical pixels per pixel of the picture; 0: all of it fits
    double centerX = 0.5, centerY = 0.5; ///< of the panel, as shares of the picture as shown
    PixelFilter filter = PixelFilter::Auto;
    Comparison comparison = Comparison::Wipe;
    double wipeShare = 0.5;    ///< of the panel's width that shows A
    bool draggingWipe = false; ///< between press and release on the wipe's line
    bool showsOther = false;   ///< of a blink: B at this moment
    Overlay overlay = Overlay::Tint;
    OverlayBy overlayBy = OverlayBy::Depth;
    double overlayOpacity = 0.35; ///< 0 to 1
    bool hidesOverlay = false;    ///< as long as a key is held

    [[nodiscard]] bool operator==(const ViewState&) const = default;
};

} // namespace depthscope::instruments
