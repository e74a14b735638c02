// SPDX-License-Identifier: MIT
// Writes one panel as a figure (SVG, PDF, PNG) with the settings that made it, or its table as CSV
// or JSON. GUI thread.
#pragma once

#include "widgets/instruments/instrument.h"
#include "widgets/panels/figure_options.h"
#include "widgets/panels/figure_recipe.h"

#include <QSize>
#include <QString>

namespace depthscope::panels {

/// Everything that makes the figure. Lives for one call.
struct PanelPicture {
    const instruments::Instrument& instrument;
    const scene::TextService& text;
    const scene::Theme& theme; ///< of the window
    trace::TraceView view;
    instruments::Cursor cursor;
    instruments::ViewState state;
    QSize size;          ///< of the panel, logical pixels; empty: a size that suits it
    FigureRecipe recipe; ///< goes into the file
};

/// Throws Error naming the file when its ending is none of svg, pdf, png, csv, json, or it cannot
/// be written. The file is replaced whole or not at all.
void exportPanel(const PanelPicture& picture, const QString& path, const FigureOptions& options);

/// In words: which model, rule and settings made what is shown, and which program. Empty: nothing
/// is shown.
[[nodiscard]] QString captionOf(const trace::TraceView& view, const FigureRecipe& recipe);

} // namespace depthscope::panels
