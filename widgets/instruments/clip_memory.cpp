// SPDX-License-Identifier: MIT
#include "widgets/instruments/clip_memory.h"

#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>

namespace depthscope::instruments {

namespace {

/// The layers outside the recursion (0) or a recursion: what runs there in one denoising step.
struct Part {
    int recursion = 0;
    std::int64_t given = 0;     ///< patches whose keys and values are kept
    std::int64_t predicted = 0; ///< patches that run it
    std::int64_t bytesPerPatch = 0;
};

/// Without given frames there is no record of keys, but the depths are known.
std::vector<Part> partsOf(const trace::RunView& run) {
    std::vector<Part> parts;
    const auto predicted = [&](int recursion) {
        std::int64_t count = 0;
        for (std::size_t place = trace::givenPlaces(run); place < run.places(); ++place) {
            count += recursion == 0 || trace::isKept(run, recursion - 1, place) ? 1 : 0;
        }
        return count;
    };
    for (const trace::KvGroup& group : run.latest->routing.kv.groups) {
        parts.push_back(
            {group.recursion, group.entries, predicted(group.recursion), group.bytesPerToken});
    }
    if (parts.empty()) {
        const int last = run.recursions() > 1 ? run.recursions() : 0;
        for (int r = std::min(last, 1); r <= last; ++r) {
            parts.push_back({r, 0, predicted(r), 0});
        }
    }
    return parts;
}

std::string partName(const Part& part, const trace::RunView& run, const scene::TextService& text) {
    if (part.recursion > 0) {
        return fill(text.translate("recursion %1"), {text.number(part.recursion, 0)});
    }
    return run.recursions() > 1 ? text.translate("unshared") : text.translate("all layers");
}

class ClipMemory final : public RowListPanel {
public:
    [[nodiscard]] const char* id() const override { return "panel.kv"; }

    [[nodiscard]] const char* title() const override { return "KV MEMORY"; }

    [[nodiscard]] Traits traits() const override { return {}; }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        Table table;
        const std::string bytes = text.translate("bytes");
        const std::string patches = text.translate("patches");
        table.columns = {{text.translate("part"), ""},
                         {text.translate("given, kept"), patches},
                         {text.translate("given, kept"), bytes},
                         {text.translate("predicted, this step"), patches},
                         {text.translate("predicted, this step"), bytes}};
        const trace::RunView& run = *shownRun(view);
        for (const Part& part : partsOf(run)) {
            const auto size = static_cast<double>(part.bytesPerPatch);
            table.rows.push_back({partName(part, run, text), static_cast<double>(part.given),
                                  size * static_cast<double>(part.given),
                                  static_cast<double>(part.predicted),
                                  size * static_cast<double>(part.predicted)});
        }
        const trace::KvMemory& kv = run.latest->routing.kv;
        table.rows.push_back({text.translate("measured"), std::monostate{},
                              static_cast<double>(kv.measuredBytes), std::monostate{},
                              std::monostate{}});
        table.rows.push_back({text.translate("full depth"), std::monostate{},
                              static_cast<double>(kv.fullBytes), std::monostate{},
                              std::monostate{}});
        return table;
    }

    [[nodiscard]] std::string
    tip(const trace::TraceView&, const scene::Hit& hit, const scene::TextService&) const override {
        return hit.tip;
    }

protected:
    [[nodiscard]] std::string
    emptyState(const trace::TraceView&, const Cursor&, const scene::TextService&) const override {
        return {};
    }

    void fillRows(RowList& list, const trace::TraceView& view, const Cursor&) const override {
        const trace::RunView& run = *shownRun(view);
        const SceneWriter& writer = list.writer;
        const std::vector<Part> parts = partsOf(run);
        const bool wide = list.width() >= writer.px(520);
        const float gap = 3 * writer.theme.grid;
        const float width = wide ? (list.width() - gap) / 2 : list.width();
        RowList cache(list, list.left(), width);
        addCache(cache, view, parts);
        RowList pass(wide ? list : cache, list.left() + (wide ? width + gap : 0), width);
        addPass(pass, view, parts);
        list.continueAt(std::max(cache.y(), pass.y()));
    }

