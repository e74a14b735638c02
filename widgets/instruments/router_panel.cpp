// SPDX-License-Identifier: MIT
// How the router behaves over the whole text: tokens left, scores, load, and what difficulty
// classes get.
#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/class_rows.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/row_list.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr auto kMotion = static_cast<std::uint8_t>(trace::PatchClass::Motion);
constexpr std::size_t kBins = 24;
constexpr const char* kDash = "\xE2\x80\x93";

bool choosesToken(const trace::RunView& run) {
    return run.latest->model && run.latest->model->router == spec::RouterKind::Token;
}

/// Where the rule cuts the scores of a recursion, and what to call it; nothing where it does not.
struct Cut {
    std::optional<double> score;
    std::string name;
};

Cut cutOf(const trace::RunView& run, int recursion, const scene::TextService& text) {
    const settings::RoutingSettings& routing = run.latest->settings;
    const bool sigmoid = !run.latest->model || run.latest->model->routerFunction == "sigmoid";
    if (routing.rule == settings::Rule::Threshold && sigmoid) {
        return {recursion > 0 ? std::optional<double>(routing.tau) : std::nullopt,
                fill(text.translate("threshold %1"), {text.number(routing.tau, 2)})};
    }
    if (choosesToken(run)) {
        return {};
    }
    // Nothing either where the score does not decide.
    const std::optional<double> lowest = trace::cutScore(run, recursion);
    return {lowest, lowest ? fill(text.translate("cut at %1"), {text.number(*lowest, 2)}) : ""};
}

std::string wholePercent(double share, const scene::TextService& text) {
    return scene::formatPercent(text, std::round(share * 100) / 100);
}

/// The run whose router is described: of a clip what is predicted, since what was given is routed
/// apart from it.
class Described {
public:
    explicit Described(const trace::RunView& run)
        : m_whole(run) {
        if (trace::isClip(run)) {
            m_part = trace::predictedPart(run);
        }
    }

    [[nodiscard]] const trace::RunView& run() const { return m_part ? *m_part : m_whole; }

private:
    const trace::RunView& m_whole;
    std::optional<trace::RunView> m_part;
};

/// What stands at the places of a run, as a unit.
std::string unitOf(const trace::RunView& run, const scene::TextService& text) {
    return trace::isClip(run) ? text.translate("patches") : text.translate("tokens");
}

class RouterPanel final : public RowListPanel {
public:
    [[nodiscard]] const char* id() const override { return "panel.router"; }

    [[nodiscard]] const char* title() const override { return "ROUTER"; }

    [[nodiscard]] Traits traits() const override {
        return {.height = {.share = 68}, .isFor = [](const spec::ModelInfo& model) {
                    return model.experts == 0 || model.router != spec::RouterKind::None;
                }};
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        Table table;
        table.columns = {{text.translate("section"), ""},
                         {text.translate("row"), ""},
                         {text.translate("figure"), ""},
                         {text.translate("value"), ""},
                         {text.translate("unit"), ""}};
        if (shownRun(view) == nullptr) {
            return table;
        }
        const Described described(*shownRun(view));
        const trace::RunView& run = described.run();
        const auto add = [&](std::string section, std::string row, std::string figure, double value,
                             std::string unit) {
            table.rows.push_back({std::move(section), std::move(row), std::move(figure),
                                  numberCell(value), std::move(unit)});
        };
        addRouterRows(run, text, add);
        addClassCells(table, run, text);
        if (trace::isClip(run) && run.hasClasses()) {
            add(text.translate("classes"), className(run, kMotion, text),
                text.translate("AUC of depth"), trace::depthAuc(run, trace::PatchClass::Motion),
                "");
        }
        return table;
    }

protected:
    [[nodiscard]] std::string emptyState(const trace::TraceView& view,
                                         const Cursor&,
                                         const scene::TextService& text) const override {
        return shownRun(view) != nullptr
                   ? std::string()
                   : text.translate("Type or paste some text: the number of tokens that each "
                                    "recursion keeps, and their scores, appear here.");
    }

