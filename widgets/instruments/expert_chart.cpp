// SPDX-License-Identifier: MIT
#include "widgets/instruments/expert_chart.h"

#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "widgets/instruments/expert_names.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kHeight = 56; // pixels
constexpr float kHatch = 4;   // between the hatch lines of every second expert
constexpr float kMostColumn = 36;

/// Shares of each expert in each step. [S][E]
std::vector<std::vector<double>>
sharesOf(std::span<const trace::StepPtr> steps, const trace::RunView& run, std::size_t layer) {
    std::vector<std::vector<double>> shares;
    const std::size_t given = trace::givenPlaces(run);
    for (const trace::StepPtr& step : steps) {
        const auto& experts = step->routing.experts;
        if (layer >= experts.size() || !experts[layer].sameLayer(run.experts[layer])) {
            return {};
        }
        shares.push_back(trace::expertShares(experts[layer], given < run.places() ? given : 0));
    }
    return shares;
}

std::string tipOf(const trace::RunView& run,
                  double noise,
                  const std::vector<double>& shares,
                  const scene::TextService& text) {
    std::string tip = fill(text.translate("t = %1"), {text.number(noise, 2)});
    for (std::size_t e = 0; e < shares.size(); ++e) {
        tip += fmt::format("\n{}: {}", expertTitle(run, static_cast<int>(e), text),
                           scene::formatPercent(text, shares[e]));
    }
    return tip;
}

void drawColumn(SceneWriter& writer, scene::Rect box, const std::vector<double>& shares) {
    float bottom = box.bottom();
    for (std::size_t e = 0; e < shares.size(); ++e) {
        const float height = box.height * static_cast<float>(shares[e]);
        const scene::Rect part{box.x, bottom - height, box.width, height};
        writer.out.fill(part, scene::okabeIto(static_cast<int>(e)));
        if (e % 2 == 1) {
            writer.out.hatch(part, writer.theme.surface, writer.px(kHatch));
        }
        bottom -= height;
    }
}

} // namespace

void addExpertsByNoise(RowList& list,
                       const trace::TraceView& view,
                       const trace::RunView& run,
                       std::size_t layer) {
    const auto steps = trace::denoisingSteps(view);
    const auto shares = sharesOf(steps, run, layer);
    if (shares.empty()) {
        return;
    }
    SceneWriter& writer = list.writer;
    const scene::TextService& text = writer.service;
    list.space(0.75F);
    list.ends(writer.say("by noise level"), writer.small(),
              trace::isClip(run) ? writer.say("choices of predicted patches")
                                 : writer.say("choices of all places"));
    list.space(0.5F);
    const scene::Rect plot = list.take(writer.px(kHeight));
    const float pitch =
        std::min(writer.px(kMostColumn), plot.width / static_cast<float>(shares.size()));
    const float gap = pitch >= writer.px(6) ? writer.px(2) : 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const scene::Rect box{plot.x + pitch * static_cast<float>(i), plot.y, pitch - gap,
                              plot.height};
        drawColumn(writer, box, shares[i]);
        if (steps[i]->step == run.latest->step) {
            writer.out.fill({box.x, box.bottom() + writer.px(1), box.width, writer.px(2)},
                            writer.theme.accent);
        }
        writer.out.hit(
            {box,
             scene::HitKind::Body,
             -1,
             -1,
             {},
             fmt::format("{}\n{}, {}", tipOf(run, steps[i]->routing.noiseLevel, shares[i], text),
                         sourceText(view, text), text.translate("measured"))});
    }
    list.space(0.5F);
    const scene::Rect ruler = list.take(writer.line(writer.small()));
    const float width = pitch * static_cast<float>(shares.size()) - gap;
    const auto noise = [&](const trace::StepPtr& step) {
        return fill(writer.say("t = %1"), {text.number(step->routing.noiseLevel, 2)});
    };
    writer.label({ruler.x, ruler.y, width / 2, ruler.height}, noise(steps.front()), writer.small(),
                 writer.theme.muted);
    writer.label({ruler.x + width / 2, ruler.y, width / 2, ruler.height}, noise(steps.back()),
                 writer.small(), writer.theme.muted, scene::Align::Right);
}

} // namespace depthscope::instruments
