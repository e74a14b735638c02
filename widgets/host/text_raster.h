// SPDX-License-Identifier: MIT
// One line of text as pixels, made by Qt: CJK, emoji and shaped scripts look as they do in the
// forms. No GL. GUI thread.
#pragma once

#include "widgets/scene/scene.h"

#include <QImage>

namespace depthscope::host {

/// White letters with alpha, or the text's own colours. Lengths in logical pixels; see
/// paint::imgui::TextImage for what they mean.
struct TextPicture {
    QImage image; ///< Format_RGBA8888; null: nothing to see
    float left = 0;
    float top = 0;
    float advance = 0;
    float lineHeight = 0;
    bool colored = false;
};

[[nodiscard]] TextPicture rasterize(const scene::TextRun& run, float pixelRatio);

} // namespace depthscope::host
