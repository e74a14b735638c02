// SPDX-License-Identifier: MIT
#include "engine/recording/step_check.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/clip_check.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace depthscope::recording {

namespace {

constexpr std::size_t kMaxClassRanges = 1'000'000;
constexpr std::size_t kMaxKvGroups = 4'096;
constexpr std::size_t kMaxKeyBytes = 256;
constexpr std::size_t kMaxNoticeBytes = 1u << 16;
constexpr std::size_t kMaxClassNameBytes = 1u << 14; ///< of all names of a set
/// Weights are shares of 1; arithmetic may round a little above it.
constexpr float kMostWeight = 1.001F;

std::string count(const char* what, std::size_t is, std::size_t expected) {
    return fmt::format("{}: {} values where {} are expected", what, is, expected);
}

bool isSound(const trace::ClassSet& set) {
    std::size_t bytes = set.name.size();
    for (const std::string& name : set.names) {
        bytes += name.size();
    }
    return set.names.size() <= trace::kNoClass && bytes <= kMaxClassNameBytes;
}

/// The shape that all arrays of the step follow; nothing is looked at before its place is known to
/// be there.
std::optional<std::string> errorInShape(const trace::RoutingStep& routing) {
    const std::size_t places = routing.places();
    if (places > kMaxPlacesPerStep) {
        return count("depth", places, kMaxPlacesPerStep);
    }
    if (routing.recursions < 1 || routing.recursions > kMaxRecursions) {
        return fmt::format("recursions: {} is outside 1..64", routing.recursions);
    }
    const trace::Layout& layout = routing.layout;
    const bool sound = layout.frames >= 1 && layout.rows >= 1 && layout.columns >= 0 &&
                       std::int64_t{layout.frames} * layout.rows <= kMaxPlaces &&
                       layout.places() <= kMaxPlaces;
    if (!sound) {
        return fmt::format("layout: {} x {} x {} places is not a valid layout", layout.frames,
                           layout.rows, layout.columns);
    }
    if (routing.firstPlace < 0 ||
        routing.firstPlace + static_cast<std::int64_t>(places) > layout.places()) {
        return "firstPlace: the step extends past the layout";
    }
    return std::nullopt;
}

std::optional<std::string> errorInPlaces(const trace::RoutingStep& routing) {
    const std::size_t places = routing.places();
    const std::size_t scores = places * static_cast<std::size_t>(routing.recursions);
    if (scores > kMaxScoresPerStep) {
        return count("scores", scores, kMaxScoresPerStep);
    }
    if (!routing.scores.empty() && routing.scores.size() != scores) {
        return count("scores", routing.scores.size(), scores);
    }
    for (std::size_t t = 0; t < places; ++t) {
        if (routing.depth[t] > routing.recursions) {
            return fmt::format("depth of place {} is {}", t, routing.depth[t]);
        }
    }
    if (!routing.classes.empty() && routing.classes.size() != places) {
        return count("classes", routing.classes.size(), places);
    }
    if (routing.classes.empty() != (routing.classSet == nullptr)) {
        return "classes: must be given together with their class set";
    }
    if (routing.classSet && !isSound(*routing.classSet)) {
        return "the class set is too large";
    }
    if (!std::ranges::all_of(routing.classes, [&](std::uint8_t number) {
            return routing.classSet->holds(number);
        })) {
        return "classes: unknown class";
    }
    if (!std::isnan(routing.noiseLevel) && !(routing.noiseLevel >= 0 && routing.noiseLevel <= 1)) {
        return fmt::format("noise level: {:f} is outside 0..1", routing.noiseLevel);
    }
    return std::nullopt;
}

std::optional<std::string> errorInText(const trace::TextContent& text, std::size_t places) {
    if (text.ids.size() != places) {
        return count("ids", text.ids.size(), places);
    }
    if (!text.nll.empty() && text.nll.size() != places) {
        return count("nll", text.nll.size(), places);
    }
    if (!text.pieceEnds.empty() && text.pieceEnds.size() != places) {
        return count("pieceEnds", text.pieceEnds.size(), places);
    }
    if (text.text.size() > kMaxTextBytes) {
        return count("text", text.text.size(), kMaxTextBytes);
    }
    if (!std::is_sorted(text.pieceEnds.begin(), text.pieceEnds.end()) ||
        (!text.pieceEnds.empty() && text.pieceEnds.back() > text.text.size())) {
        return "pieceEnds do not match the text";
    }
    return std::nullopt;
}

/// Sizes first, then each place and each choice.
std::optional<std::string>
errorInChoices(const trace::ExpertChoices& choices, std::size_t places, const std::string& name) {
    if (choices.offsets.size() != places + 1) {
        return count(name.c_str(), choices.offsets.size(), places + 1);
    }
    if (choices.index.size() != choices.weight.size()) {
        return count(name.c_str(), choices.weight.size(), choices.index.size());
    }
    if (choices.offsets.front() != 0 || choices.offsets.back() != choices.index.size()) {
        return fmt::format("{}: the offsets do not match the choices", name);
    }
    for (std::size_t n = 0; n < places; ++n) {
        if (choices.offsets[n] > choices.offsets[n + 1] ||
            choices.offsets[n + 1] - choices.offsets[n] >
                static_cast<std::uint32_t>(choices.experts)) {
            return fmt::format("{}: the choices of place {} are invalid", name, n);
        }
    }
    for (std::size_t i = 0; i < choices.index.size(); ++i) {
        // Negated, so that a weight that is not a number is refused too.
        if (choices.index[i] >= choices.experts ||
            !(choices.weight[i] >= 0 && choices.weight[i] <= kMostWeight)) {
            return fmt::format("{}: choice {} is out of range", name, i);
        }
    }
    return std::nullopt;
}

std::optional<std::string> errorInExperts(const trace::RoutingStep& routing) {
    if (routing.experts.size() > kMaxExpertLayers) {
        return count("layers of experts", routing.experts.size(), kMaxExpertLayers);
    }
    int lastLayer = -1;
    for (const trace::ExpertChoices& choices : routing.experts) {
        const std::string name = fmt::format("experts of layer {}", choices.layer);
        if (choices.layer <= lastLayer) {
            return fmt::format("{}: the layers must be in ascending order", name);
        }
        lastLayer = choices.layer;
        if (choices.experts < 1 || choices.experts > kMaxExperts) {
            return fmt::format("{}: {} experts is not a valid number", name, choices.experts);
        }
        if (auto error = errorInChoices(choices, routing.places(), name)) {
            return error;
        }
    }
    return std::nullopt;
}

std::vector<trace::ExpertChoices> shapeOf(const std::vector<trace::ExpertChoices>& experts) {
    std::vector<trace::ExpertChoices> shape;
    shape.reserve(experts.size());
    for (const trace::ExpertChoices& choices : experts) {
        shape.push_back({.layer = choices.layer, .experts = choices.experts});
    }
    return shape;
}

bool sameShape(const std::vector<trace::ExpertChoices>& one,
               const std::vector<trace::ExpertChoices>& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      std::mem_fn(&trace::ExpertChoices::sameLayer));
}

