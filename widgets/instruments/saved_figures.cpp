// SPDX-License-Identifier: MIT
#include "widgets/instruments/saved_figures.h"

#include "engine/trace/clip_run.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

namespace depthscope::instruments {

double percent(double own, double baseline) {
    return baseline > 0 ? (own / baseline - 1) * 100 : std::nan("");
}

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
        if (trace::isClip(*shownRun(view))) {
            return plain ? text.translate("this is the DiT")
                         : text.translate("no DiT to compare with");
        }
        return plain ? text.translate("this is the vanilla model")
                     : text.translate("no vanilla model to compare with");
    }
    return shownRun(view)->recursions() < 2 ? text.translate("no recursion to run in full")
                                            : text.translate("not computed");
}

namespace {

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

} // namespace

Balance balanceOf(const trace::TraceView& view, const scene::TextService& text) {
    Balance result;
    result.saved = {flopsEntry(*shownRun(view), text), timeEntry(view, text), kvEntry(view, text)};
    result.lost = {lossEntry(view, trace::kFullDepthRun, text.translate("vs full depth"), text),
                   lossEntry(view, trace::kVanillaRun, text.translate("vs vanilla"), text)};
    return result;
}

} // namespace depthscope::instruments
