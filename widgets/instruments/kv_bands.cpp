// SPDX-License-Identifier: MIT
#include "widgets/instruments/kv_bands.h"

#include "engine/trace/statistics.h"
#include "widgets/instruments/glossary.h"
#include "widgets/instruments/kv_policies.h"
#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/ruler.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

Bytes cumulative(const trace::RunView& run, const trace::KvGroup& group) {
    Bytes sums(run.places() + 1, 0);
    for (std::size_t t = 0; t < run.places(); ++t) {
        sums[t + 1] = sums[t] + trace::storedBytes(run, group, t);
    }
    return sums;
}

std::string groupName(const trace::KvGroup& group, const scene::TextService& text) {
    if (group.recursion == 0) {
        return text.translate("unshared");
    }
    return fill(text.translate("recursion %1"), {text.number(group.recursion, 0)});
}

namespace {

// 1, 2, 4, .. of a binary unit, so that ticks read 64 KiB, 128 KiB.
double byteStep(double most, int ticks) {
    double step = 1;
    while (most / step > ticks) {
        step *= 2;
    }
    return step;
}

class KvDrawing {
public:
    KvDrawing(const trace::TraceView& view,
              const ViewState& state,
              const Cursor& cursor,
              const Viewport& viewport)
        : m_writer(viewport)
        , m_cursor(cursor)
        , m_run(*shownRun(view))
        , m_kv(m_run.latest->routing.kv)
        , m_frame(plotFrame(viewport))
        , m_axis(placeAxis(state, &m_run, viewport))
        , m_ghost(view.computing) {
        for (const trace::KvGroup& group : m_kv.groups) {
            m_sums.push_back(cumulative(m_run, group));
        }
        m_policies = policyCurves(m_run);
        layOut();
    }

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        drawHead();
        drawAxis();
        m_writer.out.pushClip(m_plot);
        const std::vector<std::size_t> at = edges();
        drawBands(at);
        if (!m_ghost) {
            drawPolicies(m_writer, m_policies, {m_axis, m_plot, m_most, at});
        }
        m_writer.out.popClip();
        drawFull();
        drawPromptEnd(m_writer, m_axis, m_run, {m_plot.y, m_plot.bottom()});
        drawCursor();
        if (m_rulerY > 0) {
            drawRuler(m_writer, m_axis, m_run, m_rulerY);
        }
        drawKey();
        m_writer.out.grid({m_plot, m_axis.x(0), static_cast<float>(m_axis.cell), m_axis.places, 1});
        m_writer.out.summary(
            fill(m_writer.say("KV memory: %1. %2."),
                 {kvMemoryText(m_kv, m_writer.service), kvFiguresText(m_kv, m_writer.service)}));
        return m_writer.out.take();
    }

private:
    void layOut() {
        const scene::Theme& theme = m_writer.theme;
        const float height = m_writer.bounds.height;
        const float small = m_writer.line(m_writer.small());
        float bottom = height - std::min(theme.grid / 2, height / 20);
        if (height >= 4 * small) {
            m_rulerY = bottom - small;
            bottom = m_rulerY;
        }
        float top = std::min(theme.grid / 2, height / 20);
        const float line = m_writer.line(m_writer.ui());
        const float margin = std::min(theme.grid * 1.5F, m_writer.bounds.width / 10);
        const float inner = m_writer.bounds.width - 2 * margin;
        const std::string use = kvMemoryText(m_kv, m_writer.service);
        const std::string figures = kvFiguresText(m_kv, m_writer.service);
        const float beside = inner - m_writer.width(use, m_writer.ui()) - 2 * theme.grid;
        if (bottom - top >= 3 * line) {
            m_useBox = {margin, top, inner, line};
            if (m_writer.width(figures, m_writer.small()) <= beside) {
                m_figuresBox = m_useBox;
                top += line;
            } else if (bottom - top >= 6 * line &&
                       m_writer.width(figures, m_writer.small()) <= inner) {
                m_figuresBox = {margin, top + line, inner, small};
                top += line + small;
            } else {
                top += line;
            }
            top += theme.grid;
        }
        if (!keyFitsBeside(top) && bottom - top >= 2 * small) {
            m_keyBox = {margin, top, inner, small};
            top += small + theme.grid / 2;
        }
        m_plot = {m_axis.left, top, m_axis.dataWidth(), std::max(1.0F, bottom - top)};
        m_most = std::max<double>(
            {static_cast<double>(m_kv.fullBytes), static_cast<double>(total(m_run.places())), 1.0});
        if (!m_policies.empty()) {
            m_most = std::max(m_most, static_cast<double>(m_policies.front().sums.back()));
        }
        m_most *= 1.04; // the full cache's line stays inside
    }

    [[nodiscard]] std::int64_t total(std::size_t edge) const {
        std::int64_t sum = 0;
        for (const Bytes& sums : m_sums) {
            sum += sums[edge];
        }
        return sum;
    }

