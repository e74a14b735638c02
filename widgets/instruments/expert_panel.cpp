// SPDX-License-Identifier: MIT
// The experts of a MORE model: which ones the token at the cursor chose and with what weights, and
// what each expert gets over the whole text.
#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/expert_chart.h"
#include "widgets/instruments/expert_names.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/row_list.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kHatch = 4; // between the hatch lines of every second expert

std::string layerName(int layer, const scene::TextService& text) {
    return fill(text.translate("layer %1"), {text.number(layer + 1, 0)});
}

std::string deadNames(const trace::RunView& run,
                      const trace::ExpertLoad& load,
                      const scene::TextService& text) {
    std::string names;
    for (const int expert : load.dead) {
        names += names.empty() ? "" : ", ";
        names += expertTitle(run, expert, text);
    }
    return names;
}

/// The alarm, or that there is none, or that it is too early for one.
struct Alarm {
    std::string text;
    bool raised = false;
};

Alarm alarmOf(const trace::RunView& run,
              const std::vector<trace::ExpertLoad>& loads,
              const scene::TextService& text) {
    const bool clip = trace::isClip(run);
    std::string dead;
    bool enough = true;
    for (const trace::ExpertLoad& load : loads) {
        enough = enough && load.hasEnoughChoices;
        if (load.hasEnoughChoices && !load.dead.empty()) {
            dead += dead.empty() ? "" : "; ";
            dead += layerName(load.layer, text) + ' ' + deadNames(run, load, text);
        }
    }
    if (!dead.empty()) {
        return {fill(clip ? text.translate("Dead experts, chosen by no patch: %1.")
                          : text.translate("Dead experts, chosen by no token: %1."),
                     {dead}),
                true};
    }
    return {enough ? text.translate("No dead experts.")
            : clip ? text.translate("Too few patches to tell whether an expert is dead.")
                   : text.translate("Too few tokens to tell whether an expert is dead."),
            false};
}

std::string balanceText(const trace::ExpertLoad& load, const scene::TextService& text) {
    return fill(text.translate("entropy %1 of %2 nats, MaxVio %3"),
                {text.number(load.entropy, 2),
                 text.number(std::log(static_cast<double>(load.counts.size())), 2),
                 text.number(load.maxViolation, 2)});
}

class ExpertPanel final : public RowListPanel {
public:
    [[nodiscard]] const char* id() const override { return "panel.experts"; }

    [[nodiscard]] const char* title() const override { return "EXPERTS"; }

    [[nodiscard]] Traits traits() const override {
        return {.height = {.share = 68},
                .isFor = [](const spec::ModelInfo& model) { return model.experts > 0; }};
    }

    /// Long form: a row for each choice of each token, then what each expert gets.
    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        Table table;
        table.columns = placeColumns(run, text);
        for (const char* title : {"layer", "expert", "figure", "value", "unit"}) {
            table.columns.push_back({text.translate(title), ""});
        }
        if (run == nullptr || run->experts.empty()) {
            return table;
        }
        for (std::size_t t = 0; t < run->places(); ++t) {
            addChoices(table, *run, t, text);
        }
        for (const trace::ExpertLoad& load : trace::expertLoads(*run)) {
            addLoad(table, *run, load, text);
        }
        return table;
    }

