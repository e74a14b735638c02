// SPDX-License-Identifier: MIT
// The Qt side of the visual language: palette, fonts and style sheet made from one scene::Theme.
// GUI thread; pure but for applyTheme.
#pragma once

#include "widgets/scene/theme.h"

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

class QApplication;

namespace depthscope::panels {

[[nodiscard]] QColor toQt(scene::Color color);
[[nodiscard]] QPalette paletteOf(const scene::Theme& theme);
[[nodiscard]] QString styleSheetOf(const scene::Theme& theme);

/// The fonts that the scenes use, too.
[[nodiscard]] QFont uiFont(const scene::Theme& theme);
[[nodiscard]] QFont monoFont(const scene::Theme& theme);
/// Heads of panels: small capitals.
[[nodiscard]] QFont titleFont(const scene::Theme& theme);

/// Fusion base, palette, font and style sheet of the whole application.
void applyTheme(QApplication& application, const scene::Theme& theme);

/// True when the palette that the system gave has a dark window (Qt 6.4 has no colour scheme).
[[nodiscard]] bool systemIsDark(const QPalette& systemPalette);

} // namespace depthscope::panels
