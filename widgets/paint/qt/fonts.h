// SPDX-License-Identifier: MIT
// The fonts of the visual language as Qt fonts: one choice for measuring, for pictures and for the
// live window, so that text is equally wide everywhere. GUI thread (or any thread that may use
// QFont).
#pragma once

#include "widgets/scene/scene.h"

#include <QFont>
#include <QString>

namespace depthscope::paint::qt {

/// Inter for the interface, JetBrains Mono for tokens; where they are not installed, the platform's
/// sans and monospaced fonts.
[[nodiscard]] QFont fontFor(const scene::TextStyle& style);

/// A run's text as Qt draws it: one line, without characters that XML or a line of text cannot
/// hold.
[[nodiscard]] QString lineOf(const scene::TextRun& run);

} // namespace depthscope::paint::qt
