// SPDX-License-Identifier: MIT
// The command line of the desktop program as a value. Any thread; parsing throws Error{Usage}.
#pragma once

#include "widgets/panels/main_window.h"

#include <QSize>
#include <QString>
#include <QStringList>
#include <utility>
#include <vector>

namespace depthscope::desktop {

struct Options {
    QString file;
    QString model;
    bool demo = false;
    bool fresh = false; ///< without the last session
    QString session;    ///< file; empty: the user's
    QString script;
    QString screenshot;
    std::vector<std::pair<QString, QString>> exports; ///< panel id, file
    panels::FigureOptions figure;                     ///< of all exports
    QSize size;                                       ///< empty: the default
    double exitAfter = -1;                            ///< seconds; negative: stays
    QString bench;
    bool list = false;
    panels::ThemeChoice theme = panels::ThemeChoice::System;
    QString device = QStringLiteral("auto");
    int threads = 0;

    /// The command line says what to show, or what to do: no welcome then.
    [[nodiscard]] bool opensSomething() const {
        return isolated() || list || fresh || !file.isEmpty() || !model.isEmpty();
    }

    /// The last session comes back: the user's at an ordinary start, a named one beside a script,
    /// too.
    [[nodiscard]] bool comesBack() const {
        return !demo && !list && !fresh && file.isEmpty() && model.isEmpty() && bench.isEmpty() &&
               (!isolated() || !session.isEmpty());
    }

    /// What the window shows is kept for the next start.
    [[nodiscard]] bool keepsSession() const { return !list && (!isolated() || !session.isEmpty()); }

    /// No user setting, layout or session is read or written.
    [[nodiscard]] bool isolated() const {
        return demo || !script.isEmpty() || !screenshot.isEmpty() || !exports.empty() ||
               !bench.isEmpty();
    }
};

/// `arguments` with the program's name first. Prints and exits for --help and --version as Qt
/// programs do.
[[nodiscard]] Options parseOptions(const QStringList& arguments);

} // namespace depthscope::desktop
