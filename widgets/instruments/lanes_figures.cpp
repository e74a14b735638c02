// SPDX-License-Identifier: MIT
#include "widgets/instruments/lanes_figures.h"

#include "engine/base/text.h"
#include "widgets/instruments/saved_figures.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

using trace::Lane;
using trace::LaneKind;
using trace::Lanes;
using trace::LaneSpan;
using trace::LaneTotal;

namespace {

constexpr double kMilli = 1e3;
constexpr double kEqualPoints = 3; // of percent: time follows FLOPs

/// The main run's steps, up to the one that is looked at.
std::span<const trace::StepPtr> stepsOf(const trace::TraceView& view) {
    if (view.main == nullptr || view.mainSteps.empty()) {
        return {};
    }
    const std::uint32_t first = view.mainSteps.front()->step;
    const std::uint32_t last = view.main->latest->step;
    const std::size_t count = last >= first ? last - first + 1 : view.mainSteps.size();
    return view.mainSteps.first(std::min(count, view.mainSteps.size()));
}

std::string count(double value, const scene::TextService& text) {
    return text.number(value, 0);
}

double recursionSeconds(const ShownLanes& shown) {
    double seconds = 0;
    for (const Lane& lane : shown.order()) {
        seconds += lane.kind == LaneKind::Recursion ? shown.total(lane).seconds : 0;
    }
    return seconds;
}

/// The deepest recursion that any token ran.
Lane deepest(const ShownLanes& shown) {
    Lane found;
    for (const Lane& lane : shown.order()) {
        if (lane.kind == LaneKind::Recursion && shown.total(lane).tokens > 0) {
            found = lane;
        }
    }
    return found;
}

std::string waitSentence(const ShownLanes& shown, const scene::TextService& text) {
    constexpr double kWorthSaying = 0.05;
    const double idle = trace::idleSeconds(shown.lanes());
    return idle < kWorthSaying * shown.lanes().seconds
               ? std::string()
               : ' ' + fill(text.translate("For %1 the engine waited or did other work."),
                            {scene::formatPercent(text, idle / shown.lanes().seconds)});
}

std::string outsidePercent(const ShownLanes& shown, const scene::TextService& text) {
    const double all = shown.lanes().seconds;
    const double outside =
        std::max(0.0, all - trace::idleSeconds(shown.lanes()) - recursionSeconds(shown));
    return scene::formatPercent(text, outside / all);
}

std::string outsideSentence(const ShownLanes& shown, const scene::TextService& text) {
    return fill(text.translate("%1 of the time was outside the recursions (prompts, other layers, "
                               "head, choice of tokens), and no depth saves it."),
                {outsidePercent(shown, text)}) +
           waitSentence(shown, text);
}

std::string fillSentence(const ShownLanes& shown, const scene::TextService& text) {
    const Lanes& lanes = shown.lanes();
    const Lane lane = deepest(shown);
    if (lanes.rows < 2 || lane.recursion == 0) {
        return {};
    }
    const std::string full = scene::formatPercent(text, shown.total(lane).fill());
    const double half =
        trace::meanBatchSeconds(lanes, 0.4, 0.6) / trace::meanBatchSeconds(lanes, 0.9, 1.0);
    if (!std::isfinite(half)) {
        return fill(text.translate("Batches at recursion %1 were %2 full."),
                    {count(lane.recursion, text), full});
    }
    return fill(text.translate("Batches at recursion %1 were %2 full; one that was half full "
                               "took %3 of the time of a full one."),
                {count(lane.recursion, text), full, scene::formatPercent(text, half)});
}

/// Of one text, whose bars are a single measurement: what that one took, and nothing of the model.
std::string singleSentences(const trace::TraceView& view,
                            const ShownLanes& shown,
                            const scene::TextService& text) {
    const bool isPass = shown.lanes().tokens == 0;
    std::string bars =
        fill(isPass ? text.translate("The bars show one pass, measured once: %1")
                    : text.translate("The bars show one generation, measured once: %1"),
             {scene::formatMilliseconds(text, shown.lanes().seconds * kMilli)});
    const std::optional<TimeFigure> time = timeFigure(view);
    if (isPass && time && time->rounds > 0 && !time->isOld) {
        bars += fill(text.translate(", where the median of %1 is %2"),
                     {count(time->rounds, text), scene::formatMilliseconds(text, time->own)});
    }
    return bars + ". " +
           fill(text.translate("%1 of its time was outside the recursions (other layers, head, "
                               "choice of tokens, trace)."),
                {outsidePercent(shown, text)}) +
           waitSentence(shown, text);
}

/// Of one text: what a token took in it at its first and at its last recursion.
std::string tokenSentence(const ShownLanes& shown, const scene::TextService& text) {
    const Lane last = deepest(shown);
    if (last.recursion < 2) {
        return {};
    }
    const auto cost = [&](const Lane& lane) {
        const LaneTotal total = shown.total(lane);
        return total.tokens > 0 ? total.seconds / static_cast<double>(total.tokens) : 0.0;
    };
    const Lane first{LaneKind::Recursion, 1};
    return fill(text.translate("In it a token took %1 at recursion 1, which %2 ran, and %3 at "
                               "recursion %4, which %5 ran."),
                {scene::formatMilliseconds(text, cost(first) * kMilli),
                 count(static_cast<double>(shown.total(first).tokens), text),
                 scene::formatMilliseconds(text, cost(last) * kMilli), count(last.recursion, text),
                 count(static_cast<double>(shown.total(last).tokens), text)});
}

std::string gapLead(const LanesSaved& saved, const scene::TextService& text) {
    if (saved.trust == Trust::None || !std::isfinite(saved.time) || !std::isfinite(saved.flops)) {
        return {};
    }

    const double gap = saved.time - saved.flops;
    if (std::abs(gap) >= kEqualPoints && std::abs(gap) < saved.spread) {
        return text.translate("Time and FLOPs differ by less than the noise of time.") + ' ';
    }

    struct Words {
        const char* ofTurns;
        const char* once;
    };

    const bool isEqual = std::abs(gap) < kEqualPoints;
    const bool parts = saved.flops < 0 && saved.time > 0;
    const Words words =
        isEqual ? Words{"Time follows FLOPs.", "In these two runs time followed FLOPs."}
        : parts ? Words{"Time rises although FLOPs fall.",
                        "In these two runs time rose although FLOPs fell."}
        : gap > 0
            ? Words{"Time falls less than FLOPs.", "In these two runs time fell less than FLOPs."}
            : Words{"Time falls more than FLOPs.", "In these two runs time fell more than FLOPs."};
    return text.translate(saved.trust == Trust::Once ? words.once : words.ofTurns) + ' ';
}

void timeTogether(const Lanes& lanes, const scene::TextService& text, LanesSaved& saved) {
    saved.time = std::nan("");
    if (!std::isfinite(lanes.fullSeconds) || lanes.fullTokens == 0 || lanes.tokens == 0) {
        saved.timeWhy = text.translate("not compared with full depth");
        return;
    }
    // Texts that end by themselves may differ in length; other work of the engine is not theirs.
    const double busy = lanes.seconds - trace::idleSeconds(lanes);
    const double own = busy / static_cast<double>(lanes.tokens);
    saved.time = percent(own, lanes.fullSeconds / static_cast<double>(lanes.fullTokens));
    saved.trust = Trust::Once;
    saved.how = text.translate("measured once each, in turn");
}

void timeOfText(const trace::TraceView& view, const scene::TextService& text, LanesSaved& saved) {
    const std::optional<TimeFigure> time = timeFigure(view);
    saved.time = std::nan("");
    if (!time) {
        saved.timeWhy = view.main->latest->kind == trace::StepKind::Pass
                            ? text.translate("being timed\xE2\x80\xA6")
                            : text.translate("generation is not timed against one pass");
        return;
    }
    saved.how = time->rounds == 0 ? text.translate("one pass each")
                : time->isOld     ? text.translate("before this change")
                              : fill(text.translate("median of %1"), {count(time->rounds, text)});
    if (time->rounds > 0) {
        saved.timeWhy = noiseIn(time->percent, time->spread, time->rounds, text);
    }
    if (saved.timeWhy.empty()) {
        saved.time = time->percent;
        saved.spread = time->rounds > 0 ? time->spread : 0.0;
        saved.trust = time->rounds > 0 && !time->isOld ? Trust::Turns : Trust::None;
    }
}

} // namespace

