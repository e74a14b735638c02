// SPDX-License-Identifier: MIT
// Saves a scene as a figure for papers and slides: SVG, PDF or PNG, with title, axis titles and
// caption around it and the recipe inside the file. Needs a QGuiApplication (offscreen is enough);
// GUI thread. Files are replaced whole or not at all.
#pragma once

#include "widgets/scene/scene.h"
#include "widgets/scene/theme.h"

#include <QString>

namespace depthscope::paint::qt {

/// Texts that are empty are not drawn.
struct ExportOptions {
    scene::Theme theme;
    QString document; ///< title in the file's properties
    QString title;    ///< above the scene
    QString across;   ///< of the horizontal axis, below the scene
    QString up;       ///< of the vertical axis, at the left of the scene, turned
    QString caption;  ///< settings that made the figure, below everything
    QString recipe;   ///< machine-readable; PNG text chunk "depthscope", description of SVG and PDF
    int scale = 2;    ///< 1 to 4: pixels per logical pixel of PNG, size of SVG and PDF stays
    bool transparent = false; ///< no ground; else the theme's surface
};

/// Logical pixels that are left for the scene in a figure of this width.
[[nodiscard]] float sceneWidth(float figureWidth, const ExportOptions& options);

/// The suffix of `path` decides: svg, pdf or png. Throws depthscope::Error that names the file when
/// the suffix or the scale is unknown, the picture too large or the file not writable.
void saveScene(const scene::Scene& scene, const QString& path, const ExportOptions& options);

} // namespace depthscope::paint::qt
