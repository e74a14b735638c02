// SPDX-License-Identifier: MIT
#include "widgets/instruments/instrument.h"

#include "engine/base/text.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

namespace depthscope::instruments {

InputResponse Instrument::respond(const Shown& shown, const Input& input) const {
    return respondTo({shown, *this}, input);
}

std::string Instrument::tip(const trace::TraceView& view,
                            const scene::Hit& hit,
                            const scene::TextService& text) const {
    const trace::RunView* run = shownRun(view);
    if (run == nullptr || hit.column < 0 || hit.column >= static_cast<int>(run->places())) {
        return {};
    }
    const auto token = static_cast<std::size_t>(hit.column);
    std::string tip =
        fmt::format("{}  {}\n", quotedPlace(*run, token, text), placeText(*run, hit.column, text));
    if (hit.row >= 0 && hit.row < run->recursions() && hasRouter(*run)) {
        tip += fill(text.translate("recursion %1: %2"),
                    {text.number(hit.row + 1, 0), routingText(*run, hit.row, hit.column, text)});
        tip += '\n';
        const std::string margin = marginText(*run, hit.row, hit.column, text);
        tip += margin.empty() ? margin : margin + '\n';
    }
    tip += fill(text.translate("recursion depth %1 of %2"),
                {text.number(run->depth[token], 0), text.number(run->recursions(), 0)});
    tip += '\n';
    if (run->isText()) {
        tip += lossText(*run, hit.column, text) + '\n';
    } else if (trace::isClip(*run)) {
        const std::string kind = run->classes[token] == trace::kNoClass
                                     ? ""
                                     : ", " + className(*run, run->classes[token], text);
        tip += fmt::format("{}{}\n", sideText(*run, token, text), kind);
    }
    return fmt::format("{}{}, {}", tip, sourceText(view, text), text.translate("measured"));
}

std::vector<std::unique_ptr<Instrument>> makeInstruments() {
    std::vector<std::unique_ptr<Instrument>> all;
    all.push_back(makeTextPanel());
    all.push_back(makeDepthHeatmap());
    all.push_back(makeConvergencePanel());
    all.push_back(makeKvPanel());
    all.push_back(makeLanesPanel());
    all.push_back(makeTransport());
    all.push_back(makeSavedLost());
    all.push_back(makeExpertPanel());
    all.push_back(makeRouterPanel());
    all.push_back(makeTokenInspector());
    all.push_back(makeTrainingCurves());
    all.push_back(makeVideoPanel());
    return all;
}

} // namespace depthscope::instruments
