// SPDX-License-Identifier: MIT
// One instrument on screen: owns an OpenGL canvas with an ImGui context, paints the instrument's
// scene with it and turns Qt input into the instrument's input. GUI thread only. Repaints only when
// something changed. Where there is no OpenGL (the offscreen platform) Qt paints the same scene.
#pragma once

#include "widgets/instruments/instrument.h"

#include <QWidget>
#include <memory>
#include <optional>
#include <string>

namespace depthscope::host {

class ImguiSurface;

class InstrumentHost : public QWidget {
    Q_OBJECT

public:
    /// `instrument`, `store` and `text` outlive the host.
    InstrumentHost(const instruments::Instrument& instrument,
                   const trace::TraceStore& store,
                   const scene::TextService& text,
                   QWidget* parent = nullptr);
    ~InstrumentHost() override;

    /// Paints only its background until it is woken. A window that wakes its hosts one at a time
    /// stays responsive between their first frames, which build shaders and glyphs.
    void setAsleep(bool asleep);

    /// The store, the theme or the shared cursor changed: rebuild the scene at the next paint.
    void refresh();
    void setTheme(const scene::Theme& theme);
    void setCursor(const instruments::Cursor& cursor);
    void setViewState(const instruments::ViewState& state);

    [[nodiscard]] const instruments::Instrument& instrument() const;
    [[nodiscard]] const instruments::ViewState& viewState() const;
    [[nodiscard]] instruments::Viewport viewport() const;
    /// The scene that is on screen (built now if something changed since the last paint).
    [[nodiscard]] const scene::Scene& scene();
    /// Where the pointer is over the panel; nothing: elsewhere.
    [[nodiscard]] std::optional<scene::Point> pointer() const;
    /// What the tooltip says at a point; empty: none.
    [[nodiscard]] std::string tipAt(scene::Point at);
    /// Exact value of the cursor's token or patch; empty: there is none, or the panel has none.
    [[nodiscard]] std::string valueAtCursor() const;
    /// Pictures painted since the start; tests and the bench count them.
    [[nodiscard]] std::uint64_t paintedFrames() const;
    /// ImGui draws with OpenGL; else Qt paints the same scene (GlCanvas::isUsable).
    [[nodiscard]] bool usesOpenGl() const;
    /// CPU milliseconds of the last scene plus draw list, without GL.
    [[nodiscard]] double lastBuildMilliseconds() const;

Q_SIGNALS:
    void hovered(const depthscope::instruments::HoverIntent& intent);
    void pinned(const depthscope::instruments::PinIntent& intent);
    /// Panned or zoomed by the user (not by setViewState): panels that share the token axis follow.
    void viewStateChanged(const depthscope::instruments::ViewState& state);
    void frameRequested(qint64 frame);
    void stepRequested(quint32 step);
    void actionTriggered(const QString& action);
    void contextMenuRequested(const QPoint& globalPosition);
    void framePainted();
    void resized();

protected:
    bool event(QEvent* event) override;

private:
    struct Private;

    void makeCanvas();
    void repaintCanvas();
    void paint(ImguiSurface& surface);
    void paintWithQt();
    void dropCanvas();
    /// True if the instrument did anything with it.
    bool apply(const instruments::Input& input, QPoint globalPosition);
    void announce(const instruments::HoverIntent& intent);
    void announce(const instruments::PinIntent& intent);
    void announce(const instruments::FrameIntent& intent);
    void announce(const instruments::StepIntent& intent);
    void announce(const instruments::ActionIntent& intent);

    std::unique_ptr<Private> m;
};

} // namespace depthscope::host