    [[nodiscard]] float y(double bytes) const {
        return m_plot.bottom() - static_cast<float>(bytes / m_most) * m_plot.height;
    }

    void drawHead() {
        const scene::TextStyle strong{scene::FontFamily::Ui, m_writer.theme.fontSize,
                                      scene::FontWeight::Medium};
        const std::string use = kvMemoryText(m_kv, m_writer.service);
        if (m_useBox.height > 0) {
            m_writer.label(m_useBox, use, strong, m_writer.theme.text);
            explain(m_useBox, "keys and values");
        }
        if (m_figuresBox.height > 0) {
            const bool shares = m_figuresBox.y == m_useBox.y;
            m_writer.label(m_figuresBox, kvFiguresText(m_kv, m_writer.service), m_writer.small(),
                           m_writer.theme.muted, shares ? scene::Align::Right : scene::Align::Left);
        }
    }

    void drawAxis() {
        const float line = m_writer.line(m_writer.small());
        const int ticks = std::max(1, static_cast<int>(m_plot.height / (1.6F * line)));
        const double step = byteStep(m_most, std::min(ticks, 6));
        for (double value = 0; value <= m_most; value += step) {
            const float at = y(value);
            m_writer.out.line({m_plot.x, at}, {m_axis.left + m_axis.width, at},
                              m_writer.theme.hairline, m_writer.px(1));
            const float top = std::clamp(at - line / 2, 0.0F, m_writer.bounds.height - line);
            m_writer.label(
                {m_writer.theme.grid / 2, top, m_frame.left - 1.25F * m_writer.theme.grid, line},
                scene::formatBytes(m_writer.service, value), m_writer.small(), m_writer.theme.muted,
                scene::Align::Right);
        }
    }

    // Token edges at most a pixel apart, the last one always.
    [[nodiscard]] std::vector<std::size_t> edges() const {
        const auto stride = static_cast<std::size_t>(std::max(1.0, std::ceil(1 / m_axis.cell)));
        const auto end = static_cast<std::size_t>(m_axis.endVisible());
        std::vector<std::size_t> list;
        for (auto edge = static_cast<std::size_t>(m_axis.firstVisible()); edge < end;
             edge += stride) {
            list.push_back(edge);
        }
        list.push_back(end);
        return list;
    }

    void drawBands(const std::vector<std::size_t>& at) {
        std::vector<double> base(at.size(), 0);
        for (std::size_t g = 0; g < m_sums.size(); ++g) {
            std::vector<scene::Point> upper;
            std::vector<float> lower;
            for (std::size_t i = 0; i < at.size(); ++i) {
                lower.push_back(y(base[i]));
                base[i] += static_cast<double>(m_sums[g][at[i]]);
                upper.push_back({m_axis.x(static_cast<double>(at[i])), y(base[i])});
            }
            const scene::Color color = groupColor(g);
            m_writer.out.band(std::move(upper), std::move(lower), color);
        }
    }

    [[nodiscard]] scene::Color groupColor(std::size_t group) const {
        const scene::Color color =
            scene::seriesColor(m_writer.theme, m_kv.groups[group].recursion, m_run.recursions());
        return m_ghost ? m_writer.withAlpha(color, 0.35F) : color;
    }

    void drawFull() {
        if (m_kv.fullBytes <= 0) {
            return;
        }
        const double tokens = std::max<double>(1, static_cast<double>(m_run.places()));
        const double begin = m_axis.first;
        const double end = std::min(tokens, m_axis.first + m_axis.visible());
        const auto full = static_cast<double>(m_kv.fullBytes);
        m_writer.out.line({m_axis.x(begin), y(full * begin / tokens)},
                          {m_axis.x(end), y(full * end / tokens)}, m_writer.theme.text,
                          m_writer.px(1.5F));
    }

    void drawCursor() {
        const auto column = [&](int token, float width) {
            if (token >= m_axis.firstVisible() && token < m_axis.endVisible()) {
                const float x = m_axis.x(token + 0.5);
                m_writer.out.line({x, m_plot.y}, {x, m_plot.bottom()}, m_writer.theme.accent,
                                  width);
            }
        };
        if (const std::optional<int> token = cursorPlace(m_run, m_cursor)) {
            column(*token, m_writer.px(m_cursor.pinnedPlace ? 2 : 1));
        }
        const std::optional<int> hover = m_cursor.hoverPlace;
        if (hover && *hover < m_axis.places && hover != m_cursor.pinnedPlace) {
            column(*hover, m_writer.px(1));
        }
    }

    struct KeyEntry {
        std::string name;
        scene::Color color;
        float thick = 0;
    };