protected:
    [[nodiscard]] std::string emptyState(const trace::TraceView& view,
                                         const Cursor&,
                                         const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        if (run == nullptr) {
            return text.translate("Type or paste some text: the experts that its tokens choose "
                                  "appear here, for models with experts.");
        }
        return run->experts.empty() ? text.translate("This model has no experts.") : "";
    }

    void
    fillRows(RowList& list, const trace::TraceView& view, const Cursor& cursor) const override {
        const trace::RunView& run = *shownRun(view);
        addToken(list, run, cursorPlace(run, cursor));
        const SceneWriter& writer = list.writer;
        const auto loads = trace::expertLoads(run);
        list.head(writer.say("UTILISATION"),
                  trace::isClip(run) ? writer.say("choices, all patches")
                                     : writer.say("choices, all tokens"),
                  "expert");
        const Alarm alarm = alarmOf(run, loads, writer.service);
        list.note(alarm.text, alarm.raised ? writer.theme.warning : writer.theme.muted);
        for (std::size_t layer = 0; layer < loads.size(); ++layer) {
            list.space(0.75F);
            list.ends(layerName(loads[layer].layer, writer.service), writer.small(),
                      balanceText(loads[layer], writer.service));
            addBars(list, view, loads[layer]);
            addExpertsByNoise(list, view, run, layer);
        }
        list.space(1);
        list.note(noRouterReason(run, writer.service), writer.theme.muted);
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor&,
                                      const scene::TextService& text) const override {
        const trace::RunView& run = *shownRun(view);
        const auto loads = trace::expertLoads(run);
        std::string words = alarmOf(run, loads, text).text;
        for (const trace::ExpertLoad& load : loads) {
            words += fmt::format(" {}: {}.", layerName(load.layer, text), balanceText(load, text));
        }
        return words;
    }

