// SPDX-License-Identifier: MIT
#include "widgets/instruments/input_response.h"

#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kDragStart = 4;    // pixels
constexpr double kZoomStep = 1.25; // per notch
constexpr float kScrollStep = 48;  // pixels at zoom 1 per notch
constexpr int kBigStep = 10;       // tokens, with Shift

class Responder {
public:
    explicit Responder(const InputContext& context)
        : m_at(context)
        , m_run(shownRun(context.view))
        , m_axis(context.axis ? *context.axis : placeAxis(context.state, m_run, context.viewport))
        , m_response{context.state, {}, {}} {}

    void operator()(const PointerMove& move) {
        if (m_at.state.dragFrom) {
            drag(move.at);
            return;
        }
        const scene::Hit hit = hitUnder(move.at);
        HoverIntent hover;
        if (hit.column >= 0) {
            hover.place = hit.column;
            hover.recursion = recursionOf(hit);
        }
        if (hover.place != m_at.cursor.hoverPlace ||
            hover.recursion != m_at.cursor.hoverRecursion) {
            m_response.intents.emplace_back(hover);
        }
        m_response.tip =
            hit.tip.empty() ? m_at.instrument.tip(m_at.view, hit, *m_at.viewport.text) : hit.tip;
    }

    void operator()(const PointerLeave&) { m_response.intents.emplace_back(HoverIntent{}); }

    void operator()(const PointerPress& press) {
        if (press.button == Button::Left || press.button == Button::Middle) {
            m_response.state.dragFrom = press.at;
            m_response.state.dragging = false;
        }
    }

    void operator()(const PointerRelease& release) {
        const bool clicked = m_at.state.dragFrom && !m_at.state.dragging;
        m_response.state.dragFrom.reset();
        m_response.state.dragging = false;
        if (clicked && release.button == Button::Left) {
            click(hitUnder(release.at));
        }
    }

    void operator()(const DoubleClick&) { fit(); }

    void operator()(const Wheel& wheel) {
        const float pixels = static_cast<float>(wheel.steps) * kScrollStep * zoom();
        if (m_at.contentHeight) {
            scroll(m_at.state.scrollY - double{pixels});
        } else if (wheel.zoom) {
            m_response.state =
                zoomed(m_at.state, m_axis, wheel.at.x, std::pow(kZoomStep, wheel.steps));
        } else {
            m_response.state = panned(m_at.state, m_axis, pixels);
        }
    }

    void operator()(const KeyPress& press) {
        const int step = press.shift ? kBigStep : 1;
        switch (press.key) {
        case Key::Left:
            return pinToken(startToken(m_axis.places) - step);
        case Key::Right:
            return pinToken(startToken(-1) + step);
        case Key::Home:
            return pinToken(0);
        case Key::End:
            pinToken(m_axis.places - 1);
            m_response.state.followLive = true;
            return;
        case Key::Up:
            return pinRecursion(1);
        case Key::Down:
            return pinRecursion(-1);
        case Key::Escape:
            return pin(PinIntent{});
        case Key::Enter:
            if (m_at.cursor.hoverPlace) {
                pin({m_at.cursor.hoverPlace, m_at.cursor.hoverRecursion});
            }
            return;
        case Key::Plus:
            return zoomBy(kZoomStep);
        case Key::Minus:
            return zoomBy(1 / kZoomStep);
        case Key::Fit:
            return fit();
        }
    }

    [[nodiscard]] InputResponse take() { return std::move(m_response); }

private:
    [[nodiscard]] float zoom() const { return m_at.viewport.theme->zoom; }

    // A scene may be older than the trace: what it names must still be there.
    [[nodiscard]] scene::Hit hitUnder(scene::Point at) const {
        const scene::Hit hit = scene::hitAt(m_at.scene, at);
        return hit.column < m_axis.places ? hit : scene::Hit{};
    }

