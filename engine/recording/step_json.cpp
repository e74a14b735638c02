// SPDX-License-Identifier: MIT
#include "engine/recording/step_json.h"

#include "engine/base/error.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/settings_json.h"

#include <cmath>
#include <limits>

namespace depthscope::recording {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxGroups = 100'000;
constexpr std::size_t kMaxStages = 1'000;

json kvToJson(const trace::KvMemory& kv) {
    json groups = json::array();
    for (const trace::KvGroup& group : kv.groups) {
        groups.push_back(json::array({group.recursion, group.bytesPerToken, group.entries}));
    }
    return {{"groups", groups},
            {"measured", kv.measuredBytes},
            {"reserved", kv.reservedBytes},
            {"predicted", kv.predictedBytes},
            {"full", kv.fullBytes}};
}

} // namespace

trace::KvMemory kvFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    trace::KvMemory kv;
    for (const json& group : fields.list("groups", kMaxGroups)) {
        if (!group.is_array() || group.size() != 3) {
            rejectJson(subject, "entries must be [recursion, bytes per token, entries]");
        }
        kv.groups.push_back({static_cast<int>(integerOf(group[0], subject, 0, kMaxRecursions)),
                             integerOf(group[1], subject, 0, kLargest),
                             integerOf(group[2], subject, 0, kLargest)});
    }
    kv.measuredBytes = fields.integer("measured", 0, kLargest);
    kv.reservedBytes = fields.integer("reserved", 0, kLargest);
    kv.predictedBytes = fields.integer("predicted", 0, kLargest);
    kv.fullBytes = fields.integer("full", 0, kLargest);
    return kv;
}

namespace {

json stageToJson(const trace::StageCost& stage) {
    return json::array({stage.recursion, stage.tokens, numberToJson(stage.milliseconds)});
}

trace::StageCost stageFromJson(const json& stage, const std::string& subject) {
    if (!stage.is_array() || stage.size() != 3) {
        rejectJson(subject, "stages must be [recursion, tokens, milliseconds]");
    }
    constexpr std::int64_t kMostTokens = 1ll << 53;
    const trace::StageCost cost{static_cast<int>(integerOf(stage[0], subject, 0, kMaxRecursions)),
                                integerOf(stage[1], subject, 0, kMostTokens),
                                numberOf(stage[2], subject)};
    if (!(cost.milliseconds >= 0 && std::isfinite(cost.milliseconds))) {
        rejectJson(subject, "the milliseconds of a stage must be a positive number");
    }
    return cost;
}

json costToJson(const trace::StepCost& cost) {
    return {{"flops", numberToJson(cost.flops)},
            {"full_flops", numberToJson(cost.fullFlops)},
            {"milliseconds", numberToJson(cost.milliseconds)},
            {"syncs", cost.syncs},
            {"traced", cost.traced},
            {"rounds", cost.rounds},
            {"rounds_spread", numberToJson(double{cost.roundsSpread})},
            {"routed_milliseconds", numberToJson(cost.routedMilliseconds)},
            {"stages", listToJson(cost.stages, stageToJson)},
            {"began_milliseconds", numberToJson(cost.beganMilliseconds)}};
}

} // namespace

trace::StepCost costFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    trace::StepCost cost;
    cost.flops = fields.number("flops");
    cost.fullFlops = fields.number("full_flops");
    cost.milliseconds = fields.number("milliseconds");
    cost.syncs = intOf(fields, "syncs", -kLargestInt - 1, kLargestInt);
    cost.traced = fields.flag("traced");
    if (fields.has("rounds")) { // older recordings have none
        cost.rounds = intOf(fields, "rounds", 0, kLargestInt);
        cost.routedMilliseconds = fields.number("routed_milliseconds");
    }
    if (fields.has("rounds_spread")) {
        cost.roundsSpread = static_cast<float>(fields.number("rounds_spread"));
    }
    if (fields.has("stages")) {
        for (const json& stage : fields.list("stages", kMaxStages)) {
            cost.stages.push_back(stageFromJson(stage, subject));
        }
        cost.beganMilliseconds = fields.number("began_milliseconds");
    }
    return cost;
}

