// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_legend.h"

#include "engine/trace/clip_run.h"
#include "widgets/instruments/expert_names.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/instruments/video_overlay.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace depthscope::instruments {

namespace {

constexpr float kHatch = 4; // between the lines of every second expert, as in EXPERTS

/// A box with what the colours mean, as wide as it needs to be.
class LegendDrawing {
public:
    LegendDrawing(SceneWriter& writer, scene::Rect area)
        : m_writer(writer)
        , m_area(area)
        , m_style(writer.small())
        , m_line(writer.line(m_style) + writer.px(2)) {}

    struct Key {
        std::string letter;
        std::string words;
        scene::Color color;
        bool hatched = false;
    };

    void keys(const std::string& title, std::vector<Key> all) {
        m_title = title;
        m_keys = std::move(all);
    }

    void note(const std::string& words) {
        const float most = m_area.width - 4 * m_writer.px(6);
        if (!words.empty()) {
            for (std::string& line : wrapText(m_writer.service, words, m_style, most)) {
                m_notes.push_back(std::move(line));
            }
        }
    }

    void draw() {
        const float pad = m_writer.px(6);
        const float most = m_area.width - 4 * pad;
        place(most);
        m_notes.resize(std::min(m_notes.size(), roomForNotes(pad)));
        float width = m_width;
        for (const std::string& words : m_notes) {
            width = std::max(width, std::min(most, m_writer.width(words, m_style) + 1));
        }
        const float height = m_line * static_cast<float>(m_lines + m_notes.size());
        if (width <= 0 || height + 4 * pad > m_area.height || most < m_writer.px(80)) {
            return;
        }
        const scene::Rect box{m_area.x + pad, m_area.bottom() - height - 2 * pad, width + 2 * pad,
                              height + pad};
        m_writer.out.fill(box, m_writer.theme.raised, m_writer.px(3));
        const float left = box.x + pad;
        float y = box.y + pad / 2;
        for (const Placed& one : m_placed) {
            drawKey(one, left, y);
        }
        y += m_line * static_cast<float>(m_lines);
        for (const std::string& words : m_notes) {
            m_writer.label({left, y, width, m_line}, words, m_style, m_writer.theme.text);
            y += m_line;
        }
    }

private:
    struct Placed {
        const Key* key = nullptr; ///< null: the title
        float x = 0;
        std::size_t line = 0;
    };

    [[nodiscard]] std::size_t roomForNotes(float pad) const {
        const float rest = m_area.height - 4 * pad - m_line * static_cast<float>(m_lines);
        return static_cast<std::size_t>(std::max(0.0F, rest / m_line));
    }

    [[nodiscard]] float widthOf(const Key& key) const {
        const float words =
            key.words.empty() ? 0 : m_writer.width(key.words, m_style) + m_writer.px(6);
        return swatch(key) + words;
    }

    [[nodiscard]] float swatch(const Key& key) const {
        return std::max(m_line, m_writer.width(key.letter, m_style) + m_writer.px(6));
    }

    /// From left to right, then below.
    void place(float most) {
        float x = 0;
        std::size_t line = 0;
        const auto put = [&](const Key* key, float width, float gap) {
            if (x > 0 && x + width > most) {
                x = 0;
                ++line;
            }
            m_placed.push_back({key, x, line});
            m_width = std::max(m_width, x + width);
            x += width + gap;
        };
        if (!m_title.empty()) {
            put(nullptr, m_writer.width(m_title, m_style) + 1, m_writer.theme.grid);
        }
        for (const Key& key : m_keys) {
            put(&key, widthOf(key),
                key.words.empty() ? m_writer.px(1) : m_writer.theme.grid * 1.5F);
        }
        m_lines = m_placed.empty() ? 0 : line + 1;
    }

