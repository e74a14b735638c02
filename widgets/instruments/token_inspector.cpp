// SPDX-License-Identifier: MIT
// Everything known about the token under the cursor, recursion by recursion.
#include "engine/trace/statistics.h"
#include "widgets/instruments/facts.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/sheet.h"

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

// "rank 18 of 60, KV 512 B"
std::string detailText(const trace::RunView& run,
                       int recursion,
                       std::size_t token,
                       const scene::TextService& text) {
    const trace::RouterMargin margin = trace::routerMargin(run, recursion, token);
    std::string detail;
    if (margin.rank) {
        detail = fill(text.translate("rank %1 of %2"),
                      {text.number(static_cast<double>(*margin.rank + 1), 0),
                       text.number(static_cast<double>(margin.candidates), 0)});
    }
    if (!run.latest->routing.kv.groups.empty()) {
        const auto bytes = static_cast<double>(bytesAt(run, recursion, token));
        detail += detail.empty() ? "" : ", ";
        detail += unbroken(fill(text.translate("KV %1"), {scene::formatBytes(text, bytes)}));
    }
    return detail;
}

class TokenInspector final : public SheetPanel {
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
        const trace::RunView* run = subject(view);
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
        const trace::RunView* run = subject(view);
        if (run == nullptr) {
            return text.translate(
                "Type or paste some text, then point at a token: its scores, depth and memory appear here.");
        }
        return cursorPlace(*run, cursor) ? std::string() : text.translate("Point at a token");
    }

    void
    fillSheet(Sheet& sheet, const trace::TraceView& view, const Cursor& cursor) const override {
        Pen& pen = sheet.pen;
        const trace::RunView& run = *subject(view);
        const int token = *cursorPlace(run, cursor);
        const auto t = static_cast<std::size_t>(token);
        const scene::TextStyle big{scene::Family::Mono, pen.theme.fontSize * 1.4F,
                                   scene::Weight::Medium};
        pen.label(sheet.take(pen.line(big)), quotedPlace(run, t, pen.service), big, pen.theme.text);
        sheet.space(0.5F);
        sheet.pair(
            pen.say("position"),
            fill(pen.say("%1 of %2"), {pen.service.number(token + 1, 0),
                                       pen.service.number(static_cast<double>(run.places()), 0)}));
        if (run.isText()) {
            sheet.pair(pen.say("id"), pen.service.number(run.ids[t], 0));
        }
        if (run.classes[t] != trace::kNoClass) {
            sheet.pair(pen.say("class"), className(run, run.classes[t], pen.service));
        }
        sheet.pair(pen.say("depth"),
                   fill(pen.say("%1 of %2"), {pen.service.number(run.depth[t], 0),
                                              pen.service.number(run.recursions(), 0)}));
        if (run.isText()) {
            const double nll = double{run.nll[t]};
            sheet.pair(pen.say("loss"),
                       std::isnan(nll) ? kDash : pen.service.number(nll, 3) + " nats");
            sheet.pair(pen.say("probability"), scene::formatPercent(pen.service, std::exp(-nll)));
        }
        addRecursions(sheet, run, token);
        sheet.space(1);
        const bool routed = noRouterReason(run, pen.service).empty();
        const std::string kind = routed && !run.latest->routing.kv.groups.empty()
                                     ? pen.say("measured; KV bytes computed")
                                     : pen.say("measured");
        sheet.note(sourceText(view, pen.service) + ", " + kind, pen.theme.muted);
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor& cursor,
                                      const scene::TextService& text) const override {
        const trace::RunView& run = *subject(view);
        const int token = *cursorPlace(run, cursor);
        const auto t = static_cast<std::size_t>(token);
        return fill(run.isText() ? text.translate("%1, %2: depth %3 of %4, %5.")
                                 : text.translate("%1, %2: depth %3 of %4."),
                    {quotedPlace(run, t, text), placeText(run, token, text),
                     text.number(run.depth[t], 0), text.number(run.recursions(), 0),
                     lossText(run, token, text)});
    }

private:
    static void addRecursions(Sheet& sheet, const trace::RunView& run, int token) {
        Pen& pen = sheet.pen;
        const auto t = static_cast<std::size_t>(token);
        sheet.head(pen.say("RECURSIONS"));
        const std::string reason = noRouterReason(run, pen.service);
        if (!reason.empty()) {
            sheet.note(reason, pen.theme.muted);
            return;
        }
        for (int r = 0; r < run.recursions(); ++r) {
            const bool considered = trace::isConsidered(run, r, t);
            const bool kept = trace::isKept(run, r, t);
            const std::string state = kept                         ? pen.say("kept")
                                      : trace::leavesAt(run, r, t) ? pen.say("exited here")
                                      : considered                 ? pen.say("exited earlier")
                                                                   : pen.say("not considered");
            const std::string score =
                considered
                    ? pen.service.number(double{run.scores[static_cast<std::size_t>(r)][t]}, 4)
                    : "";
            sheet.pair(fill(pen.say("recursion %1"), {pen.service.number(r + 1, 0)}),
                       score.empty() ? state : score + "  " + state);
            if (considered || kept) {
                sheet.note(marginText(run, r, token, pen.service), pen.theme.muted);
                sheet.note(detailText(run, r, t, pen.service), pen.theme.muted);
                sheet.space(0.5F);
            }
        }
    }
};

} // namespace

std::unique_ptr<Instrument> makeTokenInspector() {
    return std::make_unique<TokenInspector>();
}

} // namespace depthscope::instruments
