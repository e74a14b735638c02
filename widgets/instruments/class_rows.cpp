// SPDX-License-Identifier: MIT
#include "widgets/instruments/class_rows.h"

#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "engine/trace/graded_classes.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kDash = "\xE2\x80\x93";

const trace::ClassDepth* find(const std::vector<trace::ClassDepth>& depths,
                              trace::Difficulty which) {
    const auto number = static_cast<std::uint8_t>(which);
    const auto at = std::ranges::find(depths, number, &trace::ClassDepth::number);
    return at == depths.end() ? nullptr : &*at;
}

bool isGraded(const trace::RunView& run) {
    return run.classSet && *run.classSet == *trace::gradedClasses();
}

std::string orDash(double value, int decimals, const scene::TextService& text) {
    return std::isnan(value) ? kDash : text.number(value, decimals);
}

/// Why a text has none, and what makes some.
void addReason(RowList& list, const trace::RunView& run) {
    const SceneWriter& writer = list.writer;
    if (trace::isClip(run)) {
        list.note(writer.say("No truth for this clip: its patches have no classes."),
                  writer.theme.muted);
        return;
    }
    if (!run.isText()) {
        list.note(writer.say("No classes are known for these places."), writer.theme.muted);
        return;
    }
    list.note(writer.say("No difficulty classes in this text."), writer.theme.muted);
    list.space(0.5F);
    list.button(writer.say("New graded text\xE2\x80\xA6"), "graded.new");
}

/// Exact values of a row. Only a text is a line of stretches: elsewhere there is no interval.
std::string tipOf(const trace::RunView& run,
                  const trace::ClassFigures& figures,
                  const trace::ClassDepth& depth,
                  const scene::TextService& text) {
    const bool clip = trace::isClip(run);
    const std::string name = className(run, figures.number, text);
    const std::string count = text.number(static_cast<double>(figures.count), 0);
    std::string tip =
        fill(clip ? text.translate("%1: patches %2, mean depth %3 of %4")
                  : text.translate("%1: tokens %2, mean depth %3 of %4, nats per token %5"),
             {name, count, text.number(figures.meanDepth, 4), text.number(run.recursions(), 0),
              orDash(figures.meanNll, 2, text)});
    if (run.isText()) {
        const std::string stretches = text.number(static_cast<double>(depth.stretches), 0);
        const double margin = depth.margin();
        tip += '\n';
        tip += std::isnan(margin)
                   ? fill(text.translate("%1 stretches: at least %2 are needed for an interval"),
                          {stretches, text.number(static_cast<double>(trace::kLeastStretches), 0)})
                   : fill(text.translate("95 % interval %1 to %2, of %3 stretches of neighbours "
                                         "(ratio estimate, Student's t)"),
                          {text.number(depth.mean - margin, 4), text.number(depth.mean + margin, 4),
                           stretches});
    }
    return tip;
}

RowList::Bar barOf(const trace::RunView& run,
                   const trace::ClassFigures& figures,
                   const trace::ClassDepth& depth,
                   const scene::TextService& text) {
    const std::string count = text.number(static_cast<double>(figures.count), 0);
    RowList::Bar bar{className(run, figures.number, text),
                     figures.meanDepth / static_cast<double>(std::max(1, run.recursions())),
                     {count, text.number(figures.meanDepth, 2)},
                     tipOf(run, figures, depth, text)};
    if (run.isText()) {
        bar.values.push_back(orDash(depth.margin(), 2, text));
    }
    if (!trace::isClip(run)) {
        bar.values.push_back(orDash(figures.meanNll, 2, text));
    }
    return bar;
}

} // namespace

std::string depthVerdict(const trace::RunView& run,
                         const std::vector<trace::ClassDepth>& depths,
                         const scene::TextService& text) {
    const trace::ClassDepth* sums = find(depths, trace::Difficulty::Sum);
    const trace::ClassDepth* phrases = find(depths, trace::Difficulty::Memorised);
    const settings::Rule rule = run.latest->settings.rule;
    const bool chooses = rule != settings::Rule::Fixed && rule != settings::Rule::Random;
    if (!isGraded(run) || sums == nullptr || phrases == nullptr || !hasRouter(run) || !chooses) {
        return {};
    }
    const std::optional<Interval> interval = trace::depthDifference(*sums, *phrases);
    if (!interval) {
        return fill(text.translate("Too few sums or memorised phrases to compare: at least %1 of "
                                   "each."),
                    {text.number(static_cast<double>(trace::kLeastStretches), 0)});
    }
    const std::string words =
        interval->low > 0
            ? text.translate("In this model sums are deeper than memorised phrases: %1 "
                             "recursions, 95 % interval %2 to %3.")
        : interval->high < 0
            ? text.translate("In this model sums are not deeper than memorised phrases but less "
                             "deep: %1 recursions, 95 % interval %2 to %3.")
            : text.translate("This text does not show whether sums are deeper than memorised "
                             "phrases: %1 recursions, 95 % interval %2 to %3.");
    return fill(words, {scene::formatSigned(text, sums->mean - phrases->mean, 2),
                        scene::formatSigned(text, interval->low, 2),
                        scene::formatSigned(text, interval->high, 2)});
}

void addClassRows(RowList& list, const trace::RunView& run) {
    const SceneWriter& writer = list.writer;
    list.head(writer.say("CLASSES"), {}, trace::isClip(run) ? nullptr : "class");
    if (!run.hasClasses()) {
        addReason(list, run);
        return;
    }
    const std::vector<trace::ClassDepth> depths = trace::classDepths(run);
    const std::string verdict = depthVerdict(run, depths, writer.service);
    if (!verdict.empty()) {
        list.note(verdict, writer.theme.text);
        list.space(0.5F);
    }
    std::vector<RowList::Bar> rows;
    const std::vector<trace::ClassFigures> figures = trace::classFigures(run);
    for (std::size_t i = 0; i < figures.size(); ++i) { // the same classes, in the same order
        rows.push_back(barOf(run, figures[i], depths[i], writer.service));
    }
    const bool clip = trace::isClip(run);
    std::vector<std::string> titles{clip ? writer.say("patches") : writer.say("tokens"),
                                    writer.say("depth")};
    if (run.isText()) {
        titles.push_back(writer.say("\xC2\xB1 95 %"));
    }
    if (!clip) {
        titles.push_back(writer.say("nats"));
    }
    list.bars(rows, titles);
}

void addClassCells(Table& table, const trace::RunView& run, const scene::TextService& text) {
    const bool clip = trace::isClip(run);
    const std::vector<trace::ClassDepth> depths = trace::classDepths(run);
    const std::vector<trace::ClassFigures> figures = trace::classFigures(run);
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const std::string name = className(run, figures[i].number, text);
        const auto add = [&](std::string figure, double value, std::string unit) {
            table.rows.push_back({text.translate("classes"), name, std::move(figure),
                                  numberCell(value), std::move(unit)});
        };
        add(text.translate("count"), static_cast<double>(figures[i].count),
            clip ? text.translate("patches") : text.translate("tokens"));
        add(text.translate("mean depth"), figures[i].meanDepth, text.translate("recursions"));
        if (run.isText()) {
            add(text.translate("stretches"), static_cast<double>(depths[i].stretches), "");
            add(text.translate("half of the 95 % interval"), depths[i].margin(),
                text.translate("recursions"));
        }
        if (!clip) {
            add(text.translate("loss"), figures[i].meanNll, "nats/token");
        }
    }
}

} // namespace depthscope::instruments
