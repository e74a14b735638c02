// SPDX-License-Identifier: MIT
// Help in the window: the guide to the instruments, and the About box. GUI thread.
#pragma once

#include "widgets/scene/theme.h"

class QString;
class QWidget;

namespace depthscope::panels {

/// Opens docs/instruments.md at a heading; empty: at its start. False: it is not installed.
bool showGuide(QWidget* window, const scene::Theme& theme, const QString& heading);

void showAbout(QWidget* window);

} // namespace depthscope::panels
