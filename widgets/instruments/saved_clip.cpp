// SPDX-License-Identifier: MIT
// SAVED / LOST of a clip: costs of all its denoising steps so far, and how close its prediction is.
#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "widgets/instruments/saved_figures.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

namespace depthscope::instruments {

namespace {

constexpr double kEqual = 0.005; // dB: less is not shown

/// What a run is compared with, and what its lines are called.
struct Reference {
    trace::RunKey key;
    std::string flops;
    std::string time;
    std::string than; ///< behind "fewer FLOPs"
    std::string lost; ///< where there is no value
    std::string better;
    std::string worse;
    std::string equal;
};

/// What the model that runs beside is called.
std::string plainName(const trace::TraceView& view, const scene::TextService& text) {
    constexpr float kWidest = 130; // behind "FLOPs, vs" in a narrow panel
    const trace::RunView* run = view.other(trace::kVanillaRun);
    return run != nullptr && run->latest->model
               ? text.elide(run->latest->model->name, scene::TextStyle{}, kWidest)
               : "DiT";
}

std::vector<Reference> references(const trace::TraceView& view, const scene::TextService& text) {
    const std::string plain = plainName(view, text);
    const auto say = [&](const char* words) { return fill(text.translate(words), {plain}); };
    return {{trace::kFullDepthRun, text.translate("FLOPs, vs full depth"),
             text.translate("time, vs full depth"), text.translate("than full depth"),
             text.translate("vs full depth"), text.translate("better than full depth"),
             text.translate("worse than full depth"), text.translate("as good as full depth")},
            {trace::kVanillaRun, say("FLOPs, vs %1"), say("time, vs %1"), say("than %1"),
             say("vs %1"), say("better than %1"), say("worse than %1"), say("as good as %1")}};
}

/// A reference of as many steps as the run; null: there is none yet.
const trace::RunView* comparable(const trace::TraceView& view, const trace::RunKey& key) {
    const trace::RunView* other = view.other(key);
    return other != nullptr && other->costs.size() == shownRun(view)->costs.size() ? other
                                                                                   : nullptr;
}

std::string
notThere(const trace::TraceView& view, const trace::RunKey& key, const scene::TextService& text) {
    return view.other(key) != nullptr && !view.awaits(key)
               ? text.translate("has a different number of steps")
               : missing(view, key, text);
}

/// "fewer FLOPs than full depth"
std::string wayThan(double value,
                    const Reference& reference,
                    const char* less,
                    const char* more,
                    const scene::TextService& text) {
    const std::string below = fmt::format("{} {}", text.translate(less), reference.than);
    return wayOf(value, kEqualPercent,
                 {below, fmt::format("{} {}", text.translate(more), reference.than), below});
}

Entry flopsEntry(const trace::TraceView& view,
                 const Reference& reference,
                 const scene::TextService& text) {
    const trace::StepCost cost = shownRun(view)->totalCost();
    Entry entry;
    entry.label = reference.flops;
    entry.unit = "%";
    entry.ownUnit = "FLOP";
    entry.measured = false;
    entry.own = cost.flops;
    if (reference.key == trace::kFullDepthRun) {
        entry.baseline = cost.fullFlops;
    } else if (const trace::RunView* other = comparable(view, reference.key)) {
        entry.baseline = other->totalCost().flops;
    } else {
        entry.why = notThere(view, reference.key, text);
    }
    entry.value = percent(entry.own, entry.baseline);
    entry.words = wayThan(entry.value, reference, "fewer FLOPs", "more FLOPs", text);
    if (std::isnan(entry.value) && entry.why.empty()) {
        entry.why = text.translate("not counted");
    }
    return entry;
}

/// Medians where the reference ran in turns with this run.
void compareTimes(Entry& entry, const trace::RunView& reference, const scene::TextService& text) {
    double inTurns = 0;
    int rounds = reference.costs.empty() ? 0 : reference.costs.front().rounds;
    for (const trace::StepCost& cost : reference.costs) {
        inTurns += cost.routedMilliseconds;
        rounds = std::min(rounds, cost.rounds);
    }
    entry.how = text.translate("single runs");
    if (rounds > 0) {
        entry.own = inTurns;
        entry.spread = double{reference.costs.front().roundsSpread}; // of whole runs
        entry.how = fill(text.translate("median of %1"), {text.number(rounds, 0)});
    }
    entry.baseline = reference.totalCost().milliseconds;
    entry.value = percent(entry.own, entry.baseline);
    if (std::isnan(entry.value)) {
        entry.why = text.translate("not measured");
    } else if (rounds > 0) {
        entry.why = noiseIn(entry.value, entry.spread, rounds, text);
    } else {
        entry.warns = true; // a single run of each
    }
}

Entry timeEntry(const trace::TraceView& view,
                const Reference& reference,
                const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    Entry entry;
    entry.label = reference.time;
    entry.unit = "%";
    entry.ownUnit = "ms";
    entry.own = run.totalCost().milliseconds;
    const trace::RunView* other = comparable(view, reference.key);
    if (other == nullptr) {
        entry.why = notThere(view, reference.key, text);
    } else {
        compareTimes(entry, *other, text);
        entry.words = wayThan(entry.value, reference, "less time", "more time", text);
    }
    return entry;
}

Entry memoryEntry(const trace::TraceView& view, const scene::TextService& text) {
    const trace::KvMemory& kv = shownRun(view)->latest->routing.kv;
    Entry entry;
    entry.label = text.translate("context cache");
    entry.unit = "%";
    entry.ownUnit = "B";
    entry.own = static_cast<double>(kv.measuredBytes);
    entry.baseline = static_cast<double>(kv.fullBytes);
    entry.how = text.translate("vs full depth");
    entry.value = percent(entry.own, entry.baseline);
    const std::string less = text.translate("less context cache");
    entry.words =
        wayOf(entry.value, kEqualPercent, {less, text.translate("more context cache"), less});
    if (isCacheOff(kv)) {
        entry.why = text.translate("no context cache in use");
    } else if (std::isnan(entry.value)) {
        entry.why = text.translate("no given frames to keep");
    }
    return entry;
}

double psnrOf(const trace::RunView& run) {
    const trace::ClipContent* clip = run.latest->clip();
    return clip == nullptr ? std::nan("") : clip->psnr;
}

Entry lossAgainst(const trace::TraceView& view, double baseline, const Reference& reference) {
    Entry entry;
    entry.label = reference.lost;
    entry.unit = entry.ownUnit = "dB";
    entry.own = psnrOf(*shownRun(view));
    entry.baseline = baseline;
    entry.value = entry.own - entry.baseline;
    if (!std::isnan(entry.value)) {
        entry.label = std::abs(entry.value) < kEqual ? reference.equal
                      : entry.value > 0              ? reference.better
                                                     : reference.worse;
    }
    return entry;
}

} // namespace

Balance balanceOfClip(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView& run = *shownRun(view);
    const trace::ClipContent* clip = run.latest->clip();
    const bool known = clip != nullptr && !std::isnan(clip->psnr);
    Balance balance;
    std::vector<Entry> times;
    for (const Reference& reference : references(view, text)) {
        balance.saved.push_back(flopsEntry(view, reference, text));
        times.push_back(timeEntry(view, reference, text));
        const trace::RunView* other = comparable(view, reference.key);
        Entry lost = lossAgainst(view, other == nullptr ? std::nan("") : psnrOf(*other), reference);
        if (!known) {
            lost.why = text.translate("not known: no truth for this clip");
        } else if (other == nullptr) {
            lost.why = notThere(view, reference.key, text);
        } else if (std::isnan(lost.value)) {
            lost.why = text.translate("not computed");
        }
        balance.lost.push_back(std::move(lost));
    }
    balance.saved.insert(balance.saved.end(), times.begin(), times.end());
    balance.saved.push_back(memoryEntry(view, text));
    Reference copyLast;
    copyLast.lost = text.translate("vs copy-last");
    copyLast.better = text.translate("better than copy-last");
    copyLast.worse = text.translate("worse than copy-last");
    copyLast.equal = text.translate("as good as copy-last");
    Entry copy = lossAgainst(view, known ? clip->psnrCopyLast : std::nan(""), copyLast);
    if (std::isnan(copy.value)) {
        copy.why = text.translate("not known: no truth for this clip");
    }
    balance.lost.push_back(std::move(copy));
    return balance;
}

} // namespace depthscope::instruments
