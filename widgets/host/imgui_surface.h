// SPDX-License-Identifier: MIT
// An ImGui context with its OpenGL back end and textures: what a host draws scenes with. Owned by
// one host, GUI thread. ImGui's current context is a global, so each call makes this one current
// first.
#pragma once

#include "widgets/host/gl_textures.h"
#include "widgets/host/text_atlas.h"
#include "widgets/paint/imgui/texture_cache.h"
#include "widgets/scene/scene.h"

#include <memory>
#include <span>

struct ImGuiContext;

namespace depthscope::host {

class ImguiSurface {
public:
    ImguiSurface();
    ~ImguiSurface(); ///< after release(), or where GL never came up

    ImguiSurface(const ImguiSurface&) = delete;
    ImguiSurface& operator=(const ImguiSurface&) = delete;

    /// False if OpenGL cannot be used. The GL context must be current, as for all that follows.
    [[nodiscard]] bool initialize();
    /// Releases everything in the GL context.
    void release();

    [[nodiscard]] bool ready() const { return m_ready; }

    /// Fills the draw list with the scenes, the first at the bottom; all share the bounds of the
    /// first.
    void build(std::span<const scene::Scene* const> scenes, float pixelRatio);
    /// Fills the bound frame buffer.
    void clear(scene::Color background);
    /// Draws what was built into the bound frame buffer.
    void render(scene::Color background);

private:
    class Textures;

    ImGuiContext* m_context;
    GlTextures m_bitmaps;
    TextAtlas m_text;
    float m_pixelRatio = 1;
    bool m_ready = false;
};

} // namespace depthscope::host
