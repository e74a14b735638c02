// SPDX-License-Identifier: MIT
// Everything known about the token under the cursor, recursion by recursion.
#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/convergence_text.h"
#include "widgets/instruments/expert_names.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/row_list.h"
#include "widgets/instruments/trace_text.h"

#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kDash = "\xE2\x80\x93";

std::int64_t bytesAt(const trace::RunView& run, int recursion, std::size_t token) {
    std::int64_t sum = 0;
    for (const trace::KvGroup& group : run.latest->routing.kv.groups) {
        if (group.recursion == recursion + 1) {
            sum += trace::storedBytes(run, group, token);
        }
    }
    return sum;
}

/// There is a record of its keys and values: of a clip those of the given patches alone are kept.
bool keepsKeys(const trace::RunView& run, std::size_t token) {
    return !run.latest->routing.kv.groups.empty() &&
           (!trace::isClip(run) || token < trace::givenPlaces(run));
}

// "rank 18 of 60, KV 512 B"
std::string detailText(const trace::RunView& run,
                       int recursion,
                       std::size_t token,
                       const scene::TextService& text) {
    const trace::RouterMargin margin = marginOf(run, recursion, token);
    std::string detail;
    if (margin.rank) {
        detail = fill(text.translate("rank %1 of %2"),
                      {text.number(static_cast<double>(*margin.rank + 1), 0),
                       text.number(static_cast<double>(margin.candidates), 0)});
    }
    if (keepsKeys(run, token)) {
        const auto bytes = static_cast<double>(bytesAt(run, recursion, token));
        detail += detail.empty() ? "" : ", ";
        detail += unbroken(fill(text.translate("KV %1"), {scene::formatBytes(text, bytes)}));
    }
    return detail;
}

class TokenInspector final : public RowListPanel {
public:
    [[nodiscard]] const char* id() const override { return "panel.token"; }

    [[nodiscard]] const char* title() const override { return "TOKEN"; }

    [[nodiscard]] Traits traits() const override {
        return {.height = {.share = 32, .least = 140}}; // so that a low window shows some lines
    }

    /// Of every token, since a table has no cursor.
    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        Table table;
        const trace::RunView* run = shownRun(view);
        if (run != nullptr && trace::isClip(*run)) {
            return tableOfClip(*run, text);
        }
        table.columns = placeColumns(run, text);
        table.columns.insert(table.columns.end(),
                             {{text.translate("id"), ""},
                              {text.translate("class"), ""},
                              {text.translate("depth"), text.translate("recursions")},
                              {text.translate("loss"), "nats"},
                              {text.translate("probability"), ""},
                              {text.translate("KV saved (computed)"), text.translate("bytes")}});
        for (std::size_t t = 0; run != nullptr && t < run->places(); ++t) {
            const double nll = double{run->nll[t]};
            std::vector<Table::Cell> row = placeCells(*run, t, text);
            const double id = run->isText() ? static_cast<double>(run->ids[t]) : std::nan("");
            row.insert(row.end(), {numberCell(id), className(*run, run->classes[t], text),
                                   static_cast<double>(run->depth[t]), numberCell(nll),
                                   numberCell(std::exp(-nll)),
                                   static_cast<double>(trace::savedBytes(*run, t))});
            table.rows.push_back(std::move(row));
        }
        return table;
    }

