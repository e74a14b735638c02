// SPDX-License-Identifier: MIT
#include "engine/recording/step_json.h"

#include "engine/base/error.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/settings_json.h"

#include <limits>

namespace depthscope::recording {

using nlohmann::json;

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLargestInt = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMaxParts = 100'000;
constexpr std::size_t kMaxPolicies = 16;
constexpr std::size_t kMaxRules = 16;

int intOf(const Fields& fields, const char* name, std::int64_t minimum, std::int64_t maximum) {
    return static_cast<int>(fields.integer(name, minimum, maximum));
}

json kvToJson(const trace::KvUse& kv) {
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

trace::KvUse kvFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    trace::KvUse kv;
    for (const json& group : fields.list("groups", kMaxParts)) {
        if (!group.is_array() || group.size() != 3) {
            rejectJson(subject, "a group is not [recursion, bytes per token, entries]");
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

json costToJson(const trace::StepCost& cost) {
    return {{"flops", numberToJson(cost.flops)},
            {"full_flops", numberToJson(cost.fullFlops)},
            {"milliseconds", numberToJson(cost.milliseconds)},
            {"syncs", cost.syncs},
            {"traced", cost.traced},
            {"rounds", cost.rounds},
            {"routed_milliseconds", numberToJson(cost.routedMilliseconds)}};
}

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
    return cost;
}

template <class Entry>
json listOf(const std::vector<Entry>& entries, json (*toEntry)(const Entry&)) {
    json list = json::array();
    for (const Entry& entry : entries) {
        list.push_back(toEntry(entry));
    }
    return list;
}

json rangeToJson(const trace::ClassRange& range) {
    return json::array({range.begin, range.end, range.difficulty});
}

trace::ClassRange rangeFromJson(const json& range, const std::string& subject) {
    if (!range.is_array() || range.size() != 3) {
        rejectJson(subject, "a range is not [begin, end, class]");
    }
    return {static_cast<std::uint32_t>(integerOf(range[0], subject, 0, kLargestInt)),
            static_cast<std::uint32_t>(integerOf(range[1], subject, 0, kLargestInt)),
            static_cast<std::uint8_t>(integerOf(range[2], subject, 0, 255))};
}

json policiesToJson(const std::vector<settings::KvPolicy>& policies) {
    json list = json::array();
    for (const settings::KvPolicy policy : policies) {
        list.push_back(settings::toString(policy));
    }
    return list;
}

settings::KvPolicy policyFromJson(const json& value, const std::string& subject) {
    try {
        return settings::parseKvPolicy(textOf(value, subject));
    } catch (const Error& fault) {
        rejectJson(subject, fault.message());
    }
}

json rulesToJson(const trace::RuleSet& rules) {
    json possible = json::array();
    for (const settings::Rule rule : rules.possible) {
        possible.push_back(settings::toString(rule));
    }
    return {{"possible", possible}, {"standard", settings::toString(rules.standard)}};
}

settings::Rule ruleFromJson(const json& value, const std::string& subject) {
    try {
        return settings::parseRule(textOf(value, subject));
    } catch (const Error& fault) {
        rejectJson(subject, fault.message());
    }
}

trace::RuleSet rulesFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    trace::RuleSet rules;
    for (const json& rule : fields.list("possible", kMaxRules)) {
        rules.possible.push_back(ruleFromJson(rule, subject));
    }
    rules.standard = ruleFromJson(fields.value("standard"), subject);
    return rules;
}

/// Of a recording that does not say: the rules of its kind of router.
trace::RuleSet usualRules(trace::RouterKind router) {
    using settings::Rule;
    switch (router) {
    case trace::RouterKind::Expert:
        return {{Rule::TopK, Rule::Threshold, Rule::Fixed, Rule::Random}, Rule::TopK};
    case trace::RouterKind::Token:
        return {{Rule::Token, Rule::Fixed, Rule::Random}, Rule::Token};
    case trace::RouterKind::None:
        break;
    }
    return {{Rule::Fixed}, Rule::Fixed};
}

/// What recordings of older versions do not have.
void readExpertFields(const Fields& fields, const std::string& subject, trace::ModelInfo& model) {
    if (fields.has("experts")) {
        model.experts = intOf(fields, "experts", 0, kMaxExperts);
        model.expertsPerToken = intOf(fields, "experts_per_token", 0, model.experts);
    }
    if (fields.has("pass_rules")) {
        model.passRules = rulesFromJson(fields.value("pass_rules"), subject + ": pass_rules");
        model.generationRules =
            rulesFromJson(fields.value("generation_rules"), subject + ": generation_rules");
    } else {
        model.passRules = usualRules(model.router); // a recording is not generated from
    }
    if (fields.has("kv_policies")) {
        for (const json& policy : fields.list("kv_policies", kMaxPolicies)) {
            model.kvPolicies.push_back(policyFromJson(policy, subject + ": kv_policies"));
        }
    }
}

const json& listIn(const json& value, const std::string& subject) {
    if (!value.is_array()) {
        rejectJson(subject, std::string("a list is expected, not a ") + value.type_name());
    }
    return value;
}

} // namespace

json metaToJson(const trace::StepTrace& step) {
    return {{"revision", step.revision},
            {"routing", toJson(step.routing)},
            {"causal", step.causal},
            {"off_distribution", step.offDistribution},
            {"notice", textToJson(step.notice)},
            {"first_token", step.firstToken},
            {"tokens", step.tokens()},
            {"recursions", step.recursions},
            {"kv", kvToJson(step.kv)},
            {"cost", costToJson(step.cost)},
            {"loss_lm", numberToJson(step.lossLm)},
            {"loss_aux", numberToJson(step.lossAux)},
            {"loss_balance", numberToJson(step.lossBalance)},
            {"loss_z", numberToJson(step.lossZ)}};
}

void readMeta(const json& meta, const std::string& subject, trace::StepTrace& step) {
    const Fields fields(meta, subject);
    step.revision = fields.counter("revision");
    step.routing = routingFromJson(fields.value("routing"), subject + ": routing");
    step.causal = fields.flag("causal");
    step.offDistribution = fields.flag("off_distribution");
    step.notice = fields.text("notice");
    step.firstToken = intOf(fields, "first_token", 0, kLargestInt);
    step.recursions = intOf(fields, "recursions", 1, kMaxRecursions);
    const auto tokens = fields.integer("tokens", 0, static_cast<std::int64_t>(kMaxTokensPerStep));
    if (static_cast<std::size_t>(tokens) != step.tokens()) {
        rejectJson(subject + ": tokens", "the ids are " + std::to_string(step.tokens()));
    }
    step.kv = kvFromJson(fields.value("kv"), subject + ": kv");
    step.cost = costFromJson(fields.value("cost"), subject + ": cost");
    step.lossLm = fields.number("loss_lm");
    step.lossAux = fields.number("loss_aux");
    step.lossBalance = fields.number("loss_balance");
    step.lossZ = fields.number("loss_z");
}

json modelToJson(const trace::ModelInfo& model) {
    return {
        {"name", textToJson(model.name)},
        {"family", textToJson(model.family)},
        {"dtype", textToJson(model.dtype)},
        {"device", textToJson(model.device)},
        {"kernels", textToJson(model.kernels)},
        {"router", static_cast<int>(model.router)},
        {"router_function", textToJson(model.routerFunction)},
        {"parameters", model.parameters},
        {"layers", model.layers},
        {"recursions", model.recursions},
        {"block_layers", model.blockLayers},
        {"unshared_layers", model.unsharedLayers},
        {"context_length", model.contextLength},
        {"vocabulary", model.vocabulary},
        {"experts", model.experts},
        {"experts_per_token", model.expertsPerToken},
        {"has_tokenizer", model.hasTokenizer},
        {"pass_rules", rulesToJson(model.passRules)},
        {"generation_rules", rulesToJson(model.generationRules)},
        {"trained_capacity", toJson(model.trainedCapacity)},
        {"trained_kv", settings::toString(model.trainedKv)},
        {"kv_policies", policiesToJson(model.kvPolicies)},
        {"parts",
         listOf<trace::ParameterPart>(
             model.parts,
             [](const trace::ParameterPart& part) {
                 return json::array({textToJson(part.name), part.count, textToJson(part.sharedBy)});
             })},
        {"notes", listOf<std::string>(model.notes,
                                      [](const std::string& note) { return textToJson(note); })},
        {"recipe", textToJson(model.recipe)}};
}

trace::ModelInfo modelFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    trace::ModelInfo model;
    model.name = fields.text("name");
    model.family = fields.text("family");
    model.dtype = fields.text("dtype");
    model.device = fields.text("device");
    model.kernels = fields.text("kernels");
    model.router = static_cast<trace::RouterKind>(
        fields.integer("router", 0, static_cast<int>(trace::RouterKind::Token)));
    model.routerFunction = fields.text("router_function");
    model.parameters = fields.integer("parameters", 0, kLargest);
    model.layers = intOf(fields, "layers", 0, kLargestInt);
    model.recursions = intOf(fields, "recursions", 1, kMaxRecursions);
    model.blockLayers = intOf(fields, "block_layers", 0, kLargestInt);
    model.unsharedLayers = intOf(fields, "unshared_layers", 0, kLargestInt);
    model.contextLength = intOf(fields, "context_length", 0, kLargestInt);
    model.vocabulary = intOf(fields, "vocabulary", 0, kLargestInt);
    model.hasTokenizer = fields.flag("has_tokenizer");
    model.trainedCapacity =
        capacityFromJson(fields.value("trained_capacity"), subject + ": trained_capacity");
    model.trainedKv = policyFromJson(fields.value("trained_kv"), subject);
    readExpertFields(fields, subject, model);
    for (const json& part : fields.list("parts", kMaxParts)) {
        if (!part.is_array() || part.size() != 3) {
            rejectJson(subject + ": parts", "a part is not [name, count, shared by]");
        }
        model.parts.push_back({textOf(part[0], subject), integerOf(part[1], subject, 0, kLargest),
                               textOf(part[2], subject)});
    }
    for (const json& note : fields.list("notes", kMaxParts)) {
        model.notes.push_back(textOf(note, subject));
    }
    model.recipe = fields.text("recipe");
    return model;
}

json recipeToJson(const Recipe& recipe) {
    return {{"prompt", textToJson(recipe.prompt)},
            {"prompt_ids", recipe.promptIds},
            {"classes", listOf<trace::ClassRange>(recipe.classes, &rangeToJson)},
            {"settings", toJson(recipe.settings)},
            {"software", textToJson(recipe.software)},
            {"created", textToJson(recipe.created)}};
}

void readRecipeEntry(const std::string& key,
                     const json& value,
                     const std::string& subject,
                     Recipe& recipe) {
    if (key == "prompt") {
        recipe.prompt = textOf(value, subject);
    } else if (key == "prompt_ids") {
        for (const json& id : listIn(value, subject)) {
            recipe.promptIds.push_back(
                static_cast<std::int32_t>(integerOf(id, subject, -kLargestInt - 1, kLargestInt)));
        }
    } else if (key == "classes") {
        for (const json& range : listIn(value, subject)) {
            recipe.classes.push_back(rangeFromJson(range, subject));
        }
    } else if (key == "settings") {
        recipe.settings = labFromJson(value, subject);
    } else if (key == "software") {
        recipe.software = textOf(value, subject);
    } else if (key == "created") {
        recipe.created = textOf(value, subject);
    }
}

} // namespace depthscope::recording
