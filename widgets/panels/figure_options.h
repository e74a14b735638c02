// SPDX-License-Identifier: MIT
// How a panel becomes a figure: one set of options for the export dialog, the command line
// (`--export-width 85`) and scripts (`"width": "85"`). Values; any thread.
#pragma once

#include <QString>
#include <array>
#include <optional>

namespace depthscope::panels {

enum class Ground {
    White,       ///< light colours on white
    Transparent, ///< nothing behind, colours of the window
    Window       ///< colours and ground of the window
};

inline constexpr double kLeastFigureWidth = 30; ///< millimetres
inline constexpr double kMostFigureWidth = 1000;
inline constexpr int kMostFigureScale = 4;

struct FigureOptions {
    double width = 0; ///< millimetres; 0: as wide as the panel
    int scale = 2;    ///< of PNG: pixels per logical pixel, 1 to kMostFigureScale
    Ground ground = Ground::White;
    bool axes = true;               ///< axis titles
    std::optional<QString> title;   ///< nothing: the panel's; empty: none
    std::optional<QString> caption; ///< nothing: what made the figure, in words; empty: none

    [[nodiscard]] bool operator==(const FigureOptions&) const = default;
};

struct FigureOptionInfo {
    const char* name; ///< key in scripts; with "export-" before it an option of the command line
    const char* help;
    const char* value;
};

inline constexpr std::array<FigureOptionInfo, 6> kFigureOptions{{
    {"width", "Width of figures: panel, or 30 to 1000 millimetres, for example 85.", "MM"},
    {"scale", "Pixels per logical pixel of a png, 1 to 4.", "N"},
    {"ground", "Behind figures: white, transparent or window.", "G"},
    {"axes", "Axis titles of figures: on or off.", "SWITCH"},
    {"title", "Title of figures; empty for none.", "TEXT"},
    {"caption", "Caption of figures; empty for none.", "TEXT"},
}};

/// Throws Error{Usage} that names the option and its valid values.
void setFigureOption(FigureOptions& options, const QString& name, const QString& value);

} // namespace depthscope::panels
