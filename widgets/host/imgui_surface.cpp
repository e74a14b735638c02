// SPDX-License-Identifier: MIT
#include "widgets/host/imgui_surface.h"

#include "widgets/paint/imgui/scene_painter.h"

#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <cstdint>

namespace depthscope::host {

class ImguiSurface::Textures final : public paint::imgui::TextureCache {
public:
    explicit Textures(ImguiSurface& owner)
        : m_owner(owner) {}

    ImTextureID textureFor(const std::shared_ptr<const scene::Bitmap>& bitmap) override {
        return (ImTextureID)(std::intptr_t)m_owner.m_bitmaps.textureFor(bitmap);
    }

    ImTextureID textureFor(const scene::Video& video) override {
        return (ImTextureID)(std::intptr_t)m_owner.m_bitmaps.textureFor(video);
    }

    paint::imgui::TextImage textFor(const scene::TextRun& run, float pixelRatio) override {
        return m_owner.m_text.textFor(run, pixelRatio);
    }

private:
    ImguiSurface& m_owner;
};

ImguiSurface::ImguiSurface()
    : m_context(ImGui::CreateContext()) {
    ImGui::SetCurrentContext(m_context);
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr; // the window's layout is Qt's to save
    io.LogFilename = nullptr;
}

ImguiSurface::~ImguiSurface() {
    ImGui::DestroyContext(m_context);
}

bool ImguiSurface::initialize() {
    ImGui::SetCurrentContext(m_context);
    const QOpenGLContext& gl = *QOpenGLContext::currentContext();
    // Debian's back end is built for desktop OpenGL; a core profile knows no GLSL 1.30, its
    // default.
    const bool core = gl.format().profile() == QSurfaceFormat::CoreProfile;
    m_ready = !gl.isOpenGLES() && ImGui_ImplOpenGL3_Init(core ? "#version 150" : nullptr);
    return m_ready;
}

void ImguiSurface::release() {
    if (!m_ready) {
        return;
    }
    ImGui::SetCurrentContext(m_context);
    m_text.clear();
    m_bitmaps.clear();
    ImGui_ImplOpenGL3_Shutdown();
    m_ready = false;
}

void ImguiSurface::build(std::span<const scene::Scene* const> scenes, float pixelRatio) {
    ImGui::SetCurrentContext(m_context);
    m_bitmaps.dropUnused();
    if (pixelRatio != m_pixelRatio) {
        m_text.clear(); // another screen: the old sizes do not come back soon
        m_pixelRatio = pixelRatio;
    }
    m_text.shrink();

    const scene::Rect bounds = scenes.front()->bounds;
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {bounds.width, bounds.height};
    io.DisplayFramebufferScale = {pixelRatio, pixelRatio};
    io.DeltaTime = 1.0F / 60.0F; // nothing here moves by it, but it must be positive
    ImGui_ImplOpenGL3_NewFrame();
    ImGui::NewFrame();
    Textures textures(*this);
    for (const scene::Scene* scene : scenes) {
        paint::imgui::paintScene(*ImGui::GetBackgroundDrawList(), *scene, textures, pixelRatio);
    }
    ImGui::Render();
}

void ImguiSurface::clear(scene::Color background) {
    QOpenGLFunctions& gl = *QOpenGLContext::currentContext()->functions();
    gl.glDisable(GL_SCISSOR_TEST);
    gl.glClearColor(static_cast<float>(background.r) / 255.0F,
                    static_cast<float>(background.g) / 255.0F,
                    static_cast<float>(background.b) / 255.0F, 1.0F);
    gl.glClear(GL_COLOR_BUFFER_BIT);
}

void ImguiSurface::render(scene::Color background) {
    ImGui::SetCurrentContext(m_context);
    clear(background);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

} // namespace depthscope::host
