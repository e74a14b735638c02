// SPDX-License-Identifier: MIT
// The fonts of the visual language as Qt fonts: one choice for measuring, for pictures and for the
// live window, so that text is equally wide everywhere. GUI thread (or any thread that may use
// QFont).
#pragma once

#include "widgets/scene/scene.h"

#include <QFont>
#include <QPointF>
#include <QString>
#include <QTransform>

namespace depthscope::paint::qt {

/// Inter for the interface, JetBrains Mono for tokens; where they are not installed, the platform's
/// sans and monospaced fonts.
[[nodiscard]] QFont fontFor(const scene::TextStyle& style);

/// A run's text as Qt draws it: one line, without characters that XML or a line of text cannot
/// hold.
[[nodiscard]] QString lineOf(const scene::TextRun& run);

/// Turns what is drawn around the upper right corner of a rising line, and where its base line
/// begins before that.
[[nodiscard]] QTransform risingTransform(const scene::Rect& box);
[[nodiscard]] QPointF risingOrigin(const scene::TextRun& run, const QFont& font);

} // namespace depthscope::paint::qt
