// SPDX-License-Identifier: MIT
#include "widgets/instruments/place_axis.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kWidePanel = 420;
constexpr double kMostCell = 64;

double clampedFirst(const PlaceAxis& axis, double first) {
    return std::clamp(first, 0.0, std::max(0.0, axis.places - axis.visible()));
}

// Following is a wish that the user states by standing at the end.
ViewState moved(const ViewState& state, const PlaceAxis& axis) {
    ViewState next = state;
    next.cellWidth = axis.cell;
    next.firstPlace = axis.first;
    next.followLive = axis.first + axis.visible() >= axis.places - 0.5;
    return next;
}

} // namespace

PlotFrame plotFrame(const Viewport& viewport) {
    const scene::Theme& theme = *viewport.theme;
    const scene::TextStyle small{scene::FontFamily::Ui, theme.smallSize,
                                 scene::FontWeight::Regular};
    PlotFrame frame;
    frame.wide = viewport.bounds.width >= kWidePanel * theme.zoom;
    const float keys = viewport.text->width("1023 KiB", small);
    const std::string row = viewport.text->translate("recursion %1");
    const float labels = frame.wide ? std::max(keys, viewport.text->width(row, small)) : keys;
    frame.left = std::ceil(labels + 2 * theme.grid);
    if (frame.wide) {
        const float title =
            std::max(viewport.text->width(viewport.text->translate("router score"), small),
                     viewport.text->width(viewport.text->translate("exit probability"), small));
        // A key's swatch takes two grids, the margins around it three.
        frame.rightWidth = std::ceil(std::max(title, labels + 2 * theme.grid) + 3 * theme.grid);
    }
    const float right = frame.wide ? frame.rightWidth : theme.grid;
    frame.width = std::max(1.0F, viewport.bounds.width - frame.left - right);
    return frame;
}

int PlaceAxis::placeAt(float at) const {
    if (at < left || at >= dataRight()) {
        return -1;
    }
    const int place = static_cast<int>(std::floor(placeUnder(at)));
    return place >= 0 && place < places ? place : -1;
}

int PlaceAxis::firstVisible() const {
    return std::clamp(static_cast<int>(std::floor(first)), 0, places);
}

int PlaceAxis::endVisible() const {
    return std::clamp(static_cast<int>(std::ceil(first + visible() - 1e-6)), 0, places);
}

float PlaceAxis::dataRight() const {
    return std::min(left + width, std::max(left, x(places)));
}

double PlaceAxis::fitCell() const {
    return std::min(double{width} / std::max(places, 1), mostCell);
}

PlaceAxis placeAxis(const ViewState& state,
                    const trace::RunView* run,
                    const Viewport& viewport,
                    double mostCell) {
    const PlotFrame frame = plotFrame(viewport);
    PlaceAxis axis;
    axis.left = frame.left;
    axis.width = state.axisWidth > 0 ? state.axisWidth : frame.width;
    axis.places = run == nullptr ? 0 : static_cast<int>(run->places());
    axis.mostCell = mostCell > 0 ? mostCell : kMostCell * double{viewport.theme->zoom};
    const double requested = std::isfinite(state.cellWidth) ? state.cellWidth : 0.0;
    axis.cell = std::clamp(requested, axis.fitCell(), axis.mostCell);
    const bool generated = run != nullptr && run->places() > run->promptPlaces;
    const double first = state.followLive && generated ? axis.places : state.firstPlace;
    axis.first = clampedFirst(axis, std::isfinite(first) ? first : 0.0);
    return axis;
}

ViewState zoomed(const ViewState& state, const PlaceAxis& axis, float at, double factor) {
    const double cell = std::clamp(axis.cell * factor, axis.fitCell(), axis.mostCell);
    if (cell <= axis.fitCell()) {
        return fitted(state);
    }
    const double anchor = axis.placeUnder(at);
    PlaceAxis next = axis;
    next.cell = cell;
    next.first = clampedFirst(next, anchor - (at - axis.left) / cell);
    return moved(state, next);
}

ViewState panned(const ViewState& state, const PlaceAxis& axis, float dx) {
    if (axis.places <= axis.visible()) {
        return state;
    }
    PlaceAxis next = axis;
    next.first = clampedFirst(axis, axis.first - dx / axis.cell);
    return moved(state, next);
}

ViewState fitted(const ViewState& state) {
    ViewState next = state;
    next.cellWidth = 0;
    next.firstPlace = 0;
    next.followLive = true;
    return next;
}

ViewState revealed(const ViewState& state, const PlaceAxis& axis, int place) {
    const double last = place + 1 - axis.visible();
    if (place >= axis.first && last <= axis.first) {
        return state;
    }
    PlaceAxis next = axis;
    next.first = clampedFirst(axis, place < axis.first ? place : last);
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
