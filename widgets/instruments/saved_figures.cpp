// SPDX-License-Identifier: MIT
#include "widgets/instruments/saved_figures.h"

#include "engine/trace/clip_run.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>
#include <optional>

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

bool isOfOtherKind(const trace::RunView& run, const trace::RunView& full) {
    return run.latest->kind != full.latest->kind;
}

constexpr double kEqualNats = 0.0005;

Entry flopsEntry(const trace::RunView& run, const scene::TextService& text) {
    const trace::StepCost cost = run.totalCost();
    Entry entry;
    entry.label = text.translate("FLOPs");
    entry.unit = "%";
    entry.ownUnit = "FLOP";
    entry.own = cost.flops;
    entry.baseline = cost.fullFlops;
    entry.value = percent(entry.own, entry.baseline);
    entry.measured = false;
    entry.words = wayOf(entry.value, kEqualPercent,
                        {text.translate("fewer FLOPs"), text.translate("more FLOPs"),
                         text.translate("fewer FLOPs")});
    if (std::isnan(entry.value)) {
        entry.why = text.translate("not counted");
    }
    return entry;
}

Entry timeEntry(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    const trace::RunView* full = view.other(trace::kFullDepthRun);
    Entry entry;
    entry.label = text.translate("time");
    entry.unit = "%";
    entry.ownUnit = "ms";
    entry.own = run.totalCost().milliseconds;
    if (full == nullptr) {
        entry.why = missing(view, trace::kFullDepthRun, text);
        return entry;
    }
    entry.baseline = full->totalCost().milliseconds;
    const std::optional<TimeFigure> time = timeFigure(view);
    if (!time) {
        entry.why = isOfOtherKind(run, *full)
                        ? text.translate("generation is not timed against one pass")
                        : text.translate("being timed\xE2\x80\xA6");
        return entry;
    }
    entry.own = time->own;
    entry.value = time->percent;
    entry.spread = time->spread;
    entry.isOld = time->isOld;
    entry.how = time->rounds == 0 ? text.translate("one pass each")
                : time->isOld     ? text.translate("before this change")
                                  : fill(text.translate("median of %1"),
                                         {text.number(static_cast<double>(time->rounds), 0)});
    entry.words = wayOf(
        entry.value, kEqualPercent,
        {text.translate("less time"), text.translate("more time"), text.translate("less time")});
    if (time->rounds > 0) {
        entry.why = noiseIn(entry.value, entry.spread, time->rounds, text);
    } else {
        entry.warns = true;
    }
    return entry;
}

Entry kvEntry(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    const trace::KvMemory& kv = run.latest->routing.kv;
    const trace::RunView* full = view.other(trace::kFullDepthRun);
    const bool reference = full != nullptr && full->latest->routing.kv.measuredBytes > 0;
    Entry entry;
    entry.label = text.translate("KV memory");
    entry.unit = "%";
    entry.ownUnit = "B";
    entry.own = static_cast<double>(kv.measuredBytes);
    entry.measured = reference;
    entry.baseline =
        static_cast<double>(reference ? full->latest->routing.kv.measuredBytes : kv.fullBytes);
    if (isCacheOff(kv)) {
        entry.own = std::nan("");
        entry.why = text.translate("no KV cache in use");
        return entry;
    }
    entry.value = percent(entry.own, entry.baseline);
    entry.words = wayOf(entry.value, kEqualPercent,
                        {text.translate("less KV memory"), text.translate("more KV memory"),
                         text.translate("less KV memory")});
    if (std::isnan(entry.value)) {
        entry.why = text.translate("no KV cache in this run");
    }
    return entry;
}

/// Mean of the known losses less two standard errors; NaN with too few to tell.
double surelyAbove(const trace::RunView& run) {
    constexpr double kLeast = 8;
    double count = 0;
    double sum = 0;
    double squares = 0;
    for (const float nll : run.nll) {
        if (!std::isnan(nll)) {
            count += 1;
            sum += double{nll};
            squares += double{nll} * double{nll};
        }
    }
    if (count < kLeast) {
        return std::nan("");
    }
    const double mean = sum / count;
    const double variance = std::max(0.0, squares / count - mean * mean) * count / (count - 1);
    return mean - 2 * std::sqrt(variance / count);
}

/// What a loss is compared with, in words.
struct Reference {
    std::string label;
    Ways ways;
};

/// The vanilla model, or the one that was chosen in its place, by its name.
Reference vanillaWords(const trace::RunView* run, const scene::TextService& text) {
    const spec::ModelInfo* model = run != nullptr ? run->latest->model.get() : nullptr;
    if (model == nullptr || (model->recursions < 2 && model->experts == 0)) {
        return {text.translate("vs vanilla"),
                {text.translate("better than vanilla"), text.translate("worse than vanilla"),
                 text.translate("as good as vanilla")}};
    }
    return {fill(text.translate("vs %1"), {model->name}),
            {fill(text.translate("better than %1"), {model->name}),
             fill(text.translate("worse than %1"), {model->name}),
             fill(text.translate("as good as %1"), {model->name})}};
}

