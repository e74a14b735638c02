// SPDX-License-Identifier: MIT
// What the routing saved and what it lost, never one without the other, never time without FLOPs.
#include "engine/base/text.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/row_list.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kDash = "\xE2\x80\x93";

/// One line of the panel: a value or why there is none.
struct Entry {
    std::string label;
    std::string unit;
    double value = std::nan("");    ///< percent or nats per token
    double baseline = std::nan(""); ///< in the baseline's own unit
    double own = std::nan("");
    std::string ownUnit;
    bool measured = true;
    std::string how; ///< it was measured, where there is more to say
    std::string why; ///< instead of a value
};

double percent(double own, double baseline) {
    return baseline > 0 ? (own / baseline - 1) * 100 : std::nan("");
}

/// Why a reference is not there: it comes, or it was not recorded, or there is none.
std::string
missing(const trace::TraceView& view, const trace::RunKey& which, const scene::TextService& text) {
    if (shownRun(view)->costs.size() < view.stepsOfMain) {
        return text.translate("for the newest step only");
    }
    if (view.source == trace::Source::Recorded) {
        return text.translate("not in this recording");
    }
    if (view.computing || view.awaits(which)) {
        return text.translate("computing\xE2\x80\xA6");
    }
    const trace::StepTrace& latest = *shownRun(view)->latest;
    if (latest.model && latest.model->contextLength > 0 &&
        shownRun(view)->places() > static_cast<std::size_t>(latest.model->contextLength)) {
        return text.translate("longer than the context");
    }
    if (which == trace::kVanillaRun) {
        const bool plain =
            latest.model && latest.model->recursions < 2 && latest.model->experts == 0;
        return plain ? text.translate("this is the vanilla model")
                     : text.translate("no vanilla model to compare with");
    }
    return shownRun(view)->recursions() < 2 ? text.translate("no recursion to run in full")
                                            : text.translate("not computed");
}

Entry flopsEntry(const trace::RunView& run, const scene::TextService& text) {
    const trace::StepCost cost = run.totalCost();
    Entry entry{text.translate("FLOPs"),
                "%",
                percent(cost.flops, cost.fullFlops),
                cost.fullFlops,
                cost.flops,
                "FLOP",
                false,
                {},
                {}};
    if (std::isnan(entry.value)) {
        entry.why = text.translate("not counted");
    }
    return entry;
}

Entry timeEntry(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    Entry entry{text.translate("time"),
                "%",
                std::nan(""),
                std::nan(""),
                run.totalCost().milliseconds,
                "ms",
                true,
                text.translate("one pass each"),
                {}};
    const trace::RunView* full = view.other(trace::kFullDepthRun);
    if (full == nullptr) {
        entry.why = missing(view, trace::kFullDepthRun, text);
    } else if (run.latest->kind != full->latest->kind) {
        entry.why = text.translate("generation is not timed against one pass");
    } else {
        const trace::StepCost& cost = full->latest->routing.cost;
        if (cost.rounds > 0 && full->latest->revision == run.latest->revision) {
            entry.own = cost.routedMilliseconds;
            entry.how = fill(text.translate("median of %1"),
                             {text.number(static_cast<double>(cost.rounds), 0)});
        }
        entry.baseline = full->totalCost().milliseconds;
        entry.value = percent(entry.own, entry.baseline);
    }
    return entry;
}

Entry kvEntry(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    const trace::KvMemory& kv = run.latest->routing.kv;
    const trace::RunView* full = view.other(trace::kFullDepthRun);
    const bool reference = full != nullptr && full->latest->routing.kv.measuredBytes > 0;
    Entry entry{text.translate("KV memory"),
                "%",
                std::nan(""),
                std::nan(""),
                static_cast<double>(kv.measuredBytes),
                "B",
                reference,
                {},
                {}};
    entry.baseline =
        static_cast<double>(reference ? full->latest->routing.kv.measuredBytes : kv.fullBytes);
    if (isCacheOff(kv)) {
        entry.own = std::nan("");
        entry.why = text.translate("no KV cache in use");
        return entry;
    }
    entry.value = percent(entry.own, entry.baseline);
    if (std::isnan(entry.value)) {
        entry.why = text.translate("no KV cache in this run");
    }
    return entry;
}

Entry lossEntry(const trace::TraceView& view,
                const trace::RunKey& which,
                std::string label,
                const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    const trace::RunView* reference = view.other(which);
    Entry entry{std::move(label),
                "nats/token",
                std::nan(""),
                std::nan(""),
                run.meanNll(),
                "nats/token",
                true,
                {},
                {}};
    if (std::isnan(entry.own)) {
        entry.why = text.translate("needs at least two tokens");
    } else if (reference == nullptr) {
        entry.why = missing(view, which, text);
    } else {
        entry.baseline = reference->meanNll();
        entry.value = entry.own - entry.baseline;
    }
    return entry;
}

struct Balance {
    std::vector<Entry> saved;
    std::vector<Entry> lost;
};

Balance balance(const trace::TraceView& view, const scene::TextService& text) {
    Balance result;
    result.saved = {flopsEntry(*shownRun(view), text), timeEntry(view, text), kvEntry(view, text)};
    result.lost = {lossEntry(view, trace::kFullDepthRun, text.translate("vs full depth"), text),
                   lossEntry(view, trace::kVanillaRun, text.translate("vs vanilla"), text)};
    return result;
}