protected:
    [[nodiscard]] std::string emptyState(const trace::TraceView& view,
                                         const Cursor& cursor,
                                         const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        if (run == nullptr) {
            return text.translate("Type or paste some text, then point at a token: its scores, "
                                  "depth and memory appear here.");
        }
        return cursorPlace(*run, cursor) ? std::string()
               : trace::isClip(*run)     ? text.translate("Point at a patch")
                                         : text.translate("Point at a token");
    }

    void
    fillRows(RowList& list, const trace::TraceView& view, const Cursor& cursor) const override {
        SceneWriter& writer = list.writer;
        const trace::RunView& run = *shownRun(view);
        const int token = *cursorPlace(run, cursor);
        const auto t = static_cast<std::size_t>(token);
        const scene::TextStyle big{scene::FontFamily::Mono, writer.theme.fontSize * 1.4F,
                                   scene::FontWeight::Medium};
        const bool clip = trace::isClip(run);
        writer.label(list.take(writer.line(big)),
                     clip ? placeText(run, token, writer.service)
                          : quotedPlace(run, t, writer.service),
                     big, writer.theme.text);
        list.space(0.5F);
        if (clip) {
            addPatch(list, run, t);
        } else {
            list.pair(writer.say("position"),
                      fill(writer.say("%1 of %2"),
                           {writer.service.number(token + 1, 0),
                            writer.service.number(static_cast<double>(run.places()), 0)}),
                      "position");
        }
        if (run.isText()) {
            list.pair(writer.say("id"), writer.service.number(run.ids[t], 0));
        }
        if (run.classes[t] != trace::kNoClass) {
            list.pair(writer.say("class"), className(run, run.classes[t], writer.service),
                      clip ? nullptr : "class");
        }
        list.pair(writer.say("depth"),
                  fill(writer.say("%1 of %2"), {writer.service.number(run.depth[t], 0),
                                                writer.service.number(run.recursions(), 0)}),
                  clip ? nullptr : "depth");
        if (run.isText()) {
            const double nll = double{run.nll[t]};
            list.pair(writer.say("loss"),
                      std::isnan(nll) ? kDash
                                      : fmt::format("{} nats", writer.service.number(nll, 3)),
                      "loss, NLL");
            list.pair(writer.say("probability"),
                      scene::formatPercent(writer.service, std::exp(-nll)));
        }
        if (clip) {
            addExperts(list, run, t);
        }
        addRecursions(list, run, token);
        addPredictions(list, view, t);
        list.space(1);
        const bool routed = noRouterReason(run, writer.service).empty();
        const std::string kind = routed && keepsKeys(run, t)
                                     ? writer.say("measured; KV bytes computed")
                                     : writer.say("measured");
        list.note(fmt::format("{}, {}", sourceText(view, writer.service), kind),
                  writer.theme.muted);
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor& cursor,
                                      const scene::TextService& text) const override {
        const trace::RunView& run = *shownRun(view);
        const int token = *cursorPlace(run, cursor);
        const auto t = static_cast<std::size_t>(token);
        return fill(run.isText() ? text.translate("%1, %2: depth %3 of %4, %5.")
                                 : text.translate("%1, %2: depth %3 of %4."),
                    {quotedPlace(run, t, text), placeText(run, token, text),
                     text.number(run.depth[t], 0), text.number(run.recursions(), 0),
                     lossText(run, token, text)});
    }