namespace {

json rangeToJson(const trace::ClassRange& range) {
    return json::array({range.begin, range.end, range.number});
}

trace::ClassRange rangeFromJson(const json& range, const std::string& subject) {
    if (!range.is_array() || range.size() != 3) {
        rejectJson(subject, "entries must be [begin, end, class]");
    }
    return {static_cast<std::uint32_t>(integerOf(range[0], subject, 0, kLargestInt)),
            static_cast<std::uint32_t>(integerOf(range[1], subject, 0, kLargestInt)),
            static_cast<std::uint8_t>(integerOf(range[2], subject, 0, 255))};
}

const json& listIn(const json& value, const std::string& subject) {
    (void)JsonField(value, subject).arraySize(std::numeric_limits<std::size_t>::max());
    return value;
}

} // namespace

json metaToJson(const trace::StepTrace& step) {
    return {{"revision", step.revision},
            {"routing", toJson(step.settings)},
            {"causal", step.causal},
            {"off_distribution", step.offDistribution},
            {"notice", textToJson(step.notice)}};
}

void readMeta(const json& meta, const std::string& subject, trace::StepTrace& step) {
    const Fields fields(meta, subject);
    step.revision = fields.counter("revision");
    step.settings = routingFromJson(fields.value("routing"), subject + ": routing");
    step.causal = fields.flag("causal");
    step.offDistribution = fields.flag("off_distribution");
    step.notice = fields.text("notice");
}

json figuresToJson(const trace::RoutingStep& routing) {
    return {{"kv", kvToJson(routing.kv)},
            {"cost", costToJson(routing.cost)},
            {"loss_aux", numberToJson(routing.losses.aux)},
            {"loss_balance", numberToJson(routing.losses.balance)},
            {"loss_z", numberToJson(routing.losses.z)},
            {"noise_level", numberToJson(routing.noiseLevel)}};
}

void readFigures(const json& figures, const std::string& subject, trace::RoutingStep& routing) {
    const Fields fields(figures, subject);
    routing.kv = kvFromJson(fields.value("kv"), subject + ": kv");
    routing.cost = costFromJson(fields.value("cost"), subject + ": cost");
    routing.losses.aux = fields.number("loss_aux");
    routing.losses.balance = fields.number("loss_balance");
    routing.losses.z = fields.number("loss_z");
    routing.noiseLevel = fields.number("noise_level");
}

json clipFiguresToJson(const trace::ClipContent& clip) {
    return {{"source", textToJson(clip.source)},
            {"psnr", numberToJson(clip.psnr)},
            {"psnr_copy_last", numberToJson(clip.psnrCopyLast)}};
}

void readClipFigures(const json& figures, const std::string& subject, trace::ClipContent& clip) {
    const Fields fields(figures, subject);
    clip.source = fields.text("source");
    clip.psnr = fields.number("psnr");
    clip.psnrCopyLast = fields.number("psnr_copy_last");
}

json classSetToJson(const trace::ClassSet& set) {
    return {{"name", textToJson(set.name)}, {"names", listToJson(set.names, textToJson)}};
}

trace::ClassSetPtr classSetFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    auto set = std::make_shared<trace::ClassSet>();
    set->name = fields.text("name");
    for (const json& name : fields.list("names", trace::kNoClass)) {
        set->names.push_back(textOf(name, subject + ": names"));
    }
    return set;
}

json recipeToJson(const RunSetup& recipe) {
    return {{"prompt", textToJson(recipe.prompt)},
            {"prompt_ids", recipe.promptIds},
            {"classes", listToJson(recipe.classes.ranges, rangeToJson)},
            {"class_set", recipe.classes.set ? classSetToJson(*recipe.classes.set) : json()},
            {"settings", toJson(recipe.settings)},
            {"software", textToJson(recipe.software)},
            {"created", textToJson(recipe.created)}};
}

void readRecipeEntry(const std::string& key,
                     const json& value,
                     const std::string& subject,
                     RunSetup& recipe) {
    if (key == "prompt") {
        recipe.prompt = textOf(value, subject);
    } else if (key == "prompt_ids") {
        for (const json& id : listIn(value, subject)) {
            recipe.promptIds.push_back(
                static_cast<std::int32_t>(integerOf(id, subject, -kLargestInt - 1, kLargestInt)));
        }
    } else if (key == "classes") {
        for (const json& range : listIn(value, subject)) {
            recipe.classes.ranges.push_back(rangeFromJson(range, subject));
        }
    } else if (key == "class_set" && !value.is_null()) {
        recipe.classes.set = classSetFromJson(value, subject);
    } else if (key == "settings") {
        recipe.settings = labFromJson(value, subject);
    } else if (key == "software") {
        recipe.software = textOf(value, subject);
    } else if (key == "created") {
        recipe.created = textOf(value, subject);
    }
}

} // namespace depthscope::recording
