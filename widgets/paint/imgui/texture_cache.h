// SPDX-License-Identifier: MIT
// The source of the ImGui painter's pictures and text: the window's cache on screen, a fake
// in tests. Called while a draw list is filled, on that thread; what it returns stays valid until
// the draw list has been rendered.
#pragma once

#include "widgets/scene/scene.h"

#include <imgui.h>

#include <memory>

namespace depthscope::paint::imgui {

/// One line of text as a picture. Lengths are logical pixels; `left` and `top` lead from the upper
/// left corner of the line (advance x lineHeight) to that of the picture, which may be larger.
struct TextImage {
    ImTextureID texture{};
    ImVec2 uvMin{0, 0};
    ImVec2 uvMax{0, 0};
    float left = 0;
    float top = 0;
    float width = 0; ///< 0: nothing to draw
    float height = 0;
    float advance = 0;
    float lineHeight = 0;
    bool colored = false; ///< has its own colours (emoji): only the alpha of the run applies
};

class TextureCache {
public:
    virtual ~TextureCache() = default;

    [[nodiscard]] virtual ImTextureID
    textureFor(const std::shared_ptr<const scene::Bitmap>& bitmap) = 0;

    /// Of the whole picture, filtered as the video asks.
    [[nodiscard]] virtual ImTextureID textureFor(const scene::Video& video) = 0;

    [[nodiscard]] virtual TextImage textFor(const scene::TextRun& run, float pixelRatio) = 0;
};

} // namespace depthscope::paint::imgui
