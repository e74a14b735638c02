// SPDX-License-Identifier: MIT
// KV memory along the tokens: what each recursion's cache holds so far, against a cache of
// everything.
#include "engine/base/text.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/clip_memory.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/kv_bands.h"
#include "widgets/instruments/kv_policies.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/printed.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

namespace depthscope::instruments {

namespace {

class KvPanel final : public Instrument, public Printed {
public:
    [[nodiscard]] const char* id() const override { return "panel.kv"; }

    [[nodiscard]] const char* title() const override { return "KV MEMORY"; }

    [[nodiscard]] Traits traits() const override {
        return {.axis = Axis::Places, .column = Column::Center, .height = {.share = 28}};
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        const trace::RunView* run = shownRun(view);
        if (run == nullptr) {
            return drawEmpty(
                view, viewport,
                viewport.text->translate("Type or paste some text: the bytes of its keys and "
                                         "values appear here, token by token."));
        }
        if (trace::isClip(*run)) {
            return m_clip->draw(view, state, cursor, viewport);
        }
        if (run->latest->routing.kv.groups.empty()) {
            SceneWriter writer(viewport);
            return writer.empty(
                writer.say("This run cached no keys and values, so no memory is shown."));
        }
        return drawKvBands(view, state, cursor, viewport);
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        if (isOfClip(shown.view)) {
            return m_clip->respond(shown, input);
        }
        InputContext context{shown, *this};
        context.rowsAreRecursions = false;
        return respondTo(context, input);
    }

    [[nodiscard]] std::string tip(const trace::TraceView& view,
                                  const scene::Hit& hit,
                                  const scene::TextService& text) const override {
        if (isOfClip(view)) {
            return m_clip->tip(view, hit, text);
        }
        const trace::RunView* run = shownRun(view);
        if (run == nullptr || hit.column < 0 || hit.column >= static_cast<int>(run->places())) {
            return {};
        }
        const auto token = static_cast<std::size_t>(hit.column);
        std::string tip = fmt::format("{}  {}", quotedPlace(*run, token, text),
                                      placeText(*run, hit.column, text));
        double sum = 0, own = 0;
        for (const trace::KvGroup& group : run->latest->routing.kv.groups) {
            const auto upTo = static_cast<double>(cumulative(*run, group)[token + 1]);
            tip += fmt::format("\n{}: {}", groupName(group, text), scene::formatBytes(text, upTo));
            sum += upTo;
            own += static_cast<double>(trace::storedBytes(*run, group, token));
        }
        tip += '\n' + fill(text.translate("up to here: %1 bytes"), {text.number(sum, 0)});
        tip += '\n' + fill(text.translate("this token: %1 bytes kept, %2 bytes saved"),
                           {text.number(own, 0),
                            text.number(static_cast<double>(trace::savedBytes(*run, token)), 0)});
        tip += policyTip(policyCurves(*run), token, text);
        const std::string kind =
            isCacheOff(run->latest->routing.kv)
                ? text.translate("computed: what a cache would hold; none is in use")
                : text.translate("computed from entries; the total is measured");
        return fmt::format("{}\n{}, {}", tip, sourceText(view, text), kind);
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        if (isOfClip(view)) {
            return m_clip->table(view, text);
        }
        const trace::RunView* run = shownRun(view);
        Table table;
        const std::string bytes = text.translate("bytes");
        table.columns = placeColumns(run, text);
        std::vector<Bytes> sums;
        if (run != nullptr) {
            for (const trace::KvGroup& group : run->latest->routing.kv.groups) {
                table.columns.push_back({groupName(group, text), bytes});
                sums.push_back(cumulative(*run, group));
            }
        }
        table.columns.push_back({text.translate("sum"), bytes});
        table.columns.push_back({text.translate("full cache"), bytes});
        std::vector<PolicyCurve> curves;
        if (run != nullptr) {
            curves = policyCurves(*run);
            addPolicyColumns(table, curves, text);
        }
        for (std::size_t t = 0; run != nullptr && t < run->places(); ++t) {
            std::vector<Table::Cell> row = placeCells(*run, t, text);
            double sum = 0;
            for (const Bytes& group : sums) {
                row.emplace_back(static_cast<double>(group[t + 1]));
                sum += static_cast<double>(group[t + 1]);
            }
            row.emplace_back(sum);
            row.emplace_back(static_cast<double>(run->latest->routing.kv.fullBytes) *
                             static_cast<double>(t + 1) / static_cast<double>(run->places()));
            addPolicyCells(row, curves, t);
            table.rows.push_back(std::move(row));
        }
        return table;
    }

    [[nodiscard]] float contentHeight(const trace::TraceView& view,
                                      const Cursor& cursor,
                                      const Viewport& viewport) const override {
        return isOfClip(view) ? m_clip->contentHeight(view, cursor, viewport) : 0;
    }

    [[nodiscard]] AxisTitles axisTitles(const trace::TraceView& view,
                                        const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        if (run == nullptr || isOfClip(view) || run->latest->routing.kv.groups.empty()) {
            return {};
        }
        return {text.translate("token"), text.translate("bytes")};
    }

private:
    [[nodiscard]] static bool isOfClip(const trace::TraceView& view) {
        const trace::RunView* run = shownRun(view);
        return run != nullptr && trace::isClip(*run);
    }

    std::unique_ptr<RowListPanel> m_clip = makeClipMemory();
};

} // namespace

std::unique_ptr<Instrument> makeKvPanel() {
    return std::make_unique<KvPanel>();
}

} // namespace depthscope::instruments
