// SPDX-License-Identifier: MIT
#include "widgets/instruments/patch_grid.h"

#include "widgets/instruments/expert_names.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <cmath>

namespace depthscope::instruments {

namespace {

/// Of `whole` in `parts`; 0: it does not come out even.
std::int32_t partOf(std::int64_t whole, std::int32_t parts) {
    return parts > 0 && whole % parts == 0 ? static_cast<std::int32_t>(whole / parts) : 0;
}

std::string framesText(const PatchGrid& grid, std::int32_t layer, const scene::TextService& text) {
    const auto first = static_cast<double>(layer * grid.patch.frames);
    return grid.patch.frames == 1
               ? fill(text.translate("patch of frame %1"), {text.number(first, 0)})
               : fill(text.translate("patch of frames %1 to %2"),
                      {text.number(first, 0), text.number(first + grid.patch.frames - 1, 0)});
}

std::string expertsText(const trace::RunView& run,
                        std::size_t place,
                        const trace::ExpertChoices& layer,
                        const scene::TextService& text) {
    std::string words;
    const auto index = layer.indexOf(place);
    for (std::size_t i = 0; i < index.size(); ++i) {
        words += words.empty() ? "" : ", ";
        words += expertTitle(run, index[i], text) + ' ' +
                 text.number(double{layer.weightOf(place)[i]}, 4);
    }
    return words.empty() ? text.translate("no expert")
                         : fill(text.translate("experts: %1"), {words});
}

} // namespace

scene::Rect PatchGrid::rectOf(const PictureMap& map, int row, int column) const {
    const auto wide = static_cast<float>(patch.width);
    const auto high = static_cast<float>(patch.height);
    const scene::Rect exact = map.onScreen(
        {static_cast<float>(column) * wide, static_cast<float>(row) * high, wide, high});
    const float x = std::round(exact.x);
    const float y = std::round(exact.y);
    return {x, y, std::round(exact.right()) - x, std::round(exact.bottom()) - y};
}

std::optional<PatchGrid> patchGrid(const trace::RunView& run, const trace::ClipView& clip) {
    if (!clip.frame || !run.latest->clip() || run.places() == 0) {
        return std::nullopt;
    }
    PatchGrid grid;
    grid.layout = run.layout;
    grid.firstPlace = run.firstPlace;
    grid.patch = {partOf(clip.frameCount, run.layout.frames),
                  partOf(clip.frame->height, run.layout.rows),
                  partOf(clip.frame->width, run.layout.columns)};
    const bool isWhole = grid.patch.frames > 0 && grid.patch.height > 0 && grid.patch.width > 0;
    return isWhole ? std::optional(grid) : std::nullopt;
}

const trace::RunView* runOf(const trace::TraceView& view, const trace::ClipView& clip) {
    if (clip.run.empty()) {
        return nullptr;
    }
    const trace::RunView* run = view.run(clip.run);
    return run != nullptr && patchGrid(*run, clip) ? run : nullptr;
}

bool isRouted(const trace::RunView& run) {
    return run.recursions() > 1 || !run.experts.empty();
}

std::string patchText(const trace::RunView& run,
                      const PatchGrid& grid,
                      int place,
                      const scene::TextService& text) {
    const auto at = static_cast<std::size_t>(place);
    const trace::PlacePosition position = grid.positionOf(place);
    std::string lines =
        framesText(grid, position.frame, text) + ": " +
        fill(text.translate("row %1, column %2"),
             {text.number(position.row + 1, 0), text.number(position.column + 1, 0)});
    if (run.classes[at] != trace::kNoClass) {
        lines += '\n' + fill(text.translate("class: %1"), {className(run, run.classes[at], text)});
    }
    lines += '\n' + fill(text.translate("depth %1 of %2"),
                         {text.number(run.depth[at], 0), text.number(run.recursions(), 0)});
    for (int r = 0; hasRouter(run) && r < run.recursions(); ++r) {
        lines += '\n' + fill(text.translate("recursion %1: %2"),
                             {text.number(r + 1, 0), routingText(run, r, place, text)});
    }
    for (const trace::ExpertChoices& layer : run.experts) {
        lines += '\n' + expertsText(run, at, layer, text);
    }
    return lines;
}

std::optional<int> firstExpert(const trace::RunView& run, std::size_t place) {
    if (run.experts.empty() || place >= run.experts.front().places()) {
        return std::nullopt;
    }
    const auto index = run.experts.front().indexOf(place);
    return index.empty() ? std::nullopt : std::optional<int>(index.front());
}

} // namespace depthscope::instruments