    void drawKey(const Placed& one, float left, float top) {
        const float y = top + m_line * static_cast<float>(one.line);
        if (one.key == nullptr) {
            m_writer.label({left, y, m_writer.width(m_title, m_style) + 1, m_line}, m_title,
                           m_style, m_writer.theme.muted);
            return;
        }
        const scene::Rect cell{left + one.x, y + m_writer.px(1), swatch(*one.key),
                               m_line - m_writer.px(2)};
        m_writer.out.fill(cell, one.key->color, m_writer.px(2));
        if (one.key->hatched) {
            m_writer.out.hatch(cell, m_writer.withAlpha(m_writer.theme.surface, 0.5F),
                               m_writer.px(kHatch));
        }
        m_writer.label(cell, one.key->letter, m_style, inkOn(one.key->color), scene::Align::Center);
        if (!one.key->words.empty()) {
            const float x = cell.right() + m_writer.px(6);
            m_writer.label({x, y, m_writer.width(one.key->words, m_style) + 1, m_line},
                           one.key->words, m_style, m_writer.theme.text);
        }
    }

    SceneWriter& m_writer;
    scene::Rect m_area;
    scene::TextStyle m_style;
    float m_line;
    std::string m_title;
    std::vector<Key> m_keys;
    std::vector<std::string> m_notes;
    std::vector<Placed> m_placed;
    std::size_t m_lines = 0;
    float m_width = 0;
};

std::vector<LegendDrawing::Key>
depthKeys(const SceneWriter& writer, const trace::RunView& run, const ViewState& state) {
    std::vector<LegendDrawing::Key> keys;
    const bool isDropped = std::ranges::find(run.depth, 0) != run.depth.end();
    for (int depth = isDropped ? 0 : 1; depth <= run.recursions(); ++depth) {
        scene::Color color = scene::depthColor(writer.theme, depth, run.recursions());
        if (state.overlay == Overlay::Dim) { // grey as far as a patch stands back
            const float left = static_cast<float>(run.recursions() - depth) /
                               static_cast<float>(run.recursions() - 1);
            color = scene::mix(writer.theme.surface, writer.theme.text,
                               std::min(left, 1.0F) * static_cast<float>(state.overlayOpacity));
        }
        keys.push_back({writer.service.number(depth, 0), "", color});
    }
    return keys;
}

std::vector<LegendDrawing::Key> expertKeys(const SceneWriter& writer, const trace::RunView& run) {
    std::vector<LegendDrawing::Key> keys;
    for (int expert = 0; expert < run.experts.front().experts; ++expert) {
        const std::string title = expertTitle(run, expert, writer.service);
        const std::string letter = expertLetter(expert);
        keys.push_back({letter, title == letter ? "" : title.substr(letter.size() + 1),
                        scene::okabeIto(expert), expert % 2 == 1});
    }
    return keys;
}

} // namespace

void drawOverlayLegend(SceneWriter& writer,
                       const trace::RunView& run,
                       const ViewState& state,
                       scene::Rect area) {
    if (state.overlay == Overlay::Off || state.hidesOverlay) {
        return;
    }
    LegendDrawing legend(writer, area);
    const bool isDepth = state.overlayBy == OverlayBy::Depth;
    if (!hasOverlay(run, state.overlayBy)) {
        legend.note(isDepth ? noRouterReason(run, writer.service)
                            : writer.say("This model has no experts."));
    } else if (isDepth) {
        legend.keys(state.overlay == Overlay::Dim ? writer.say("dimmed by recursion depth")
                                                  : writer.say("recursion depth"),
                    depthKeys(writer, run, state));
        legend.note(motionText(run, writer.service));
    } else if (state.overlay == Overlay::Dim) {
        legend.note(writer.say("Point at a patch: those of other experts are dimmed."));
    } else {
        legend.keys("", expertKeys(writer, run));
    }
    legend.draw();
}

std::string motionText(const trace::RunView& run, const scene::TextService& text) {
    const double auc = trace::depthAuc(run, trace::PatchClass::Motion);
    return std::isnan(auc) ? std::string()
                           : fill(text.translate("AUC of depth against motion %1, 0.5 is chance"),
                                  {text.number(auc, 2)});
}

} // namespace depthscope::instruments
