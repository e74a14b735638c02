// SPDX-License-Identifier: MIT
// Draws a scene into an ImGui draw list: the live window. Coordinates stay logical pixels; the
// pixel ratio sharpens edges and text. The thread that owns the current ImGui context.
#pragma once

#include "widgets/paint/imgui/texture_cache.h"
#include "widgets/scene/scene.h"

struct ImDrawList;

namespace depthscope::paint::imgui {

void paintScene(ImDrawList& list,
                const scene::Scene& scene,
                TextureCache& textures,
                float pixelRatio);

} // namespace depthscope::paint::imgui
