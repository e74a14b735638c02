// SPDX-License-Identifier: MIT
#include "widgets/host/gl_canvas.h"

#include <QEvent>
#include <QGuiApplication>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <QStringList>
#include <utility>

namespace depthscope::host {

namespace {

/// Mesa's drivers that need no graphics processor.
bool isSoftware(const QByteArray& renderer) {
    return renderer.contains("llvmpipe") || renderer.contains("softpipe") ||
           renderer.contains("Software Rasterizer") || renderer.contains("swrast");
}

bool hasGraphicsProcessor() {
    QOffscreenSurface surface;
    surface.create();
    QOpenGLContext context;
    if (!context.create() || !context.makeCurrent(&surface)) {
        return false;
    }
    const auto* renderer =
        reinterpret_cast<const char*>(context.functions()->glGetString(GL_RENDERER));
    const bool software = isSoftware(QByteArray(renderer));
    context.doneCurrent();
    return !software;
}

} // namespace

bool GlCanvas::isUsable() {
    // Qt composes no textures on these, says so, and then crashes when the window is shown
    // (Qt 6.4).
    static const QStringList kWithoutComposition{QStringLiteral("offscreen"),
                                                 QStringLiteral("minimal"), QStringLiteral("vnc"),
                                                 QStringLiteral("linuxfb")};
    const QByteArray wish = qgetenv("DEPTHSCOPE_PANELS");
    if (kWithoutComposition.contains(QGuiApplication::platformName()) || wish == "qt") {
        return false;
    }
    if (wish == "imgui") {
        const QOpenGLContext* shared = QOpenGLContext::globalShareContext();
        return shared ? shared->isValid() : QOpenGLContext().create();
    }
    static const bool usable = hasGraphicsProcessor(); // the machine's, asked once
    return usable;
}

GlCanvas::GlCanvas(std::function<void(ImguiSurface&)> paint, QWidget* parent)
    : QOpenGLWidget(parent)
    , m_paint(std::move(paint)) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
}

GlCanvas::~GlCanvas() {
    disconnect(m_contextGone);
    releaseGl();
}

void GlCanvas::releaseGl() {
    if (m_surface.ready()) {
        makeCurrent();
        m_surface.release();
        doneCurrent();
    }
}

// Called again with a new context when the widget moves to a window that does not share the old
// one.
void GlCanvas::initializeGL() {
    disconnect(m_contextGone);
    m_contextGone =
        connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, &GlCanvas::releaseGl);
    if (!m_surface.ready() && !m_surface.initialize()) {
        Q_EMIT failed();
    }
}

void GlCanvas::paintGL() {
    if (!m_surface.ready()) {
        return;
    }
    m_paint(m_surface);
    m_painted = true;
    // Qt 6.4 gives the texture of a widget that moved to another window to that window only while
    // the first frame is painted, and shows it with the second.
    if (std::exchange(m_paintTwice, false)) {
        QMetaObject::invokeMethod(this, qOverload<>(&QWidget::update), Qt::QueuedConnection);
    }
}

bool GlCanvas::event(QEvent* event) {
    if (event->type() == QEvent::Show && m_shownIn != window()) {
        m_shownIn = window();
        m_paintTwice = m_painted;
        update();
    }
    return QOpenGLWidget::event(event);
}

} // namespace depthscope::host
