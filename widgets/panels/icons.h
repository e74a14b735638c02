// SPDX-License-Identifier: MIT
// The line icons of the window, drawn in the colours of a theme. Pure; GUI thread.
#pragma once

#include "widgets/scene/theme.h"

#include <QIcon>

namespace depthscope::panels {

enum class Icon {
    Run,
    Stop,
    Theme,
    Help,
    Table,
    More,
    Close,
    Float,
    Model,
    Reset,
    Pause,
    First,
    Previous,
    Next,
    Last,
    MarkIn,
    MarkOut,
    Loop,
    Compare,
    Overlay,
    Save
};

/// A line icon of 16 px in the theme's text colour, its disabled state muted.
[[nodiscard]] QIcon icon(Icon which, const scene::Theme& theme);

} // namespace depthscope::panels
