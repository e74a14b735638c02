// SPDX-License-Identifier: MIT
// What every instrument draws with: a scene builder that knows the viewport's theme and text. Lives
// for one draw call, on the thread that makes the scene. Messages are extracted by `lupdate
// -tr-function-alias qtTrId+=say,qtTrId+=translate`: the English text is the id.
#pragma once

#include "widgets/instruments/instrument.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::instruments {

/// "%1 of %2" with its places filled in.
[[nodiscard]] std::string fill(std::string message, std::initializer_list<std::string> values);

/// Lines no wider than `width`, broken at spaces; a longer word is elided.
[[nodiscard]] std::vector<std::string> wrapText(const scene::TextService& text,
                                                const std::string& message,
                                                const scene::TextStyle& style,
                                                float width);

class SceneWriter {
public:
    explicit SceneWriter(const Viewport& viewport)
        : theme(*viewport.theme)
        , service(*viewport.text)
        , out(viewport.bounds)
        , bounds(viewport.bounds)
        , onPaper(viewport.onPaper) {}

    /// A length of the design at zoom 1, in logical pixels.
    [[nodiscard]] float px(float length) const { return length * theme.zoom; }

    [[nodiscard]] std::string say(const char* english) const { return service.translate(english); }

    [[nodiscard]] scene::TextStyle ui() const {
        return {scene::FontFamily::Ui, theme.fontSize, {}};
    }

    [[nodiscard]] scene::TextStyle small() const {
        return {scene::FontFamily::Ui, theme.smallSize, {}};
    }

    [[nodiscard]] scene::TextStyle mono() const {
        return {scene::FontFamily::Mono, theme.fontSize, {}};
    }

    [[nodiscard]] scene::TextStyle head() const {
        return {scene::FontFamily::Ui, theme.smallSize, scene::FontWeight::Medium};
    }

    [[nodiscard]] scene::TextStyle figure() const {
        return {scene::FontFamily::Ui, theme.fontSize * 1.5F, scene::FontWeight::Medium};
    }

    /// Room for one line, ascenders and descenders included.
    [[nodiscard]] float line(const scene::TextStyle& style) const;

    [[nodiscard]] float width(std::string_view text, const scene::TextStyle& style) const {
        return service.width(text, style);
    }

    /// A line of text, elided to the box; nothing where not even the ellipsis fits.
    void label(scene::Rect box,
               const std::string& text,
               const scene::TextStyle& style,
               scene::Color color,
               scene::Align align = scene::Align::Left);

    /// Wrapped lines from the top of the box, as many as fit; returns the height used.
    float paragraph(scene::Rect box,
                    const std::string& text,
                    const scene::TextStyle& style,
                    scene::Color color,
                    scene::Align align = scene::Align::Left);

    /// A whole panel that has nothing to show yet: the message in the middle, and as the summary.
    [[nodiscard]] scene::Scene empty(const std::string& message);

    [[nodiscard]] scene::Color withAlpha(scene::Color color, float share) const;

    const scene::Theme& theme;
    const scene::TextService& service;
    scene::Builder out;
    const scene::Rect bounds;
    const bool onPaper;
};

/// Black or white, whichever reads better on `ground`.
[[nodiscard]] scene::Color inkOn(scene::Color ground);

/// A panel without a run: why there is none, or its own message if a text is needed.
[[nodiscard]] scene::Scene
drawEmpty(const trace::TraceView& view, const Viewport& viewport, const std::string& own);

} // namespace depthscope::instruments
