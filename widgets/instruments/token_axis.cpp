// SPDX-License-Identifier: MIT
#include "widgets/instruments/token_axis.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kWidePanel = 420;
constexpr double kMostCell = 64;

double clampedFirst(const TokenAxis& axis, double first) {
    return std::clamp(first, 0.0, std::max(0.0, axis.tokens - axis.visible()));
}

// Following is a wish that the user states by standing at the end.
ViewState moved(const ViewState& state, const TokenAxis& axis) {
    ViewState next = state;
    next.cellWidth = axis.cell;
    next.firstToken = axis.first;
    next.followLive = axis.first + axis.visible() >= axis.tokens - 0.5;
    return next;
}

} // namespace

PlotFrame plotFrame(const Viewport& viewport) {
    const scene::Theme& theme = *viewport.theme;
    const scene::TextStyle small{scene::Family::Ui, theme.smallSize, scene::Weight::Regular};
    PlotFrame frame;
    frame.wide = viewport.bounds.width >= kWidePanel * theme.zoom;
    const float keys = viewport.text->width("1023 KiB", small);
    const std::string row = viewport.text->translate("recursion %1");
    const float labels = frame.wide ? std::max(keys, viewport.text->width(row, small)) : keys;
    frame.left = std::ceil(labels + 2 * theme.grid);
    if (frame.wide) {
        const float title = viewport.text->width(viewport.text->translate("router score"), small);
        // A key's swatch takes two grids, the margins around it three.
        frame.rightWidth = std::ceil(std::max(title, labels + 2 * theme.grid) + 3 * theme.grid);
    }
    const float right = frame.wide ? frame.rightWidth : theme.grid;
    frame.width = std::max(1.0F, viewport.bounds.width - frame.left - right);
    return frame;
}

int TokenAxis::tokenAt(float at) const {
    if (at < left || at >= dataRight()) {
        return -1;
    }
    const int token = static_cast<int>(std::floor(tokenPlace(at)));
    return token >= 0 && token < tokens ? token : -1;
}

int TokenAxis::firstVisible() const {
    return std::clamp(static_cast<int>(std::floor(first)), 0, tokens);
}

int TokenAxis::endVisible() const {
    return std::clamp(static_cast<int>(std::ceil(first + visible() - 1e-6)), 0, tokens);
}

float TokenAxis::dataRight() const {
    return std::min(left + width, std::max(left, x(tokens)));
}

double TokenAxis::fitCell() const {
    return std::min(double{width} / std::max(tokens, 1), mostCell);
}

TokenAxis tokenAxis(const ViewState& state, const trace::RunView* run, const Viewport& viewport) {
    const PlotFrame frame = plotFrame(viewport);
    TokenAxis axis;
    axis.left = frame.left;
    axis.width = state.axisWidth > 0 ? state.axisWidth : frame.width;
    axis.tokens = run == nullptr ? 0 : static_cast<int>(run->tokens());
    axis.mostCell = kMostCell * double{viewport.theme->zoom};
    const double asked = std::isfinite(state.cellWidth) ? state.cellWidth : 0.0;
    axis.cell = std::clamp(asked, axis.fitCell(), axis.mostCell);
    const bool generated = run != nullptr && run->tokens() > run->promptTokens;
    const double first = state.followLive && generated ? axis.tokens : state.firstToken;
    axis.first = clampedFirst(axis, std::isfinite(first) ? first : 0.0);
    return axis;
}

ViewState zoomed(const ViewState& state, const TokenAxis& axis, float at, double factor) {
    const double cell = std::clamp(axis.cell * factor, axis.fitCell(), axis.mostCell);
    if (cell <= axis.fitCell()) {
        return fitted(state);
    }
    const double anchor = axis.tokenPlace(at);
    TokenAxis next = axis;
    next.cell = cell;
    next.first = clampedFirst(next, anchor - (at - axis.left) / cell);
    return moved(state, next);
}

ViewState panned(const ViewState& state, const TokenAxis& axis, float dx) {
    if (axis.tokens <= axis.visible()) {
        return state;
    }
    TokenAxis next = axis;
    next.first = clampedFirst(axis, axis.first - dx / axis.cell);
    return moved(state, next);
}

ViewState fitted(const ViewState& state) {
    ViewState next = state;
    next.cellWidth = 0;
    next.firstToken = 0;
    next.followLive = true;
    return next;
}

ViewState revealed(const ViewState& state, const TokenAxis& axis, int token) {
    const double last = token + 1 - axis.visible();
    if (token >= axis.first && last <= axis.first) {
        return state;
    }
    TokenAxis next = axis;
    next.first = clampedFirst(axis, token < axis.first ? token : last);
    return moved(state, next);
}

int rulerStep(double cell, float space) {
    for (int decade = 1; decade < 100'000'000; decade *= 10) {
        for (const int step : {1, 2, 5}) {
            if (step * decade * cell >= space) {
                return step * decade;
            }
        }
    }
    return 100'000'000;
}

} // namespace depthscope::instruments
