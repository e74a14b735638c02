// SPDX-License-Identifier: MIT
// Help in the window: the pages of docs/ as they come with the program, and the About box. GUI
// thread.
#pragma once

#include "widgets/scene/theme.h"

#include <QString>

class QTextDocument;
class QWidget;

namespace depthscope::panels {

/// The page and heading that explain the part of the window that a widget is in:
/// "instruments.md#panel.depth" of a panel, and what its dialog names in its property "guide". The
/// guide to the instruments where there is no focus.
[[nodiscard]] QString guideOf(const QWidget* widget);

/// Where the heading that an anchor names begins: by an id that the heading has in brackets
/// ("panel.depth"), or in the manner of GitHub ("measure-routing"). -1: no such heading.
[[nodiscard]] int headingAt(const QTextDocument& page, const QString& anchor);

/// Opens "instruments.md#panel.depth" in the one window of the guide, which follows links between
/// the pages. False: the page is not installed.
bool showGuide(QWidget* window, const scene::Theme& theme, const QString& where);

void showAbout(QWidget* window);

} // namespace depthscope::panels
