// SPDX-License-Identifier: MIT
// What a window comes back with at the next start, and the file that keeps it: which model or
// recording, prompt, settings, cursor and views, and what the forms say. Layout, zoom and theme are
// the user's settings, not of a session. Values; any thread. Throws Error{BadInput} that names file
// and field; a file is written whole or not at all.
#pragma once

#include "engine/runtime/request.h"
#include "widgets/panels/figure_recipe.h"

#include <QByteArray>
#include <QString>
#include <map>

namespace depthscope::panels {

struct Session {
    QString model;                         ///< a bundled name or a folder; empty: none was loaded
    QString recording;                     ///< that is on screen; empty: what is on screen is live
    FigureRecipe view;                     ///< prompt, settings, cursor, views; without a layout
    runtime::TrainRequest training;        ///< as the Train dock asks for it
    bool trainingStopped = false;          ///< it was under way
    std::map<QString, QString> choices;    ///< of dialogs, by the name of the control
    std::map<QString, QString> references; ///< folders chosen to compare with, by the model's
};

[[nodiscard]] QByteArray toJson(const Session& session);

/// `name` of the document, for messages.
[[nodiscard]] Session parseSession(const QByteArray& json, const QString& name);

[[nodiscard]] Session readSession(const QString& file);
void writeSession(const QString& file, const QByteArray& json);

/// Renames a damaged file so that no new session replaces it; its new name, empty where that
/// failed.
[[nodiscard]] QString setAside(const QString& file);

} // namespace depthscope::panels
