// SPDX-License-Identifier: MIT
// A frame of a clip, exactly, alone or against the same frame of another clip: its picture, and
// below it where it stands.
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/patch_grid.h"
#include "widgets/instruments/video_drawing.h"
#include "widgets/instruments/video_facts.h"
#include "widgets/instruments/video_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::instruments {

namespace {

constexpr float kDragStart = 4;    // pixels
constexpr double kZoomStep = 1.25; // per notch

class VideoInput {
public:
    VideoInput(const InputContext& context, VideoLayout layout)
        : m_at(context)
        , m_layout(std::move(layout))
        , m_response{context.state, {}, {}} {}

    void operator()(const PointerMove& move) {
        if (m_at.state.draggingWipe) {
            moveWipe(move.at);
            return;
        }
        if (m_at.state.dragFrom) {
            drag(move.at);
            return;
        }
        const scene::Hit hit = scene::hitAt(m_at.scene, move.at);
        const std::optional<PatchUnder> patch = patchAt(move.at);
        hover(patch ? std::optional(patch->place) : std::nullopt);
        m_response.tip = hit.tip.empty() ? pixelText(m_at.view, m_layout.under(move.at), patch,
                                                     *m_at.viewport.text)
                                         : hit.tip;
    }

    void operator()(const PointerLeave&) { hover(std::nullopt); }

    void operator()(const PointerPress& press) {
        if (press.button == Button::Right) {
            return;
        }
        m_response.state.dragFrom = press.at;
        m_response.state.dragging = false;
        m_response.state.draggingWipe = press.button == Button::Left &&
                                        scene::hitAt(m_at.scene, press.at).action == kWipeAction;
    }

    void operator()(const PointerRelease& release) {
        const bool clicked = m_at.state.dragFrom && !m_at.state.dragging;
        m_response.state.dragFrom.reset();
        m_response.state.dragging = false;
        m_response.state.draggingWipe = false;
        if (m_at.state.draggingWipe) {
            return;
        }
        const scene::Hit hit = scene::hitAt(m_at.scene, release.at);
        if (!clicked || release.button != Button::Left) {
            return;
        }
        if (hit.kind == scene::HitKind::Button) {
            act(hit.action.c_str());
        } else if (showsRun()) {
            pin(patchAt(release.at));
        }
    }

    void operator()(const DoubleClick&) { fit(); }

    void operator()(const Wheel& wheel) {
        if (m_layout.a) {
            m_response.state = zoomedPicture(m_at.state, *m_layout.a, inFirst(wheel.at),
                                             std::pow(kZoomStep, wheel.steps));
        }
    }

    void operator()(const KeyPress& press) {
        switch (press.key) {
        case Key::Left:
            return act("clip.prev");
        case Key::Right:
            return act("clip.next");
        case Key::Home:
            return act("clip.first");
        case Key::End:
            return act("clip.last");
        case Key::Plus:
            return zoom(kZoomStep);
        case Key::Minus:
            return zoom(1 / kZoomStep);
        case Key::Fit:
            return fit();
        case Key::Escape:
            return showsRun() ? pin(std::nullopt) : void();
        default:
            return;
        }
    }

    [[nodiscard]] InputResponse take() { return std::move(m_response); }

private:
    /// A point of B's half as one of A's, which zoom and pan are told of.
    [[nodiscard]] scene::Point inFirst(scene::Point at) const {
        const bool isRight = m_layout.isSplit && m_layout.b && m_layout.b->area.contains(at);
        return {isRight ? at.x - (m_layout.b->area.x - m_layout.a->area.x) : at.x, at.y};
    }

    [[nodiscard]] bool showsRun() const {
        return m_at.view.clip != nullptr && runOf(m_at.view, *m_at.view.clip) != nullptr;
    }