    void fillRows(RowList& list, const trace::TraceView& view, const Cursor&) const override {
        const Described described(*shownRun(view));
        const trace::RunView& run = described.run();
        const std::string reason = noRouterReason(run, list.writer.service);
        if (reason.empty()) {
            addTokensLeft(list, view, run);
        } else {
            list.head(leftTitle(run, list.writer));
            list.note(reason, list.writer.theme.muted);
        }
        // What depth is good for goes before how it came about.
        const bool first = run.hasClasses();
        if (first) {
            addClassRows(list, run);
            addAuc(list, view, run);
        }
        if (reason.empty()) {
            addScores(list, run);
            addLoad(list, run);
        }
        if (!first) {
            addClassRows(list, run);
        }
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor&,
                                      const scene::TextService& text) const override {
        const trace::RunView& run = *shownRun(view);
        const std::string reason = noRouterReason(run, text);
        if (!reason.empty()) {
            return reason;
        }
        const std::string verdict = depthVerdict(run, trace::classDepths(run), text);
        return verdict.empty() ? runSummary(run, text)
                               : fmt::format("{} {}", runSummary(run, text), verdict);
    }

private:
    template <typename Add>
    static void addRouterRows(const trace::RunView& run, const scene::TextService& text, Add add) {
        const auto name = [&](std::size_t r) {
            return fill(text.translate("recursion %1"),
                        {text.number(static_cast<double>(r + 1), 0)});
        };
        const std::vector<std::size_t> left = trace::tokensLeft(run);
        for (std::size_t r = 0; r < left.size(); ++r) {
            add(text.translate("tokens left"), name(r), text.translate("count"),
                static_cast<double>(left[r]), unitOf(run, text));
        }
        const auto histograms = trace::scoreHistograms(run, kBins);
        for (std::size_t r = 0; r < histograms.size(); ++r) {
            const trace::Histogram& h = histograms[r];
            for (std::size_t i = 0; i < h.counts.size(); ++i) {
                const double low = h.range.low + (h.range.high - h.range.low) *
                                                     static_cast<double>(i) /
                                                     static_cast<double>(h.counts.size());
                add(scoreName(run, text), name(r),
                    fill(text.translate("from %1"), {text.number(low, 4)}),
                    static_cast<double>(h.counts[i]), unitOf(run, text));
            }
        }
        const std::vector<double> loads = trace::exitShares(run);
        for (std::size_t r = 0; r < loads.size(); ++r) {
            add(text.translate("load"), name(r), text.translate("share"), loads[r], "");
        }
        add(text.translate("load"), "", text.translate("entropy"), trace::entropy(loads), "nats");
        add(text.translate("load"), "", "MaxVio", trace::maxViolation(loads), "");
        add(text.translate("load"), "", text.translate("mean depth"), trace::meanDepth(run),
            text.translate("recursions"));
    }

    static std::string recursionName(const SceneWriter& writer, std::size_t r) {
        return fill(writer.say("recursion %1"),
                    {writer.service.number(static_cast<double>(r + 1), 0)});
    }

    static std::string leftTitle(const trace::RunView& run, const SceneWriter& writer) {
        return trace::isClip(run) ? writer.say("PATCHES LEFT") : writer.say("TOKENS LEFT");
    }

    static void
    addTokensLeft(RowList& list, const trace::TraceView& view, const trace::RunView& run) {
        const SceneWriter& writer = list.writer;
        const auto all = static_cast<double>(run.places());
        list.head(
            leftTitle(run, writer),
            fill(writer.say("mean depth %1"), {writer.service.number(trace::meanDepth(run), 2)}),
            trace::isClip(run) ? nullptr : "active tokens");
        if (shownRun(view)->places() > run.places()) {
            list.note(writer.say("Of the predicted patches: the given ones are routed apart."),
                      writer.theme.muted);
        }
        std::vector<RowList::Bar> rows;
        const std::vector<std::size_t> left = trace::tokensLeft(run);
        for (std::size_t r = 0; r < left.size(); ++r) {
            const auto count = static_cast<double>(left[r]);
            const std::string figure = writer.service.number(count, 0);
            rows.push_back(
                {recursionName(writer, r),
                 count / all,
                 {figure, wholePercent(count / all, writer.service)},
                 fmt::format(
                     "{}\n{}, {}",
                     fill(trace::isClip(run) ? writer.say("%1: patches left %2 of %3")
                                             : writer.say("%1: tokens left %2 of %3"),
                          {recursionName(writer, r), figure, writer.service.number(all, 0)}),
                     sourceText(view, writer.service), writer.say("measured"))});
        }
        list.bars(rows);
    }

    static void addScores(RowList& list, const trace::RunView& run) {
        SceneWriter& writer = list.writer;
        const auto histograms = trace::scoreHistograms(run, kBins);
        const bool any = std::any_of(histograms.begin(), histograms.end(),
                                     [](const trace::Histogram& h) { return h.total > 0; });
        list.head(settings::watchesChange(run.latest->settings.rule) ? writer.say("CHANGE")
                                                                     : writer.say("ROUTER SCORE"),
                  !any                 ? ""
                  : trace::isClip(run) ? writer.say("patches per score")
                                       : writer.say("tokens per score"),
                  settings::watchesChange(run.latest->settings.rule) ? "change" : "score");
        if (!any) {
            list.note(writer.say("This rule does not compute router scores."), writer.theme.muted);
            return;
        }
        const std::string undecided = undecidedReason(run, writer.service);
        if (!undecided.empty()) {
            list.note(undecided, writer.theme.muted);
            list.space(0.5F);
        }
        for (std::size_t r = 0; r < histograms.size(); ++r) {
            const Cut cut = cutOf(run, static_cast<int>(r), writer.service);
            list.ends(recursionName(writer, r), writer.small(), cut.score ? cut.name : "");
            drawHistogram(writer, list.take(writer.px(36)), histograms[r], cut.score);
            list.space(0.75F);
        }
        const scene::Rect ends = list.take(writer.line(writer.small()));
        const trace::ScoreRange range = histograms.front().range;
        writer.label(ends, scoreText(range, range.low, 1, writer.service), writer.small(),
                     writer.theme.muted);
        writer.label(ends, scoreText(range, range.high, 1, writer.service), writer.small(),
                     writer.theme.muted, scene::Align::Right);
    }