    [[nodiscard]] std::string summary(const trace::TraceView& view,
                                      const Cursor&,
                                      const scene::TextService& text) const override {
        return fill(text.translate("Context cache: %1."), {stateOf(*shownRun(view), text)});
    }

private:
    /// "48 KiB of 64 KiB (-25 %)", or why there is none.
    [[nodiscard]] static std::string stateOf(const trace::RunView& run,
                                             const scene::TextService& text) {
        const trace::KvMemory& kv = run.latest->routing.kv;
        if (kv.groups.empty()) {
            return text.translate("no given frames, so nothing is kept");
        }
        return isCacheOff(kv) ? text.translate("off, made again in each step")
                              : kvMemoryText(kv, text);
    }

    static void
    addCache(RowList& list, const trace::TraceView& view, const std::vector<Part>& parts) {
        const trace::RunView& run = *shownRun(view);
        const SceneWriter& writer = list.writer;
        const trace::KvMemory& kv = run.latest->routing.kv;
        list.head(writer.say("CONTEXT CACHE"), stateOf(run, writer.service));
        if (kv.groups.empty()) {
            return;
        }
        list.note(
            isCacheOff(kv)
                ? writer.say("What keys and values of the given frames would take:")
                : writer.say("Keys and values of the given frames, kept over all denoising steps:"),
            writer.theme.muted);
        const auto patches = static_cast<double>(std::max<std::size_t>(1, trace::givenPlaces(run)));
        std::vector<RowList::Bar> rows;
        for (const Part& part : parts) {
            const double bytes =
                static_cast<double>(part.bytesPerPatch) * static_cast<double>(part.given);
            RowList::Bar bar;
            bar.label = partName(part, run, writer.service);
            bar.share = static_cast<double>(part.given) / patches;
            bar.values = {writer.service.number(static_cast<double>(part.given), 0),
                          scene::formatBytes(writer.service, bytes)};
            bar.color = scene::seriesColor(writer.theme, part.recursion, run.recursions());
            bar.tip = fmt::format(
                "{}\n{}, {}",
                fill(writer.say("%1: keys and values of %2 of %3 given patches, %4 bytes"),
                     {bar.label, bar.values[0], writer.service.number(patches, 0),
                      writer.service.number(bytes, 0)}),
                sourceText(view, writer.service), writer.say("computed; the total is measured"));
            rows.push_back(std::move(bar));
        }
        list.bars(rows, {writer.say("patches"), writer.say("bytes")});
        if (!isCacheOff(kv)) {
            list.space(0.5F);
            list.note(
                fill(writer.say("measured %1, predicted %2"),
                     {scene::formatBytes(writer.service, static_cast<double>(kv.measuredBytes)),
                      scene::formatBytes(writer.service, static_cast<double>(kv.predictedBytes))}),
                writer.theme.muted);
        }
    }

    static void
    addPass(RowList& list, const trace::TraceView& view, const std::vector<Part>& parts) {
        const trace::RunView& run = *shownRun(view);
        const SceneWriter& writer = list.writer;
        const auto all =
            static_cast<double>(std::max<std::size_t>(1, run.places() - trace::givenPlaces(run)));
        list.head(writer.say("ONE STEP"), writer.say("keys and values made"), "denoising step");
        list.note(run.latest->routing.kv.groups.empty()
                      ? writer.say("Predicted patches that run each part:")
                      : writer.say("Predicted patches that run each part; they attend to what is "
                                   "kept of the given ones:"),
                  writer.theme.muted);
        std::vector<RowList::Bar> rows;
        for (const Part& part : parts) {
            const auto count = static_cast<double>(part.predicted);
            const double bytes = static_cast<double>(part.bytesPerPatch) * count;
            RowList::Bar bar;
            bar.label = partName(part, run, writer.service);
            bar.share = count / all;
            bar.values = {writer.service.number(count, 0),
                          bytes > 0 ? scene::formatBytes(writer.service, bytes) : ""};
            bar.color = scene::seriesColor(writer.theme, part.recursion, run.recursions());
            bar.tip = fmt::format("{}\n{}, {}",
                                  fill(writer.say("%1: %2 of %3 predicted patches"),
                                       {bar.label, bar.values[0], writer.service.number(all, 0)}),
                                  sourceText(view, writer.service), writer.say("measured"));
            rows.push_back(std::move(bar));
        }
        list.bars(rows, {writer.say("patches"), writer.say("bytes")});
    }
};

} // namespace

std::unique_ptr<RowListPanel> makeClipMemory() {
    return std::make_unique<ClipMemory>();
}

} // namespace depthscope::instruments