/// Only a single row grows.
bool goesOn(const trace::Layout& layout, const trace::Layout& before) {
    return layout == before ||
           (!layout.isGrid() && !before.isGrid() && layout.columns >= before.columns);
}

std::optional<std::string> errorInKv(const trace::KvMemory& kv) {
    if (kv.groups.size() > kMaxKvGroups) {
        return count("kv groups", kv.groups.size(), kMaxKvGroups);
    }
    bool sound = kv.measuredBytes >= 0 && kv.reservedBytes >= 0 && kv.predictedBytes >= 0 &&
                 kv.fullBytes >= 0;
    for (const trace::KvGroup& group : kv.groups) {
        sound = sound && group.recursion >= 0 && group.recursion <= kMaxRecursions &&
                group.bytesPerToken >= 0 && group.entries >= 0;
    }
    return sound ? std::nullopt : std::optional<std::string>("kv: a number is out of range");
}

} // namespace

std::optional<std::string> errorIn(const trace::StepTrace& step) {
    if (step.model == nullptr) {
        return "the model is missing";
    }
    if (step.key.empty() || step.key.size() > kMaxKeyBytes) {
        return fmt::format("the key is {} bytes long", step.key.size());
    }
    if (step.notice.size() > kMaxNoticeBytes) {
        return count("notice", step.notice.size(), kMaxNoticeBytes);
    }
    if (step.kind > trace::StepKind::Decode) {
        return "unknown kind of step";
    }
    if (auto error = errorInShape(step.routing)) {
        return error;
    }
    if (auto error = errorInPlaces(step.routing)) {
        return error;
    }
    if (auto error = errorInExperts(step.routing)) {
        return error;
    }
    if (step.text() != nullptr) {
        if (auto error = errorInText(*step.text(), step.routing.places())) {
            return error;
        }
    }
    if (step.clip() != nullptr) {
        if (auto error = errorInClip(*step.clip())) {
            return error;
        }
    }
    try {
        settings::LabSettings settings;
        settings.routing = step.settings;
        settings::checkRanges(settings);
    } catch (const Error& error) {
        return error.message();
    }
    return errorInKv(step.routing.kv);
}

