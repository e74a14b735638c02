// SPDX-License-Identifier: MIT
// Writes one panel as a picture (SVG, PDF, PNG) with the settings that made it, or its table as
// CSV. GUI thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <QSize>
#include <QString>

namespace depthscope::panels {

/// Everything that makes the picture. Lives for one call.
struct PanelPicture {
    const instruments::Instrument& instrument;
    const scene::TextService& text;
    const scene::Theme& theme;
    trace::TraceView view;
    instruments::Cursor cursor;
    instruments::ViewState state;
    QSize size; ///< logical pixels; empty: a size that suits the panel
};

/// Throws Error naming the file when its ending is none of svg, pdf, png, csv, or it cannot be
/// written. The file is replaced whole or not at all.
void exportPanel(const PanelPicture& picture, const QString& path);

/// One line that says which model, rule and settings made what is shown.
[[nodiscard]] QString captionOf(const trace::TraceView& view);

} // namespace depthscope::panels
