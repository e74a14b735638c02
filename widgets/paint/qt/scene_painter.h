// SPDX-License-Identifier: MIT
// Draws a scene with QPainter: pictures, SVG, PDF, on the offscreen platform too. What the live
// window shows, primitive by primitive. Any thread that may use QPainter and fonts.
#pragma once

#include "widgets/scene/scene.h"

#include <QImage>

class QPainter;

namespace depthscope::paint::qt {

/// Draws in the painter's logical coordinates; the painter's state is as before afterwards.
void paintScene(QPainter& painter, const scene::Scene& scene);

/// The scene as a picture on `background`, `pixelRatio` device pixels per logical pixel.
[[nodiscard]] QImage toImage(const scene::Scene& scene, scene::Color background, double pixelRatio);

} // namespace depthscope::paint::qt