std::optional<std::string> errorIn(const RunSetup& recipe) {
    if (recipe.prompt.size() > kMaxTextBytes || recipe.promptIds.size() > kMaxPlacesPerStep) {
        return "the prompt is too long";
    }
    const trace::TextClasses& classes = recipe.classes;
    if (classes.set && !isSound(*classes.set)) {
        return "the class set is too large";
    }
    if (classes.ranges.size() > kMaxClassRanges) {
        return count("classes", classes.ranges.size(), kMaxClassRanges);
    }
    for (const trace::ClassRange& range : classes.ranges) {
        if (range.begin > range.end || range.end > recipe.prompt.size() || !classes.set ||
            !classes.set->holds(range.number)) {
            return "classes: a range lies outside the prompt, or its class is unknown";
        }
    }
    try {
        settings::checkRanges(recipe.settings);
    } catch (const Error& error) {
        return error.message();
    }
    return std::nullopt;
}

std::optional<std::string> StepOrder::errorInNext(const trace::StepTrace& step) {
    if (auto error = errorIn(step)) {
        return error;
    }
    // A recording may begin in the middle of a run; from there on nothing may be missing.
    const auto [entry, isFirst] = m_runs.try_emplace({step.run, step.key});
    Run& run = entry->second;
    const trace::RoutingStep& routing = step.routing;
    if (isFirst) {
        run.firstPlace = routing.firstPlace;
        run.endPlace = routing.firstPlace;
    } else if (step.step != run.nextStep || routing.recursions != run.recursions ||
               step.content.index() != run.content || !sameShape(routing.experts, run.experts)) {
        return fmt::format(
            "expected step {} of its run, with the same recursions, experts and kind of content",
            run.nextStep);
    } else if (!goesOn(routing.layout, run.layout)) {
        return "the layout differs from that of the previous step";
    }
    if (routing.firstPlace < run.firstPlace || routing.firstPlace > run.endPlace) {
        return fmt::format("firstPlace: {} is outside {}..{}", routing.firstPlace, run.firstPlace,
                           run.endPlace);
    }
    run.endPlace =
        std::max(run.endPlace, routing.firstPlace + static_cast<std::int64_t>(routing.places()));
    run.content = step.content.index();
    run.nextStep = std::uint64_t{step.step} + 1;
    run.recursions = routing.recursions;
    run.layout = routing.layout;
    run.experts = shapeOf(routing.experts);
    return std::nullopt;
}

} // namespace depthscope::recording
