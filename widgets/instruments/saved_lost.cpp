// SPDX-License-Identifier: MIT
// What the routing saved and what it lost, never one without the other, never time without FLOPs.
#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/row_list.h"
#include "widgets/instruments/saved_figures.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace depthscope::instruments {

namespace {

constexpr const char* kDash = "\xE2\x80\x93";

constexpr const char* kDecibels = "dB";

Balance balance(const trace::TraceView& view, const scene::TextService& text) {
    return trace::isClip(*shownRun(view)) ? balanceOfClip(view, text) : balanceOf(view, text);
}

std::string valueText(const Entry& entry, const scene::TextService& text) {
    if (!entry.why.empty()) {
        return kDash;
    }
    if (entry.unit == kDecibels) { // which way is in the label
        return fmt::format("{} dB", text.number(std::abs(entry.value), 2));
    }
    const bool isPercent = entry.unit == "%";
    const int decimals = isPercent ? 0 : 3;
    const std::string number = entry.words.empty()
                                   ? scene::formatSigned(text, entry.value, decimals)
                                   : text.number(std::abs(entry.value), decimals);
    return isPercent ? fmt::format("{} %", number) : number;
}

std::string labelOf(const Entry& entry) {
    return entry.words.empty() || !entry.why.empty() ? entry.label : entry.words;
}

/// "± 3 %"
std::string spreadText(const Entry& entry, const scene::TextService& text) {
    return unbroken(
        fmt::format("\xC2\xB1 {} %", text.number(entry.spread, entry.spread < 9.95 ? 1 : 0)));
}

std::string tagText(const Entry& entry, const scene::TextService& text) {
    if (!entry.why.empty()) {
        return entry.why;
    }
    if (!entry.measured) {
        return text.translate("computed");
    }
    const std::string how = entry.how.empty() ? text.translate("measured") : entry.how;
    return std::isnan(entry.spread) || !std::isfinite(entry.value)
               ? how
               : fmt::format("{}, {}", how, spreadText(entry, text));
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
                         {text.translate("source"), ""},    {text.translate("spread"), "%"}};
        if (shownRun(view) == nullptr) {
            return table;
        }
        const Balance all = balance(view, text);
        for (const std::vector<Entry>* list : {&all.saved, &all.lost}) {
            for (const Entry& entry : *list) {
                table.rows.push_back({entry.label, numberCell(entry.value), entry.unit,
                                      numberCell(entry.own), numberCell(entry.baseline),
                                      entry.ownUnit, tagText(entry, text),
                                      numberCell(entry.spread)});
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
        // Where large figures would have to scroll, figures in lines of text show LOST as well.
        SceneWriter measuring({list.writer.bounds, &list.writer.theme, &list.writer.service});
        RowList probe(measuring, 0);
        fillAll(probe, view, Size::Large);
        const bool fits = probe.y() + measuring.theme.grid <= list.writer.bounds.height;
        fillAll(list, view, fits ? Size::Large : Size::Small);
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor&,
                                      const scene::TextService& text) const override {
        const Balance all = balance(view, text);
        const auto say = [&](const Entry& entry) {
            return entry.why.empty() ? valueText(entry, text) + ' ' + labelOf(entry)
                                     : entry.label + ' ' + entry.why;
        };
        if (trace::isClip(*shownRun(view))) {
            std::string words;
            for (const std::vector<Entry>* list : {&all.saved, &all.lost}) {
                for (const Entry& entry : *list) {
                    words += fmt::format("{}{}", words.empty() ? "" : "; ", say(entry));
                }
            }
            return words + '.';
        }
        return fill(
            text.translate("Saved against full depth: %1, %2, %3. Lost in nats per token: %4, %5."),
            {say(all.saved[0]), say(all.saved[1]), say(all.saved[2]), say(all.lost[0]),
             say(all.lost[1])});
    }

private:
    /// A text, live, without a model to compare with: the user can name one.
    static bool wantsReference(const trace::TraceView& view) {
        const trace::StepTrace& latest = *shownRun(view)->latest;
        const bool isPlain =
            latest.model && latest.model->recursions < 2 && latest.model->experts == 0;
        return view.source == trace::Source::Live && shownRun(view)->isText() && !isPlain &&
               view.other(trace::kVanillaRun) == nullptr && !view.computing &&
               !view.awaits(trace::kVanillaRun);
    }

    enum class Size : std::uint8_t { Large, Small };

    static void fillAll(RowList& list, const trace::TraceView& view, Size size) {
        SceneWriter& writer = list.writer;
        const Balance all = balance(view, writer.service);
        const bool wide = list.width() >= writer.px(440);
        const float gap = 3 * writer.theme.grid;
        const float width = wide ? (list.width() - gap) / 2 : list.width();
        const bool clip = trace::isClip(*shownRun(view));
        RowList saved(list, list.left(), width);
        saved.head(writer.say("SAVED"),
                   clip ? writer.say("all steps so far") : writer.say("vs full depth"), "saved");
        for (const Entry& entry : all.saved) {
            addEntry(saved, view, entry, size);
        }
        RowList lost(wide ? list : saved, list.left() + (wide ? width + gap : 0), width);
        lost.head(writer.say("LOST"),
                  clip ? writer.say("PSNR of the prediction") : writer.say("nats per token"),
                  clip ? nullptr : "nats");
        for (const Entry& entry : all.lost) {
            addEntry(lost, view, entry, size);
        }
        list.continueAt(std::max(saved.y(), lost.y()));
        addWarnings(list, view, all.unlike);
        if (wantsReference(view)) {
            list.space(1);
            list.button(writer.say("Choose reference\xE2\x80\xA6"), "run.reference");
        }
    }

    static void
    addWarnings(RowList& list, const trace::TraceView& view, const std::string& unlike) {
        const SceneWriter& writer = list.writer;
        const trace::StepTrace& latest = *shownRun(view)->latest;
        // Denoising sees all of a clip at once.
        const bool looksAhead = !latest.causal && !trace::isClip(*shownRun(view));
        if (latest.offDistribution || looksAhead || !unlike.empty()) {
            list.space(1);
        }
        if (latest.offDistribution) {
            addWarning(
                list, writer.say("Outside training: the model was trained with different routing"));
        }
        if (looksAhead) {
            addWarning(list,
                       writer.say("Sees later tokens: the selection ranks the whole sequence"));
        }
        if (!unlike.empty()) {
            addWarning(list, unlike);
        }
    }

    static void
    addEntry(RowList& list, const trace::TraceView& view, const Entry& entry, Size size) {
        const scene::TextService& text = list.writer.service;
        const float top = list.y();
        // Decibels say what they are in their label.
        const bool named = entry.unit == kDecibels && entry.why.empty();
        const RowList::Figure figure{
            valueText(entry, text), labelOf(entry), named ? "" : tagText(entry, text),
            entry.warns ? list.writer.theme.warning : list.writer.theme.muted, entry.isOld};
        if (size == Size::Large) {
            list.figure(figure);
        } else {
            const bool tells = entry.why.empty() && !entry.warns;
            list.figureInLine(figure, tells ? RowList::Tag::Hidden : RowList::Tag::Shown);
        }
        std::string tip = fmt::format("{}: {}", labelOf(entry), valueText(entry, text));
        const bool isUnknown = std::isnan(entry.value);
        if (!isUnknown) {
            const int decimals = entry.unit == kDecibels ? 4
                                 : entry.unit != "%"     ? 6
                                 : entry.ownUnit == "ms" ? 3
                                                         : 0;
            tip = fill(text.translate("%1: %2 against %3 %4"),
                       {entry.label, text.number(entry.own, decimals),
                        text.number(entry.baseline, decimals), entry.ownUnit});
        }
        if (!entry.model.empty()) {
            tip += '\n' + fill(text.translate("compared with %1"), {entry.model});
        }
        if (!std::isnan(entry.spread) && !isUnknown) {
            tip += '\n' + fill(text.translate("half of the rounds lie within %1"),
                               {spreadText(entry, text)});
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
