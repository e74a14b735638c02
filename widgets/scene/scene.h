// SPDX-License-Identifier: MIT
// A picture as plain data: what the painters draw, what tests compare, what hit testing asks. Made
// by an instrument, owned by whoever asked for it, any thread. Lengths are logical pixels, y grows
// downwards.
#pragma once

#include "widgets/scene/shapes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::scene {

/// A shape and the clip it is drawn in (index into Scene::clips).
struct Primitive {
    Shape shape;
    std::uint16_t clip = 0;
    [[nodiscard]] bool operator==(const Primitive&) const = default;
};

enum class HitKind : std::uint8_t {
    Cell,   ///< a cell of what is drawn: column, and row where it names one
    Button, ///< a small control; `action` names its meaning
    Body,   ///< the plot area: pans, zooms
};

/// An area that answers the pointer; later ones lie on top.
struct Hit {
    Rect rect;
    HitKind kind = HitKind::Body;
    int column = -1;
    int row = -1;
    std::string action;
    std::string tip; ///< tooltip, already translated
    [[nodiscard]] bool operator==(const Hit&) const = default;
};

/// A regular grid of cells that answers as Cell hits without a Hit each; rows count from the
/// bottom. `tip` is made on demand by the instrument.
struct HitGrid {
    Rect rect;
    float originX = 0; ///< x of column 0's left edge
    float cellWidth = 0;
    int columns = 0;
    int rows = 0;
    [[nodiscard]] bool operator==(const HitGrid&) const = default;
};

/// A picture of equal cells that answers as Cell hits of one row; columns count on from line to
/// line, from the top. For what is a picture in each of several rows, such as a frame of patches.
struct HitMosaic {
    Rect rect;
    int columns = 0; ///< in a line
    int lines = 0;
    int firstColumn = 0; ///< that the first cell answers as
    int row = 0;
    Rect seen{}; ///< the part that answers; the builder's clip sets it
    [[nodiscard]] bool operator==(const HitMosaic&) const = default;
};

struct Scene {
    Rect bounds;
    std::vector<Rect> clips; ///< clips[0] is the bounds
    std::vector<Primitive> primitives;
    std::vector<Hit> hits;
    std::vector<HitGrid> grids;
    std::vector<HitMosaic> mosaics;
    std::string summary; ///< one or two sentences that say what the picture shows, translated

    [[nodiscard]] bool operator==(const Scene&) const = default;
};

/// The topmost thing at `p`: a Hit, or a Cell of a mosaic or a grid; kind Body with no column if
/// there is nothing.
[[nodiscard]] Hit hitAt(const Scene& scene, Point p);

/// Where a cell lies: of the first mosaic or grid that shows its middle, or else of the first hit
/// that stands for it; nothing where it is out of sight. A hit without a row stands for all.
[[nodiscard]] std::optional<Rect> cellRect(const Scene& scene, int column, int row);

/// Builds a scene in drawing order with a clip stack.
class Builder {
public:
    explicit Builder(Rect bounds);

    void fill(Rect rect, Color color, float radius = 0);
    void stroke(Rect rect, Color color, float width = 1, float radius = 0);
    void hatch(Rect rect, Color color, float spacing = 5);
    void line(Point from, Point to, Color color, float width = 1);
    void polyline(std::vector<Point> points, Color color, float width = 1);
    void band(std::vector<Point> upper, std::vector<float> lowerY, Color color);
    void text(Rect box, std::string text, TextStyle style, Color color, Align align = Align::Left);
    /// A rising line; `box` as risingBox makes it.
    void risingText(Rect box, std::string text, TextStyle style, Color color);
    void image(Rect rect, std::shared_ptr<const Bitmap> bitmap);
    /// Nothing where the picture is none, or its bytes do not match its size.
    void video(Video video);

    void pushClip(Rect rect); ///< intersected with the present clip
    void popClip();

    void hit(Hit hit);
    void grid(HitGrid grid);
    void mosaic(HitMosaic mosaic);
    void summary(std::string text);

    [[nodiscard]] Scene take();

private:
    void add(Shape shape);

    Scene m_scene;
    std::vector<std::uint16_t> m_clipStack;
};

} // namespace depthscope::scene
