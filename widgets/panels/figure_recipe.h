// SPDX-License-Identifier: MIT
// What a figure remembers of how it was made, so that opening it brings everything back: model,
// text, settings, cursor, and how the window was looked at. As JSON of ASCII letters, which every
// kind of file keeps as they are; a session keeps the same of a window. Values; GUI thread.
#pragma once

#include "engine/runtime/request_parts.h"
#include "engine/settings/lab.h"
#include "widgets/instruments/view_state.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <map>

namespace depthscope {
class JsonField;
}

namespace depthscope::panels {

/// How one panel was looked at; cell widths mean something beside the width of the plot only.
struct FigureView {
    instruments::ViewState state;
    double plotWidth = 0;

    [[nodiscard]] bool operator==(const FigureView&) const = default;
};

struct FigureRecipe {
    QString software; ///< program and version
    QString panel;
    QString model; ///< its name; empty: there was none
    runtime::Prompt prompt;
    settings::LabSettings settings;
    bool generated = false; ///< the run is a generation from the prompt
    instruments::Cursor cursor;
    QString clipFile;                    ///< a file in the Video dock; empty: none
    std::map<QString, FigureView> views; ///< by panel
    QByteArray layout;                   ///< of the docks
    QStringList neededDocks;             ///< by the model
    bool hasView = false; ///< false in files of earlier versions: model, tokens, routing alone

    [[nodiscard]] bool operator==(const FigureRecipe&) const = default;
};

/// As a part of another document, and back. Throws Error{BadInput} that names document and path.
[[nodiscard]] QJsonObject figureJson(const FigureRecipe& recipe);
[[nodiscard]] FigureRecipe readFigure(const JsonField& field);

/// What UTF-8 cannot say is escaped: every kind of file keeps ASCII as it is.
[[nodiscard]] QByteArray inAscii(const QJsonObject& object);

[[nodiscard]] QByteArray toJson(const FigureRecipe& recipe);

/// Reads those of earlier versions, too. Throws Error{BadInput} that names the key.
[[nodiscard]] FigureRecipe parseFigureRecipe(const QByteArray& json);

} // namespace depthscope::panels
