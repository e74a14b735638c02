// SPDX-License-Identifier: MIT
#include "widgets/instruments/frame_map.h"

#include "engine/trace/clip_run.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kMostCell = 44; // pixels
constexpr float kFrameGap = 14;
constexpr float kRowGap = 8;

/// Both sides of a clip are there to be told apart.
bool hasSides(const trace::RunView& run) {
    const std::size_t given = trace::givenPlaces(run);
    return given > 0 && given < run.places();
}

} // namespace

scene::Rect FrameMap::frameBox(int frame, int recursion) const {
    const float height = cell * static_cast<float>(layout.rows);
    return {axis.x(double{static_cast<float>(frame)} * placesOfFrame()),
            plot.bottom() - height - rowPitch * static_cast<float>(recursion),
            cell * static_cast<float>(layout.columns), height};
}

scene::Rect FrameMap::cellBox(int place, int recursion) const {
    const trace::PlacePosition at = trace::positionOf(layout, place);
    const scene::Rect box = frameBox(at.frame, recursion);
    return {box.x + cell * static_cast<float>(at.column), box.y + cell * static_cast<float>(at.row),
            cell, cell};
}

int FrameMap::firstFrame() const {
    return std::clamp(static_cast<int>(std::floor(axis.first / placesOfFrame())), 0, layout.frames);
}

int FrameMap::endFrame() const {
    const double end = (axis.first + axis.visible() - 1e-6) / placesOfFrame();
    return std::clamp(static_cast<int>(std::ceil(end)), 0, layout.frames);
}

FrameMap frameMap(const ViewState& state, const trace::RunView& run, const Viewport& viewport) {
    const SceneWriter writer(viewport);
    const float height = viewport.bounds.height;
    const float grid = writer.theme.grid;
    const float small = writer.line(writer.small());
    FrameMap map;
    map.gutters = plotFrame(viewport);
    map.layout = run.layout;
    map.recursions = std::max(1, run.recursions());
    float top = std::min(grid, height / 10);
    float bottom = height - std::min(grid / 2, height / 20);
    if (height >= writer.px(72)) {
        if (hasSides(run) && height >= writer.px(110)) {
            map.sidesY = bottom - small;
            bottom = map.sidesY;
        }
        map.rulerY = bottom - small - writer.px(2);
        bottom = map.rulerY - writer.px(2);
    }
    map.note = noRouterReason(run, writer.service);
    if (!map.note.empty()) {
        const float width = viewport.bounds.width - grid * 4;
        const auto lines = wrapText(writer.service, map.note, writer.ui(), width);
        const float noteHeight = writer.line(writer.ui()) * static_cast<float>(lines.size()) + grid;
        if (bottom - top - noteHeight >= writer.px(24)) {
            map.noteBox = {grid * 2, top, width, noteHeight};
            top += noteHeight;
        }
    }
    const auto rows = static_cast<float>(map.recursions);
    const float gap = std::min(writer.px(kRowGap), (bottom - top) / rows / 6);
    const float rowHeight = std::max(1.0F, (bottom - top - gap * (rows - 1)) / rows);
    const float most =
        std::min(rowHeight / static_cast<float>(run.layout.rows), writer.px(kMostCell));
    const auto columns = static_cast<float>(run.layout.columns);
    // Frames that are narrow anyway stand closer.
    const float share = map.gutters.width / static_cast<float>(run.layout.frames);
    const float frameGap =
        std::clamp(std::min(share, most * columns) / 5, 1.0F, writer.px(kFrameGap));
    const auto places = double{static_cast<float>(map.placesOfFrame())};
    map.axis = placeAxis(state, &run, viewport, double{most * columns + frameGap} / places);
    map.cell = std::min(
        most, std::max(0.25F, static_cast<float>(map.axis.cell * places) - frameGap) / columns);
    map.rowPitch = map.cell * static_cast<float>(run.layout.rows) + gap;
    const float plotHeight = map.rowPitch * rows - gap;
    map.plot = {map.axis.left, bottom - plotHeight, map.axis.dataWidth(), plotHeight};
    map.noteBox.y = std::max(map.noteBox.y, map.plot.y - map.noteBox.height);
    return map;
}

} // namespace depthscope::instruments