    [[nodiscard]] std::optional<int> recursionOf(const scene::Hit& hit) const {
        const bool named = m_at.rowsAreRecursions && hit.row >= 0;
        return named ? std::optional<int>(hit.row) : std::nullopt;
    }

    void drag(scene::Point at) {
        const scene::Point from = *m_at.state.dragFrom;
        const float dx = at.x - from.x;
        const float dy = at.y - from.y;
        if (!m_at.state.dragging && std::hypot(dx, dy) <= kDragStart) {
            return;
        }
        if (m_at.contentHeight) {
            scroll(m_at.state.scrollY - double{dy});
        } else {
            m_response.state = panned(m_at.state, m_axis, dx);
        }
        m_response.state.dragFrom = at;
        m_response.state.dragging = true;
    }

    void scroll(double to) {
        m_response.state.scrollY = clampedScroll(to, *m_at.contentHeight, m_at.windowHeight);
        const double end = double{*m_at.contentHeight} - double{m_at.windowHeight};
        m_response.state.followLive = m_response.state.scrollY >= end - 0.5;
    }

    void click(const scene::Hit& hit) {
        if (hit.kind == scene::HitKind::Button) {
            m_response.intents.emplace_back(ActionIntent{hit.action});
            return;
        }
        const std::optional<int> recursion = recursionOf(hit);
        const bool same = m_at.cursor.pinnedPlace == hit.column &&
                          (!recursion || recursion == m_at.cursor.pinnedRecursion);
        pin(hit.column < 0 || same ? PinIntent{} : PinIntent{hit.column, recursion});
    }

    void pin(const PinIntent& intent) {
        if (intent.place || m_at.cursor.pinnedPlace) {
            m_response.intents.emplace_back(intent);
        }
    }

    [[nodiscard]] int startToken(int fallback) const {
        return m_at.cursor.place().value_or(fallback);
    }

    void pinToken(int token) {
        if (m_run == nullptr) {
            return;
        }
        const int inside = std::clamp(token, 0, m_axis.places - 1);
        pin({inside, m_at.cursor.pinnedRecursion});
        if (!m_at.contentHeight) {
            m_response.state = revealed(m_at.state, m_axis, inside);
        }
    }

    void pinRecursion(int step) {
        if (m_run == nullptr) {
            return;
        }
        const int token = std::clamp(startToken(m_axis.places - 1), 0, m_axis.places - 1);
        const std::optional<int> now = m_at.cursor.recursion();
        const int next = now ? *now + step : (step > 0 ? 0 : m_run->recursions() - 1);
        pin({token, std::clamp(next, 0, m_run->recursions() - 1)});
    }

    void zoomBy(double factor) {
        if (m_at.contentHeight || m_run == nullptr) {
            return;
        }
        const int token = startToken(-1);
        const bool seen = token >= m_axis.firstVisible() && token < m_axis.endVisible();
        const float at = seen ? m_axis.x(token + 0.5) : m_axis.left + m_axis.width / 2;
        m_response.state = zoomed(m_at.state, m_axis, at, factor);
    }

    void fit() {
        if (m_at.contentHeight) {
            // A text that follows would stay at its end.
            m_response.state.scrollY = 0;
            m_response.state.followLive = false;
        } else {
            m_response.state = fitted(m_at.state);
        }
    }

    const InputContext& m_at;
    const trace::RunView* m_run;
    PlaceAxis m_axis;
    InputResponse m_response;
};

} // namespace

double clampedScroll(double scrollY, float contentHeight, float windowHeight) {
    const double most = std::max(0.0, double{contentHeight} - double{windowHeight});
    return std::clamp(std::isfinite(scrollY) ? scrollY : 0.0, 0.0, most);
}

InputResponse respondTo(const InputContext& context, const Input& input) {
    Responder reactor(context);
    std::visit(reactor, input);
    return reactor.take();
}

} // namespace depthscope::instruments
