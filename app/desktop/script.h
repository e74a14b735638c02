// SPDX-License-Identifier: MIT
// A script of user-level actions as values. Parsing checks every key, so that an invalid script
// does nothing. Any thread; throws Error{Usage} that names the file and the step.
#pragma once

#include "widgets/panels/figure_options.h"

#include <QByteArray>
#include <QJsonValue>
#include <QString>
#include <vector>

namespace depthscope::desktop {

struct Step {
    enum class Kind {
        Set,
        Text,
        Press,
        Click,
        Action,
        Wait,
        Picture,
        Export,
        Dump,
        Open,
        Compare,
        Save,
        Model
    };
    Kind kind = Kind::Wait;
    QString subject; ///< the value of the step's own key
    QJsonValue to;   ///< of Set; the file of Export and Dump
    int column = -1; ///< of Click; -1: the middle
    int row = -1;
    double seconds = 20;          ///< of Wait
    panels::FigureOptions figure; ///< of Export
};

[[nodiscard]] std::vector<Step> parseScript(const QByteArray& json, const QString& file);

/// Reads and parses a file.
[[nodiscard]] std::vector<Step> readScript(const QString& file);

} // namespace depthscope::desktop