    // Bars over a strip in the heat map's colours, which is the axis.
    static void drawHistogram(SceneWriter& writer,
                              scene::Rect box,
                              const trace::Histogram& histogram,
                              std::optional<double> cut) {
        const float strip = writer.px(3);
        const float base = box.bottom() - strip - writer.px(1);
        const float step = box.width / static_cast<float>(histogram.counts.size());
        const std::size_t most =
            *std::max_element(histogram.counts.begin(), histogram.counts.end());
        for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
            const float x = box.x + step * static_cast<float>(i);
            const float middle =
                (static_cast<float>(i) + 0.5F) / static_cast<float>(histogram.counts.size());
            writer.out.fill({x, base + writer.px(1), step, strip},
                            scene::scoreColor(writer.theme, middle));
            if (histogram.counts[i] == 0) {
                continue;
            }
            const float share = static_cast<float>(histogram.counts[i]) / static_cast<float>(most);
            const float height = std::max(writer.px(1.5F), (base - box.y) * share);
            const bool above = !cut || double{middle} >= histogram.range.share(*cut);
            const scene::Color left = scene::mix(writer.theme.muted, writer.theme.surface, 0.55F);
            writer.out.fill({x, base - height, std::max(1.0F, step - writer.px(1)), height},
                            above ? writer.theme.muted : left);
        }
        if (cut) {
            const float x = box.x + box.width * static_cast<float>(histogram.range.share(*cut));
            writer.out.line({x, box.y}, {x, box.bottom()}, writer.theme.text, writer.px(1.5F));
        }
    }

    static void addLoad(RowList& list, const trace::RunView& run) {
        if (!choosesToken(run)) {
            return;
        }
        const SceneWriter& writer = list.writer;
        const std::vector<double> loads = trace::exitShares(run);
        list.head(writer.say("LOAD"),
                  trace::isClip(run) ? writer.say("patches that end after")
                                     : writer.say("tokens that end after"),
                  "exit share");
        std::vector<RowList::Bar> rows;
        for (std::size_t r = 0; r < loads.size(); ++r) {
            rows.push_back(
                {recursionName(writer, r), loads[r], {wholePercent(loads[r], writer.service)}, {}});
        }
        list.bars(rows);
        list.space(0.5F);
        list.pair(writer.say("entropy"),
                  fill(writer.say("%1 of %2 nats"),
                       {writer.service.number(trace::entropy(loads), 3),
                        writer.service.number(std::log(static_cast<double>(loads.size())), 3)}),
                  "entropy");
        list.pair("MaxVio", writer.service.number(trace::maxViolation(loads), 3), "MaxVio");
    }

    /// Whether depth goes where something moves is measured, not assumed.
    static void addAuc(RowList& list, const trace::TraceView& view, const trace::RunView& run) {
        if (!trace::isClip(run) || !run.hasClasses() || !hasRouter(run)) {
            return;
        }
        const SceneWriter& writer = list.writer;
        const double auc = trace::depthAuc(run, trace::PatchClass::Motion);
        list.space(0.75F);
        const float top = list.y();
        list.pair(writer.say("AUC of depth against motion"),
                  std::isnan(auc) ? kDash : writer.service.number(auc, 2));
        list.note(std::isnan(auc)
                      ? writer.say("Nothing to compare: all patches are equally deep, or of "
                                   "motion there is none or nothing else.")
                      : writer.say("How often a moving patch is deeper than another, ties half: "
                                   "0.5 is chance, below it depth avoids motion."),
                  writer.theme.muted);
        list.writer.out.hit(
            {{list.left(), top, list.width(), list.y() - top},
             scene::HitKind::Body,
             -1,
             -1,
             {},
             fmt::format("{}\n{}, {}",
                         fill(writer.say("AUC of depth against motion: %1"),
                              {writer.service.number(auc, 4)}),
                         sourceText(view, writer.service), writer.say("measured"))});
    }
};

} // namespace

std::unique_ptr<Instrument> makeRouterPanel() {
    return std::make_unique<RouterPanel>();
}

} // namespace depthscope::instruments