private:
    static void addChoices(Table& table,
                           const trace::RunView& run,
                           std::size_t token,
                           const scene::TextService& text) {
        for (const trace::ExpertChoices& layer : run.experts) {
            for (std::size_t i = layer.offsets[token]; i < layer.offsets[token + 1]; ++i) {
                table.rows.push_back({static_cast<double>(token + 1), shownPlace(run, token, text),
                                      static_cast<double>(layer.layer + 1),
                                      expertTitle(run, layer.index[i], text),
                                      text.translate("weight"), double{layer.weight[i]}, ""});
            }
        }
    }

    static void addLoad(Table& table,
                        const trace::RunView& run,
                        const trace::ExpertLoad& load,
                        const scene::TextService& text) {
        const auto add = [&](std::string expert, std::string figure, double value,
                             std::string unit) {
            table.rows.push_back({std::monostate{}, "", static_cast<double>(load.layer + 1),
                                  std::move(expert), std::move(figure), numberCell(value),
                                  std::move(unit)});
        };
        for (std::size_t e = 0; e < load.counts.size(); ++e) {
            const std::string name = expertTitle(run, static_cast<int>(e), text);
            add(name, text.translate("choices"), static_cast<double>(load.counts[e]), "");
            add(name, text.translate("share"), load.shares[e], "");
        }
        add("", text.translate("entropy"), load.entropy, "nats");
        add("", "MaxVio", load.maxViolation, "");
    }

    static void addToken(RowList& list, const trace::RunView& run, std::optional<int> token) {
        const SceneWriter& writer = list.writer;
        const std::string title =
            trace::isClip(run) ? writer.say("THIS PATCH") : writer.say("THIS TOKEN");
        if (!token) {
            list.head(title);
            list.note(
                trace::isClip(run)
                    ? writer.say("Point at a patch: its experts and their weights appear here.")
                    : writer.say("Point at a token: its experts and their weights appear here."),
                writer.theme.muted);
            return;
        }
        list.head(title, placeText(run, *token, writer.service), "expert");
        list.ends(quotedPlace(run, static_cast<std::size_t>(*token), writer.service), writer.mono(),
                  writer.say("weights of its experts"));
        list.space(0.5F);
        for (const trace::ExpertChoices& layer : run.experts) {
            addWeights(list, run, layer, static_cast<std::size_t>(*token));
        }
    }

    // One bar a layer, cut by the weights; beside its name, or below where that is narrow.
    static void addWeights(RowList& list,
                           const trace::RunView& run,
                           const trace::ExpertChoices& layer,
                           std::size_t token) {
        SceneWriter& writer = list.writer;
        const std::string name = layerName(layer.layer, writer.service);
        const float line = writer.line(writer.ui()) + writer.px(2);
        const float nameWidth =
            writer.width(layerName(98, writer.service), writer.ui()) + writer.theme.grid;
        const bool beside = list.width() - nameWidth >= writer.px(120);
        scene::Rect row = list.take(line);
        writer.label(beside ? scene::Rect{row.x, row.y, nameWidth, line} : row, name, writer.ui(),
                     writer.theme.muted);
        row = beside ? scene::Rect{row.x + nameWidth, row.y, row.width - nameWidth, line}
                     : list.take(line);
        float x = row.x;
        for (std::size_t i = layer.offsets[token]; i < layer.offsets[token + 1]; ++i) {
            const float width =
                std::min(row.width * std::max(0.0F, layer.weight[i]), row.right() - x);
            drawWeight(writer, {x, row.y + writer.px(1), width, line - writer.px(2)}, layer, i,
                       expertTitle(run, layer.index[i], writer.service));
            x += width;
        }
        list.space(0.5F);
    }

    static void drawWeight(SceneWriter& writer,
                           scene::Rect box,
                           const trace::ExpertChoices& layer,
                           std::size_t choice,
                           const std::string& name) {
        const int expert = layer.index[choice];
        const std::string weight = writer.service.number(double{layer.weight[choice]}, 2);
        const scene::Color color = scene::okabeIto(expert);
        const scene::Rect drawn{box.x, box.y, std::max(0.0F, box.width - writer.px(1)), box.height};
        writer.out.fill(drawn, color, writer.px(2));
        std::string words = name + ' ' + weight;
        for (const std::string& shorter : {name, expertLetter(expert)}) {
            const bool fits = writer.width(words, writer.ui()) + writer.theme.grid <= drawn.width;
            words = fits ? words : shorter;
        }
        if (writer.width(words, writer.ui()) <= drawn.width) {
            writer.label(drawn, words, writer.ui(), inkOn(color), scene::Align::Center);
        }
        writer.out.hit({box,
                        scene::HitKind::Body,
                        -1,
                        -1,
                        {},
                        fill(writer.say("%1, expert %2: weight %3"),
                             {layerName(layer.layer, writer.service), name,
                              writer.service.number(double{layer.weight[choice]}, 4)})});
    }

    static void
    addBars(RowList& list, const trace::TraceView& view, const trace::ExpertLoad& load) {
        const SceneWriter& writer = list.writer;
        const trace::RunView& run = *shownRun(view);
        const int experts = static_cast<int>(load.counts.size());
        const double fair = 1.0 / std::max(1, experts);
        const double widest =
            std::max(*std::max_element(load.shares.begin(), load.shares.end()), 1.5 * fair);
        std::vector<RowList::Bar> rows;
        for (int e = 0; e < experts; ++e) {
            const auto i = static_cast<std::size_t>(e);
            const std::string name = expertTitle(run, e, writer.service);
            const std::string count = writer.service.number(static_cast<double>(load.counts[i]), 0);
            const std::string share =
                scene::formatPercent(writer.service, std::round(load.shares[i] * 100) / 100);
            RowList::Bar bar;
            bar.label = name;
            bar.share = load.shares[i] / widest;
            bar.values = {count, share};
            bar.tip = fmt::format(
                "{}\n{}, {}",
                fill(writer.say("%1, expert %2: %3 choices, %4 of all; a fair share is %5"),
                     {layerName(load.layer, writer.service), name, count,
                      scene::formatPercent(writer.service, load.shares[i]),
                      scene::formatPercent(writer.service, fair)}),
                sourceText(view, writer.service), writer.say("measured"));
            bar.color = scene::okabeIto(e);
            bar.hatch = e % 2 == 1 ? kHatch : 0;
            bar.mark = fair / widest;
            bar.alarmed = load.counts[i] == 0 && load.hasEnoughChoices;
            rows.push_back(std::move(bar));
        }
        list.bars(rows);
    }
};

} // namespace

std::unique_ptr<Instrument> makeExpertPanel() {
    return std::make_unique<ExpertPanel>();
}

} // namespace depthscope::instruments
