// SPDX-License-Identifier: MIT
// The OpenGL half of a host: a child that fills it, owns its ImGui surface and handles the
// behaviour of Qt's GL widgets (lost contexts, changing windows). Takes no input. Owned by its
// parent, GUI thread.
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
    /// and where OpenGL is drawn by the processor: each frame of a panel would then compose the
    /// whole window again, on the cores that the engine needs. DEPTHSCOPE_PANELS=qt always gives
    /// false, DEPTHSCOPE_PANELS=imgui gives true wherever possible. GUI thread.
    [[nodiscard]] static bool isUsable();

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
