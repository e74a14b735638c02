// SPDX-License-Identifier: MIT
// The OpenGL half of a host: a child that fills it, owns its ImGui surface and knows the ways of
// Qt's GL widgets (contexts that die, windows that change). Takes no input. Owned by its parent,
// GUI thread.
#pragma once

#include "widgets/host/imgui_surface.h"

#include <QOpenGLWidget>
#include <QPointer>
#include <functional>

namespace depthscope::host {

class GlCanvas final : public QOpenGLWidget {
    Q_OBJECT

public:
    /// `paint` is called for each frame, with the GL context current.
    GlCanvas(std::function<void(ImguiSurface&)> paint, QWidget* parent);
    ~GlCanvas() override;

    /// False where Qt would crash on a window with an OpenGL widget, where no context can be made,
    /// and where OpenGL is drawn by the processor: each panel's frame would then compose the whole
    /// window anew, beside an engine that wants the same cores. DEPTHSCOPE_PANELS=qt says no
    /// everywhere, DEPTHSCOPE_PANELS=imgui wherever it can be done. GUI thread.
    [[nodiscard]] static bool isWise();

Q_SIGNALS:
    void failed();

protected:
    void initializeGL() override;
    void paintGL() override;
    bool event(QEvent* event) override;

private:
    void releaseGl();

    std::function<void(ImguiSurface&)> m_paint;
    ImguiSurface m_surface;
    QMetaObject::Connection m_contextGone;
    QPointer<QWidget> m_shownIn; ///< the window of the last time this was shown
    bool m_painted = false;
    bool m_paintTwice = false;
};

} // namespace depthscope::host
