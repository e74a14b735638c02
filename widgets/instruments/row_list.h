// SPDX-License-Identifier: MIT
// A column of headed rows of figures that scrolls down when it is taller than its panel: what the
// docks at the right side are made of. Lives for one draw call, on the thread that makes the scene.
#pragma once

#include "widgets/instruments/printed.h"
#include "widgets/instruments/scene_writer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::instruments {

class RowList {
public:
    RowList(SceneWriter& writer, float top);

    /// A column of another list, from where that one stands.
    RowList(const RowList& parent, float left, float width);

    struct Bar {
        std::string label;
        double share = 0;                ///< 0..1 of the bar's track
        std::vector<std::string> values; ///< as many as there are columns
        std::string tip;
        std::optional<scene::Color> color = std::nullopt; ///< nothing: the neutral one
        float hatch = 0; ///< distance of hatch lines over the bar; 0: none
        std::optional<double> mark = std::nullopt; ///< a tick at this share of the track
        bool alarmed = false; ///< the whole track is hatched in the warning colour
    };

    SceneWriter& writer;

    [[nodiscard]] float width() const { return m_width; }

    [[nodiscard]] float left() const { return m_left; }

    [[nodiscard]] float y() const { return m_y; }

    /// Goes on below a column.
    void continueAt(float y) { m_y = y; }

    /// Claims the next `height` pixels.
    scene::Rect take(float height);
    void space(float grids);

    /// A section: title in small capitals, something short at the right, a hairline above all but
    /// the first. `word` of the glossary: it is explained on hover.
    void head(const std::string& title, const std::string& right = {}, const char* word = nullptr);

    /// Something at each end of a line, below each other where they do not fit.
    void ends(const std::string& left, const scene::TextStyle& style, const std::string& right);

    /// Wrapped text in small type.
    void note(const std::string& text, scene::Color color);

    struct Figure {
        std::string value;
        std::string label;
        std::string tag; ///< its source
        scene::Color tagColor;
        bool isFaint = false; ///< it stands for another state
    };

    /// A large figure with its subject and its source; stacked if the panel is narrow.
    void figure(const Figure& figure);

    enum class Tag : std::uint8_t { Hidden, Shown };

    /// The same in a line of text; below it, if shown, its source.
    void figureInLine(const Figure& figure, Tag tag);

    /// Name at the left, value at the right; below each other where both do not fit. `word` as of
    /// a head.
    void pair(const std::string& name, const std::string& value, const char* word = nullptr);

    /// Rows that share their columns, each right-aligned below its title; no titles: none shown.
    void bars(const std::vector<Bar>& rows, const std::vector<std::string>& titles = {});

    /// A small control across the list's text width; none on paper.
    void button(const std::string& text, const std::string& action);

private:
    /// What was drawn since `top` explains a word of the glossary.
    void explain(float top, const char* word);
    [[nodiscard]] std::vector<float> columnWidths(const std::vector<Bar>& rows,
                                                  const std::vector<std::string>& titles) const;
    void columns(scene::Rect row,
                 const std::vector<std::string>& cells,
                 const std::vector<float>& widths,
                 bool titles);
    void drawRail(scene::Rect rail, const Bar& bar);

    float m_left;
    float m_width;
    float m_y;
    bool m_first = true;
};

/// A panel whose content is a list.
class RowListPanel : public Instrument, public Printed {
public:
    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const final;
    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const final;
    [[nodiscard]] float contentHeight(const trace::TraceView& view,
                                      const Cursor& cursor,
                                      const Viewport& viewport) const final;

protected:
    /// The message of the whole panel while it has no content; empty: draw the content.
    [[nodiscard]] virtual std::string emptyState(const trace::TraceView& view,
                                                 const Cursor& cursor,
                                                 const scene::TextService& text) const = 0;
    virtual void
    fillRows(RowList& list, const trace::TraceView& view, const Cursor& cursor) const = 0;
    [[nodiscard]] virtual std::string summary(const trace::TraceView& view,
                                              const Cursor& cursor,
                                              const scene::TextService& text) const = 0;
};

} // namespace depthscope::instruments