private:
    static Table tableOfClip(const trace::RunView& run, const scene::TextService& text) {
        Table table;
        table.columns = placeColumns(&run, text);
        table.columns.insert(table.columns.end(),
                             {{text.translate("side"), ""},
                              {text.translate("class"), ""},
                              {text.translate("depth"), text.translate("recursions")}});
        for (int r = 0; r < run.recursions(); ++r) {
            table.columns.push_back(
                {fill("%1 %2", {scoreName(run, text), text.number(r + 1, 0)}), ""});
        }
        table.columns.push_back({text.translate("experts"), ""});
        for (std::size_t t = 0; t < run.places(); ++t) {
            std::vector<Table::Cell> row = placeCells(run, t, text);
            row.insert(row.end(), {sideText(run, t, text), className(run, run.classes[t], text),
                                   static_cast<double>(run.depth[t])});
            for (int r = 0; r < run.recursions(); ++r) {
                row.push_back(numberCell(double{run.scores[static_cast<std::size_t>(r)][t]}));
            }
            std::string names;
            for (const trace::ExpertChoices& layer : run.experts) {
                for (const std::uint8_t expert : layer.indexOf(t)) {
                    names += names.empty() ? "" : ", ";
                    names += expertTitle(run, expert, text);
                }
            }
            row.emplace_back(std::move(names));
            table.rows.push_back(std::move(row));
        }
        return table;
    }

    /// Where it is and whether it was given.
    static void addPatch(RowList& list, const trace::RunView& run, std::size_t place) {
        const SceneWriter& writer = list.writer;
        const scene::TextService& text = writer.service;
        const auto at =
            trace::positionOf(run.layout, static_cast<std::int64_t>(place) + run.firstPlace);
        const trace::FrameSpan frames = trace::framesOf(run, at.frame);
        list.pair(frames.first == frames.last ? writer.say("frame") : writer.say("frames"),
                  fmt::format("{}, {}", frameNumbers(frames, text), sideText(run, place, text)));
        const auto numberOf = [&](int number, int all) {
            return fill(writer.say("%1 of %2"), {text.number(number + 1, 0), text.number(all, 0)});
        };
        list.pair(writer.say("row"), numberOf(at.row, run.layout.rows));
        list.pair(writer.say("column"), numberOf(at.column, run.layout.columns));
    }

    static void addExperts(RowList& list, const trace::RunView& run, std::size_t place) {
        const SceneWriter& writer = list.writer;
        if (run.experts.empty()) {
            return;
        }
        list.head(writer.say("EXPERTS"), writer.say("weights"), "expert");
        for (const trace::ExpertChoices& layer : run.experts) {
            const auto chosen = layer.indexOf(place);
            const auto weights = layer.weightOf(place);
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                list.pair(expertTitle(run, chosen[i], writer.service),
                          writer.service.number(double{weights[i]}, 2));
            }
            if (chosen.empty()) {
                list.note(writer.say("No expert took it: it passes unchanged."),
                          writer.theme.muted);
            }
        }
    }

    /// What the model would answer after each recursion, where that has been worked out.
    static void addPredictions(RowList& list, const trace::TraceView& view, std::size_t token) {
        const SceneWriter& writer = list.writer;
        const trace::Convergence* made = view.convergence;
        if (made == nullptr) {
            if (canHaveConvergence(view) && view.source == trace::Source::Live) {
                list.head(writer.say("PREDICTIONS"));
                if (view.convergenceComes) {
                    list.note(noConvergenceReason(view, writer.service), writer.theme.muted);
                } else {
                    list.button(writer.say("Show them after each recursion"), "convergence.show");
                }
            }
            return;
        }
        list.head(writer.say("PREDICTIONS"), writer.say("probability"));
        if (!made->holds(token)) {
            list.note(limitText(*made, writer.service), writer.theme.muted);
            return;
        }
        list.note(fixedText(*made, token, writer.service), writer.theme.muted);
        for (int r = 0; r < made->recursions; ++r) {
            const bool ran = made->ran(r, token);
            const std::string name =
                fill(writer.say("after recursion %1"), {writer.service.number(r + 1, 0)});
            list.note(ran ? name : fmt::format("{}, {}", name, writer.say("stopped")),
                      writer.theme.muted);
            std::vector<RowList::Bar> rows;
            for (std::size_t i = 0; i < made->predictions; ++i) {
                const double share = predictionShare(*made, r, token, i);
                rows.push_back({predictionText(*made, r, token, i, writer.service),
                                share,
                                {scene::formatPercent(writer.service, share)},
                                {}});
            }
            list.bars(rows);
        }
    }

    static void addRecursions(RowList& list, const trace::RunView& run, int token) {
        SceneWriter& writer = list.writer;
        const auto t = static_cast<std::size_t>(token);
        list.head(writer.say("RECURSIONS"), {}, trace::isClip(run) ? nullptr : "recursion");
        const std::string reason = noRouterReason(run, writer.service);
        if (!reason.empty()) {
            list.note(reason, writer.theme.muted);
            return;
        }
        for (int r = 0; r < run.recursions(); ++r) {
            const bool considered = trace::isConsidered(run, r, t);
            const bool kept = trace::isKept(run, r, t);
            const std::string state = kept                         ? writer.say("kept")
                                      : trace::leavesAt(run, r, t) ? writer.say("exited here")
                                      : considered                 ? writer.say("exited earlier")
                                                                   : writer.say("not considered");
            const std::string score =
                considered ? scoreText(trace::scoreRange(run),
                                       double{run.scores[static_cast<std::size_t>(r)][t]}, 4,
                                       writer.service)
                           : "";
            list.pair(fill(writer.say("recursion %1"), {writer.service.number(r + 1, 0)}),
                      score.empty() ? state : fmt::format("{}  {}", score, state));
            if (considered || kept) {
                list.note(marginText(run, r, token, writer.service), writer.theme.muted);
                list.note(detailText(run, r, t, writer.service), writer.theme.muted);
                list.space(0.5F);
            }
        }
    }
};

} // namespace

std::unique_ptr<Instrument> makeTokenInspector() {
    return std::make_unique<TokenInspector>();
}

} // namespace depthscope::instruments