ShownLanes::ShownLanes(const trace::TraceView& view, const ViewState& state) {
    if (view.lanes != nullptr && !(state.lanesOfText && view.main != nullptr)) {
        m_together = view.lanes;
    } else if (const std::span<const trace::StepPtr> steps = stepsOf(view); !steps.empty()) {
        m_own = trace::lanesOf(steps);
        trace::StepTimes times;
        for (const trace::StepPtr& step : steps) {
            m_steps.push_back({times.next(step->routing.cost), step->routing.firstPlace,
                               static_cast<int>(step->routing.places())});
        }
    }
    m_totals = trace::laneTotals(lanes());
    m_order.push_back({LaneKind::Outside, 0});
    for (int r = 1; r <= lanes().recursions && (areTogether() || lanes().recursions > 1); ++r) {
        m_order.push_back({LaneKind::Recursion, r});
    }
    m_order.push_back({areTogether() ? LaneKind::Prompts : LaneKind::Rest, 0});
}

LaneTotal ShownLanes::total(const Lane& lane) const {
    const auto found = m_totals.find(lane);
    return found == m_totals.end() ? LaneTotal{} : found->second;
}

std::optional<int> ShownLanes::placeAt(double second) const {
    for (const Step& step : m_steps) {
        if (second >= step.when.from && second < step.when.to) {
            return step.places == 1 ? std::optional(step.firstPlace) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<trace::StepTimes::Stretch> ShownLanes::stretchOf(int place) const {
    const auto found = std::ranges::find_if(m_steps, [place](const Step& step) {
        return place >= step.firstPlace && place < step.firstPlace + step.places;
    });
    return found == m_steps.end() ? std::nullopt : std::optional(found->when);
}

std::string laneName(const Lane& lane, const scene::TextService& text) {
    switch (lane.kind) {
    case LaneKind::Recursion:
        return fill(text.translate("recursion %1"), {count(lane.recursion, text)});
    case LaneKind::Prompts:
        return text.translate("prompts");
    case LaneKind::Rest:
        return text.translate("rest");
    case LaneKind::Outside:
        break;
    }
    return text.translate("other layers");
}

std::string lanesHeadline(const ShownLanes& shown, const scene::TextService& text) {
    const Lanes& lanes = shown.lanes();
    const std::string time = scene::formatMilliseconds(text, lanes.seconds * kMilli);
    if (lanes.tokens == 0) {
        return fill(text.translate("One pass, %1"), {time});
    }
    const auto tokens = static_cast<double>(lanes.tokens);
    const std::string speed = count(tokens / std::max(lanes.seconds, 1e-9), text);
    return shown.areTogether()
               ? fill(text.translate("%1 texts, %2 tokens in %3, %4 tokens/s"),
                      {count(static_cast<double>(lanes.texts), text), count(tokens, text), time,
                       speed})
               : fill(text.translate("%1 tokens in %2, %3 tokens/s with the prompt"),
                      {count(tokens, text), time, speed});
}

LanesSaved
lanesSaved(const trace::TraceView& view, const ShownLanes& shown, const scene::TextService& text) {
    const Lanes& lanes = shown.lanes();
    LanesSaved saved;
    if (lanes.recursions < 2) {
        saved.flops = saved.time = std::nan("");
        saved.gap = text.translate("No part of this model is repeated: there is nothing to skip.");
        return saved;
    }
    saved.flops = percent(lanes.flops, lanes.fullFlops);
    shown.areTogether() ? timeTogether(lanes, text, saved) : timeOfText(view, text, saved);
    const bool together = shown.areTogether();
    const std::string second = together ? fillSentence(shown, text) : tokenSentence(shown, text);
    saved.gap = gapLead(saved, text) +
                (together ? outsideSentence(shown, text) : singleSentences(view, shown, text)) +
                (second.empty() ? second : ' ' + second);
    return saved;
}

const LaneSpan* spanAt(const Lanes& lanes, const Lane& lane, double second, double slack) {
    const LaneSpan* best = nullptr;
    double nearest = slack;
    for (const LaneSpan& span : lanes.spans) {
        if (span.start > second + slack) {
            break; // by their start
        }
        const double away = std::max({0.0, span.start - second, second - span.end()});
        if (span.lane == lane && away <= nearest) {
            nearest = away;
            best = &span;
        }
    }
    return best;
}

std::string laneTip(const trace::TraceView& view,
                    const ShownLanes& shown,
                    const LaneSpan& span,
                    const scene::TextService& text) {
    const auto mean = [&](std::int64_t sum) {
        const double value = static_cast<double>(sum) / static_cast<double>(span.batches);
        return text.number(value, span.batches > 1 ? 1 : 0);
    };
    std::string tip =
        laneName(span.lane, text) + '\n' +
        fill(text.translate("at %1 s, for %2"),
             {text.number(span.start, 4), scene::formatMilliseconds(text, span.length * kMilli)});
    if (span.batches > 1) {
        tip += '\n' + fill(text.translate("%1 batches that ran for %2; their means:"),
                           {count(static_cast<double>(span.batches), text),
                            scene::formatMilliseconds(text, span.seconds * kMilli)});
    }
    const bool isOfTokens =
        span.lane.kind == LaneKind::Recursion || span.lane.kind == LaneKind::Outside;
    if (isOfTokens && shown.areTogether()) {
        const double full = static_cast<double>(span.rows) /
                            static_cast<double>(std::max<std::int64_t>(1, span.room));
        tip += '\n' + fill(text.translate("%1 tokens in a batch of %2 of %3 rows, %4 full"),
                           {mean(span.tokens), mean(span.rows), mean(span.room),
                            scene::formatPercent(text, full)});
    } else if (isOfTokens) {
        tip += '\n' + fill(text.translate("%1 of %2 tokens"), {mean(span.tokens), mean(span.room)});
    }
    return fmt::format("{}\n{}, {}", tip, sourceText(view, text), text.translate("measured"));
}

Table lanesTable(const ShownLanes& shown, const scene::TextService& text) {
    Table table;
    const std::string seconds = "s";
    table.columns = {
        {text.translate("lane"), ""},        {text.translate("start"), seconds},
        {text.translate("length"), seconds}, {text.translate("share of the time"), seconds},
        {text.translate("tokens"), ""},      {text.translate("rows of the batch"), ""},
        {text.translate("room"), ""},        {text.translate("batches"), ""}};
    for (const LaneSpan& span : shown.lanes().spans) {
        table.rows.push_back({laneName(span.lane, text), span.start, span.length, span.ownSeconds,
                              static_cast<double>(span.tokens), static_cast<double>(span.rows),
                              static_cast<double>(span.room), static_cast<double>(span.batches)});
    }
    return table;
}

} // namespace depthscope::instruments