    /// Of the run on top there, or of the main run where that has no routing of its own.
    [[nodiscard]] std::optional<PatchUnder> patchAt(scene::Point at) const {
        const trace::ClipView* clip = m_at.view.clip;
        if (clip == nullptr || !clip->frame || !m_layout.area.contains(at)) {
            return std::nullopt;
        }
        const VideoLayout::Under under = m_layout.under(at);
        const std::optional<PixelPlace> pixel = under.a ? under.a : under.b;
        const bool isOther = m_layout.isOtherAt(at, m_at.state);
        const trace::RunView* run = isOther ? runOf(m_at.view, *clip->other) : nullptr;
        run = run != nullptr && isRouted(*run) ? run : runOf(m_at.view, *clip);
        if (!pixel || run == nullptr) {
            return std::nullopt;
        }
        const PatchGrid grid = *patchGrid(*run, *clip);
        const int place = grid.placeAt(clip->frame->number, *pixel);
        const bool has = place >= 0 && static_cast<std::size_t>(place) < run->places();
        return has ? std::optional(PatchUnder{run, grid, place}) : std::nullopt;
    }

    void hover(std::optional<int> place) {
        if (showsRun() && place != m_at.cursor.hoverPlace) {
            m_response.intents.emplace_back(HoverIntent{place, std::nullopt});
        }
    }

    /// A second click releases.
    void pin(const std::optional<PatchUnder>& patch) {
        const bool releases = !patch || m_at.cursor.pinnedPlace == patch->place;
        if (!releases) {
            m_response.intents.emplace_back(PinIntent{patch->place, std::nullopt});
        } else if (m_at.cursor.pinnedPlace) {
            m_response.intents.emplace_back(PinIntent{});
        }
    }

    void moveWipe(scene::Point at) {
        const scene::Rect& area = m_layout.area;
        m_response.state.wipeShare =
            std::clamp(static_cast<double>((at.x - area.x) / std::max(1.0F, area.width)), 0.0, 1.0);
    }

    void act(const char* action) { m_response.intents.emplace_back(ActionIntent{action}); }

    void fit() {
        m_response.state.pictureScale = 0;
        m_response.state.centerX = 0.5;
        m_response.state.centerY = 0.5;
    }

    void zoom(double factor) {
        if (m_layout.a) {
            const scene::Rect& area = m_layout.a->area;
            m_response.state =
                zoomedPicture(m_at.state, *m_layout.a,
                              {area.x + area.width / 2, area.y + area.height / 2}, factor);
        }
    }

    void drag(scene::Point at) {
        const scene::Point from = *m_at.state.dragFrom;
        if (!m_at.state.dragging && std::hypot(at.x - from.x, at.y - from.y) <= kDragStart) {
            return;
        }
        if (m_layout.a) {
            m_response.state = pannedPicture(m_at.state, *m_layout.a, at.x - from.x, at.y - from.y);
        }
        m_response.state.dragFrom = at;
        m_response.state.dragging = true;
    }

    const InputContext& m_at;
    VideoLayout m_layout;
    InputResponse m_response;
};

class VideoPanel final : public Instrument {
public:
    [[nodiscard]] const char* id() const override { return "panel.video"; }

    [[nodiscard]] const char* title() const override { return "VIDEO"; }

    [[nodiscard]] Traits traits() const override {
        return {.column = Column::Embedded, .needsVideo = true}; // a part of the Video dock
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        return view.clip == nullptr ? drawNoClip(viewport)
                                    : drawClip(view, state, cursor, viewport);
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        const InputContext context{shown, *this};
        VideoInput reactor(context, videoLayout(shown.view.clip, shown.state, shown.viewport));
        std::visit(reactor, input);
        return reactor.take();
    }

    [[nodiscard]] std::string
    tip(const trace::TraceView&, const scene::Hit& hit, const scene::TextService&) const override {
        return hit.tip;
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        return videoTable(view, text);
    }
};

} // namespace

std::unique_ptr<Instrument> makeVideoPanel() {
    return std::make_unique<VideoPanel>();
}

} // namespace depthscope::instruments