/// Why the difference to a reference proves little; empty: nothing speaks against it.
std::string
doubtOf(const trace::RunView& reference, bool isUnlike, const scene::TextService& text) {
    if (reference.latest->offDistribution) {
        return reference.latest->key == trace::kFullDepthRun
                   ? text.translate("full depth is outside its training")
                   : text.translate("it is outside its training");
    }
    return isUnlike ? text.translate("text unlike the training data") : std::string();
}

Entry lossEntry(const trace::TraceView& view,
                const trace::RunKey& which,
                const Reference& words,
                const scene::TextService& text,
                bool isUnlike) {
    const trace::RunView& run = *shownRun(view);
    const trace::RunView* reference = view.other(which);
    Entry entry;
    entry.label = words.label;
    entry.unit = entry.ownUnit = "nats/token";
    entry.own = run.meanNll();
    if (run.latest->kind != trace::StepKind::Pass && run.promptPlaces < run.places()) {
        entry.why = text.translate("contains the model's samples"); // it always likes its own
    } else if (std::isnan(entry.own)) {
        entry.why = text.translate("needs at least two tokens");
    } else if (reference == nullptr) {
        entry.why = missing(view, which, text);
    } else {
        entry.baseline = reference->meanNll();
        entry.value = entry.own - entry.baseline;
        entry.words = wayOf(entry.value, kEqualNats, words.ways);
        entry.how = doubtOf(*reference, isUnlike, text);
        entry.warns = !entry.how.empty();
        entry.model = reference->latest->model ? reference->latest->model->name : std::string();
    }
    return entry;
}

} // namespace

std::string wayOf(double value, double equal, const Ways& ways) {
    return std::isnan(value)         ? std::string()
           : std::abs(value) < equal ? ways.equal
           : value < 0               ? ways.less
                                     : ways.more;
}

std::string unlikeTraining(const trace::RunView& run, const scene::TextService& text) {
    const spec::ModelInfo* model = run.latest->model.get();
    // Under another routing than it learned with, the text need not be the cause.
    if (!run.isText() || model == nullptr || run.latest->offDistribution) {
        return {};
    }
    const std::optional<spec::HeldOutLoss>& known = model->heldOut;
    if (!known || !(surelyAbove(run) > known->hardest)) {
        return {};
    }
    const std::string most =
        known->className.empty()
            ? fill(text.translate("%1 on held-out text"), {text.number(known->hardest, 2)})
            : fill(text.translate("at most %1 on held-out text (%2)"),
                   {text.number(known->hardest, 2), text.translate(known->className.c_str())});
    return fill(text.translate("Unlike the training data of %1: %2 nats per token here, %3"),
                {model->name, text.number(run.meanNll(), 2), most});
}

std::string noiseIn(double percent, double spread, int rounds, const scene::TextService& text) {
    constexpr int kLeastRounds = 4;
    if (rounds < kLeastRounds) {
        return text.translate("too few rounds to tell");
    }
    return std::abs(percent) < spread ? text.translate("too noisy to tell") : std::string();
}

std::optional<TimeFigure> timeFigure(const trace::TraceView& view) {
    const trace::RunView* run = shownRun(view);
    const trace::RunView* full = view.other(trace::kFullDepthRun);
    if (run == nullptr || full == nullptr || isOfOtherKind(*run, *full)) {
        return std::nullopt;
    }
    const trace::StepCost& cost = full->latest->routing.cost;
    // Single passes differ by more than routing saves: they stand for nothing that is timed soon.
    const bool comes = view.computing || !view.awaited.empty();
    if (cost.rounds == 0 && comes) {
        return std::nullopt;
    }
    TimeFigure time;
    time.rounds = cost.rounds;
    time.full = full->totalCost().milliseconds;
    time.own = cost.rounds > 0 ? cost.routedMilliseconds : run->totalCost().milliseconds;
    time.percent = percent(time.own, time.full);
    time.spread = double{cost.roundsSpread};
    time.isOld = cost.rounds > 0 && full->latest->revision != run->latest->revision;
    return time;
}

Balance balanceOf(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    const trace::RunView* vanilla = view.other(trace::kVanillaRun);
    Balance result;
    result.unlike = unlikeTraining(run, text);
    const bool isUnlike = !result.unlike.empty();
    const bool isUnlikeVanilla =
        isUnlike || (vanilla != nullptr && !unlikeTraining(*vanilla, text).empty());
    result.saved = {flopsEntry(run, text), timeEntry(view, text), kvEntry(view, text)};
    result.lost = {
        lossEntry(
            view, trace::kFullDepthRun,
            {text.translate("vs full depth"),
             {text.translate("better than full depth"), text.translate("worse than full depth"),
              text.translate("as good as full depth")}},
            text, isUnlike),
        lossEntry(view, trace::kVanillaRun, vanillaWords(vanilla, text), text, isUnlikeVanilla)};
    return result;
}

} // namespace depthscope::instruments