    // In the order of the stack, the full cache on top.
    [[nodiscard]] std::vector<KeyEntry> keyEntries(bool isBrief) const {
        const float swatch = m_writer.px(10);
        std::vector<KeyEntry> entries{
            {m_writer.say("full cache"), m_writer.theme.text, m_writer.px(1.5F)}};
        for (std::size_t g = m_kv.groups.size(); g-- > 0;) {
            const int recursion = m_kv.groups[g].recursion;
            const bool isShort = isBrief && recursion > 0;
            entries.push_back(
                {isShort ? fill(m_writer.say("rec. %1"), {m_writer.service.number(recursion, 0)})
                         : groupName(m_kv.groups[g], m_writer.service),
                 groupColor(g), swatch});
        }
        return entries;
    }

    [[nodiscard]] bool keyFitsBeside(float top) const {
        const auto entries = static_cast<float>(m_kv.groups.size() + 1);
        return m_frame.rightWidth > 0 &&
               entries * m_writer.line(m_writer.small()) <= m_writer.bounds.height - top;
    }

    void drawKey() {
        if (m_keyBox.height > 0) {
            drawKeyAbove();
        } else if (m_frame.rightWidth > 0) {
            drawKeyBeside();
        }
    }

    // In a line above the plot; names of many recursions that do not fit are left out.
    void drawKeyAbove() {
        const float step = m_writer.px(12.5F);
        const float gap = m_writer.theme.grid;
        const auto widthOf = [&](const std::vector<KeyEntry>& entries) {
            float width = 0;
            for (const KeyEntry& entry : entries) {
                width += step + m_writer.width(entry.name, m_writer.small()) + 1 + gap;
            }
            return width - gap;
        };
        std::vector<KeyEntry> entries = keyEntries(false);
        if (widthOf(entries) > m_keyBox.width) {
            entries = keyEntries(true);
        }
        float x = m_keyBox.x;
        for (const KeyEntry& entry : entries) {
            const float name = m_writer.width(entry.name, m_writer.small()) + 1;
            m_writer.out.fill(
                {x, m_keyBox.y + (m_keyBox.height - entry.thick) / 2, m_writer.px(10), entry.thick},
                entry.color);
            x += step;
            if (x + name <= m_keyBox.right()) {
                m_writer.label({x, m_keyBox.y, name, m_keyBox.height}, entry.name, m_writer.small(),
                               m_writer.theme.muted);
            }
            x += name + gap;
            if (x >= m_keyBox.right()) {
                break;
            }
        }
    }

    void drawKeyBeside() {
        const scene::Theme& theme = m_writer.theme;
        const float line = m_writer.line(m_writer.small());
        const float x = m_writer.bounds.width - m_frame.rightWidth + 2 * theme.grid;
        const float swatch = m_writer.px(10);
        const float width = m_frame.rightWidth - 2.5F * theme.grid;
        const std::vector<KeyEntry> entries = keyEntries(false);
        const float step = std::min(line, (m_writer.bounds.height - m_plot.y) /
                                              static_cast<float>(entries.size()));
        float top = m_plot.y;
        float labelled = -line;
        // More recursions than lines: every swatch stays, some names go.
        for (const KeyEntry& entry : entries) {
            const float thick = std::min(entry.thick, step);
            m_writer.out.fill({x, top + (step - thick) / 2, swatch, thick}, entry.color);
            const float labelTop = top + (step - line) / 2;
            if (labelTop >= labelled + line && labelTop + line <= m_writer.bounds.height) {
                m_writer.label(
                    {x + swatch + m_writer.px(6), labelTop, width - swatch - m_writer.px(6), line},
                    entry.name, m_writer.small(), theme.muted);
                labelled = labelTop;
            }
            top += step;
        }
        explain({x, m_plot.y, width, top - m_plot.y}, "KV policy");
    }

    /// A word of the glossary, on hover.
    void explain(scene::Rect where, const char* word) {
        m_writer.out.hit(
            {where, scene::HitKind::Body, -1, -1, {}, explained(word, m_writer.service)});
    }

    SceneWriter m_writer;
    const Cursor& m_cursor;
    const trace::RunView& m_run;
    const trace::KvMemory& m_kv;
    PlotFrame m_frame;
    PlaceAxis m_axis;
    bool m_ghost;
    std::vector<Bytes> m_sums; ///< one per group
    std::vector<PolicyCurve> m_policies;
    scene::Rect m_plot;
    scene::Rect m_useBox;
    scene::Rect m_figuresBox;
    scene::Rect m_keyBox; ///< of a key above the plot
    double m_most = 1;
    float m_rulerY = 0;
};

} // namespace

scene::Scene drawKvBands(const trace::TraceView& view,
                         const ViewState& state,
                         const Cursor& cursor,
                         const Viewport& viewport) {
    return KvDrawing(view, state, cursor, viewport).draw();
}

} // namespace depthscope::instruments
