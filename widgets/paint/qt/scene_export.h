// SPDX-License-Identifier: MIT
// Saves a scene as a picture for papers and slides: SVG, PDF or PNG, with its caption underneath
// and the recipe inside the file. Needs a QGuiApplication (offscreen is enough); GUI thread. Files
// are replaced whole or not at all.
#pragma once

#include "widgets/scene/scene.h"
#include "widgets/scene/theme.h"

#include <QString>

namespace depthscope::paint::qt {

struct ExportOptions {
    scene::Theme theme;
    QString title;   ///< of the document
    QString caption; ///< settings that made the picture, drawn under it; may be empty
    QString recipe;  ///< machine-readable; PNG text chunk "depthscope", description of SVG and PDF
    int scale = 2;   ///< 1 to 4: pixels per logical pixel of PNG, size of SVG and PDF stays
};

/// The suffix of `path` decides: svg, pdf or png. Throws depthscope::Error that names the file when
/// the suffix or the scale is unknown, the picture too large or the file not writable.
void saveScene(const scene::Scene& scene, const QString& path, const ExportOptions& options);

} // namespace depthscope::paint::qt