std::string valueText(const Entry& entry, const scene::TextService& text) {
    if (!entry.why.empty()) {
        return kDash;
    }
    return entry.unit == "%" ? fmt::format("{} %", scene::formatSigned(text, entry.value, 0))
                             : scene::formatSigned(text, entry.value, 3);
}

std::string tagText(const Entry& entry, const scene::TextService& text) {
    if (!entry.why.empty()) {
        return entry.why;
    }
    if (!entry.measured) {
        return text.translate("computed");
    }
    return entry.how.empty() ? text.translate("measured") : entry.how;
}

class SavedLost final : public RowListPanel {
public:
    [[nodiscard]] const char* id() const override { return "panel.saved"; }

    [[nodiscard]] const char* title() const override { return "SAVED / LOST"; }

    [[nodiscard]] Traits traits() const override {
        return {.height = {.fixed = 322, .mostShare = 47}}; // with both amber lines
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        Table table;
        table.columns = {{text.translate("figure"), ""},    {text.translate("change"), ""},
                         {text.translate("unit"), ""},      {text.translate("this run"), ""},
                         {text.translate("reference"), ""}, {text.translate("unit"), ""},
                         {text.translate("source"), ""}};
        if (shownRun(view) == nullptr) {
            return table;
        }
        const Balance all = balance(view, text);
        for (const std::vector<Entry>* list : {&all.saved, &all.lost}) {
            for (const Entry& entry : *list) {
                table.rows.push_back({entry.label, numberCell(entry.value), entry.unit,
                                      numberCell(entry.own), numberCell(entry.baseline),
                                      entry.ownUnit, tagText(entry, text)});
            }
        }
        return table;
    }

protected:
    [[nodiscard]] std::string emptyState(const trace::TraceView& view,
                                         const Cursor&,
                                         const scene::TextService& text) const override {
        return shownRun(view) != nullptr
                   ? std::string()
                   : text.translate("Type or paste some text: what its routing saves, and what "
                                    "that costs in prediction, appear here.");
    }

    void fillRows(RowList& list, const trace::TraceView& view, const Cursor&) const override {
        SceneWriter& writer = list.writer;
        const Balance all = balance(view, writer.service);
        const bool wide = list.width() >= writer.px(440);
        const float gap = 3 * writer.theme.grid;
        const float width = wide ? (list.width() - gap) / 2 : list.width();
        RowList saved(list, list.left(), width);
        saved.head(writer.say("SAVED"), writer.say("vs full depth"));
        for (const Entry& entry : all.saved) {
            addEntry(saved, view, entry);
        }
        RowList lost(wide ? list : saved, list.left() + (wide ? width + gap : 0), width);
        lost.head(writer.say("LOST"), writer.say("nats per token"));
        for (const Entry& entry : all.lost) {
            addEntry(lost, view, entry);
        }
        list.continueAt(std::max(saved.y(), lost.y()));
        const trace::StepTrace& latest = *shownRun(view)->latest;
        if (latest.offDistribution || !latest.causal) {
            list.space(1);
        }
        if (latest.offDistribution) {
            addWarning(
                list, writer.say("Outside training: the model was trained with different routing"));
        }
        if (!latest.causal) {
            addWarning(list,
                       writer.say("Sees later tokens: the selection ranks the whole sequence"));
        }
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor&,
                                      const scene::TextService& text) const override {
        const Balance all = balance(view, text);
        const auto say = [&](const Entry& entry) {
            return entry.label + ' ' + (entry.why.empty() ? valueText(entry, text) : entry.why);
        };
        return fill(
            text.translate("Saved against full depth: %1, %2, %3. Lost in nats per token: %4, %5."),
            {say(all.saved[0]), say(all.saved[1]), say(all.saved[2]), say(all.lost[0]),
             say(all.lost[1])});
    }

private:
    static void addEntry(RowList& list, const trace::TraceView& view, const Entry& entry) {
        const scene::TextService& text = list.writer.service;
        const float top = list.y();
        list.figure(valueText(entry, text), entry.label, tagText(entry, text));
        std::string tip = fmt::format("{}: {}", entry.label, valueText(entry, text));
        if (entry.why.empty()) {
            const int decimals = entry.unit == "%" ? (entry.ownUnit == "ms" ? 3 : 0) : 6;
            tip = fill(text.translate("%1: %2 against %3 %4"),
                       {entry.label, text.number(entry.own, decimals),
                        text.number(entry.baseline, decimals), entry.ownUnit});
        }
        tip += fmt::format("\n{}, {}", sourceText(view, text), tagText(entry, text));
        list.writer.out.hit({{list.left(), top, list.width(), list.y() - top},
                             scene::HitKind::Body,
                             -1,
                             -1,
                             {},
                             tip});
    }

    static void addWarning(RowList& list, const std::string& message) {
        list.note(message, list.writer.theme.warning);
    }
};

} // namespace

std::unique_ptr<Instrument> makeSavedLost() {
    return std::make_unique<SavedLost>();
}

} // namespace depthscope::instruments
