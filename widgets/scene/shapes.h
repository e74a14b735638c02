// SPDX-License-Identifier: MIT
// What a scene is drawn with: plain data that painters draw and tests compare. Values; any thread.
// Lengths are logical pixels, y grows downwards.
#pragma once

#include "engine/base/rgb_picture.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace depthscope::scene {

struct Point {
    float x = 0;
    float y = 0;

    [[nodiscard]] bool operator==(const Point&) const = default;
};

struct Rect {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;

    [[nodiscard]] bool operator==(const Rect&) const = default;

    [[nodiscard]] float right() const { return x + width; }

    [[nodiscard]] float bottom() const { return y + height; }

    /// Half-open: the right and bottom edges belong to the neighbour.
    [[nodiscard]] bool contains(Point p) const {
        return p.x >= x && p.x < right() && p.y >= y && p.y < bottom();
    }
};

struct Color {
    std::uint8_t r = 0;
    std::uint8_t g = 0;
    std::uint8_t b = 0;
    std::uint8_t a = 255;

    [[nodiscard]] bool operator==(const Color&) const = default;
};

enum class FontFamily : std::uint8_t { Ui, Mono };
enum class FontWeight : std::uint8_t { Regular, Medium, Bold };
enum class Align : std::uint8_t { Left, Center, Right };

/// Rising: turned by 60 degrees, so that a line reads upwards from the lower left of its box and
/// ends at the upper right (risingIn in geometry.h says where).
enum class Slope : std::uint8_t { Level, Rising };

struct TextStyle {
    FontFamily family = FontFamily::Ui;
    float size = 13; ///< font size in logical pixels
    FontWeight weight = FontWeight::Regular;

    [[nodiscard]] bool operator==(const TextStyle&) const = default;
};

/// RGBA, row-major, at most 4,096 a side (an instrument tiles larger maps).
struct Bitmap {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgba; ///< [height * width * 4]

    [[nodiscard]] bool operator==(const Bitmap&) const = default;
};

struct FillRect {
    Rect rect;
    Color color;
    float radius = 0;
    [[nodiscard]] bool operator==(const FillRect&) const = default;
};

struct StrokeRect {
    Rect rect; ///< the stroke lies inside
    Color color;
    float width = 1;
    float radius = 0;
    [[nodiscard]] bool operator==(const StrokeRect&) const = default;
};

/// Diagonal hatch inside a rectangle: "no data", "exited here", the second mark beside colour.
struct HatchRect {
    Rect rect;
    Color color;
    float spacing = 5;
    [[nodiscard]] bool operator==(const HatchRect&) const = default;
};

struct Polyline {
    std::vector<Point> points;
    Color color;
    float width = 1;
    [[nodiscard]] bool operator==(const Polyline&) const = default;
};

/// The area between an upper and a lower curve with common x; [n] points each.
struct Band {
    std::vector<Point> upper;
    std::vector<float> lowerY;
    Color color;
    [[nodiscard]] bool operator==(const Band&) const = default;
};

/// One line of text, already translated and elided, set inside `box`: horizontally by `align`,
/// vertically centred.
struct TextRun {
    Rect box;
    std::string text; ///< valid UTF-8
    TextStyle style;
    Color color;
    Align align = Align::Left;
    Slope slope = Slope::Level;
    [[nodiscard]] bool operator==(const TextRun&) const = default;
};

/// A texture, nearest-filtered. Equal when the pixels are equal.
struct Image {
    Rect rect;
    std::shared_ptr<const Bitmap> bitmap;

    [[nodiscard]] bool operator==(const Image& other) const {
        return rect == other.rect &&
               (bitmap == other.bitmap || (bitmap && other.bitmap && *bitmap == *other.bitmap));
    }
};

/// A picture of a clip: its part `source`, in pixels of the picture, fills `rect`, turned
/// clockwise. Equal where the generation is: nothing compares pixels, and no two pictures share a
/// generation.
struct Video {
    Rect rect;
    Rect source;
    RgbPicturePtr picture;
    std::uint64_t generation = 0;
    int quarterTurns = 0; ///< 0 to 3
    bool smooth = true;   ///< false: each pixel is a sharp rectangle
    int slot = 0;         ///< which texture it is kept in: pictures shown together have others

    [[nodiscard]] bool operator==(const Video& other) const {
        return rect == other.rect && source == other.source && generation == other.generation &&
               quarterTurns == other.quarterTurns && smooth == other.smooth && slot == other.slot;
    }
};

using Shape = std::variant<FillRect, StrokeRect, HatchRect, Polyline, Band, TextRun, Image, Video>;

} // namespace depthscope::scene
