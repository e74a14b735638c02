// SPDX-License-Identifier: MIT
#include "engine/recording/model_json.h"

#include "engine/base/error.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/recording.h"
#include "engine/recording/settings_json.h"

namespace depthscope::recording {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxParts = 100'000;
constexpr std::size_t kMaxPolicies = 16;
constexpr std::size_t kMaxRules = 16;

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
    } catch (const Error& error) {
        rejectJson(subject, error.message());
    }
}

json rulesToJson(const spec::RuleSet& rules) {
    json possible = json::array();
    for (const settings::Rule rule : rules.possible) {
        possible.push_back(settings::toString(rule));
    }
    return {{"possible", possible}, {"standard", settings::toString(rules.standard)}};
}

settings::Rule ruleFromJson(const json& value, const std::string& subject) {
    try {
        return settings::parseRule(textOf(value, subject));
    } catch (const Error& error) {
        rejectJson(subject, error.message());
    }
}

spec::RuleSet rulesFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    spec::RuleSet rules;
    for (const json& rule : fields.list("possible", kMaxRules)) {
        rules.possible.push_back(ruleFromJson(rule, subject));
    }
    rules.standard = ruleFromJson(fields.value("standard"), subject);
    return rules;
}

/// Of a recording that does not say: the rules of its kind of router.
spec::RuleSet usualRules(spec::RouterKind router) {
    using settings::Rule;
    switch (router) {
    case spec::RouterKind::Expert:
        return {{Rule::TopK, Rule::Threshold, Rule::Fixed, Rule::Random}, Rule::TopK};
    case spec::RouterKind::Token:
        return {{Rule::Token, Rule::Fixed, Rule::Random}, Rule::Token};
    case spec::RouterKind::Exit:
        return {{Rule::Exit, Rule::Fixed, Rule::Weighted}, Rule::Exit};
    case spec::RouterKind::Change: // which is younger than recordings that do not say
    case spec::RouterKind::None:
        break;
    }
    return {{Rule::Fixed}, Rule::Fixed};
}

/// What recordings of older versions do not have.
void readExpertFields(const Fields& fields, const std::string& subject, spec::ModelInfo& model) {
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
    if (fields.has("shared_slots")) {
        for (const json& slot : fields.list("shared_slots", kMaxParts)) {
            model.sharedSlots.push_back(
                static_cast<int>(integerOf(slot, subject + ": shared_slots", 0, kLargestInt)));
        }
        for (const json& at : fields.list("flops_by_position", kMaxParts)) {
            if (!at.is_array() || at.size() != 2) {
                rejectJson(subject + ": flops_by_position", "entries must be [position, FLOPs]");
            }
            model.flopsByPosition.emplace_back(
                static_cast<int>(integerOf(at[0], subject, 0, kLargestInt)),
                numberOf(at[1], subject));
        }
    }
    if (fields.has("kv_policies")) {
        for (const json& policy : fields.list("kv_policies", kMaxPolicies)) {
            model.kvPolicies.push_back(policyFromJson(policy, subject + ": kv_policies"));
        }
    }
}

json sizeToJson(const spec::ClipSize& size) {
    return json::array({size.frames, size.height, size.width});
}

spec::ClipSize sizeFromJson(const json& value, const std::string& subject) {
    if (!value.is_array() || value.size() != 3) {
        rejectJson(subject, "must be [frames, height, width]");
    }
    const auto at = [&](std::size_t i) {
        return static_cast<std::int32_t>(integerOf(value[i], subject, 1, kMaxPictureSide));
    };
    return {at(0), at(1), at(2)};
}

json traitsToJson(const spec::ClipTraits& traits) {
    return {{"size", sizeToJson(traits.size)},
            {"patch", sizeToJson(traits.patch)},
            {"context_frames", traits.contextFrames},
            {"classes", traits.classes},
            {"clips", textToJson(traits.clips)}};
}

spec::ClipTraits traitsFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    spec::ClipTraits traits;
    traits.size = sizeFromJson(fields.value("size"), subject + ": size");
    traits.patch = sizeFromJson(fields.value("patch"), subject + ": patch");
    traits.contextFrames = intOf(fields, "context_frames", 0, kMaxPictureSide);
    traits.classes = intOf(fields, "classes", 0, kLargestInt);
    traits.clips = fields.text("clips");
    return traits;
}

/// Of a video model, or of experts that have names.
void readClipFields(const Fields& fields, const std::string& subject, spec::ModelInfo& model) {
    if (fields.has("expert_names")) {
        for (const json& name : fields.list("expert_names", kMaxExperts)) {
            model.expertNames.push_back(textOf(name, subject + ": expert_names"));
        }
        if (std::ssize(model.expertNames) != model.experts) {
            rejectJson(subject + ": expert_names", "must name every expert");
        }
    }
    if (fields.has("clip")) {
        model.clip = traitsFromJson(fields.value("clip"), subject + ": clip");
    }
}

json commonToJson(const spec::ModelInfo& model) {
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
        {"shared_slots", model.sharedSlots},
        {"flops_by_position",
         listToJson(model.flopsByPosition,
                    [](const std::pair<int, double>& at) {
                        return json::array({at.first, numberToJson(at.second)});
                    })},
        {"parts",
         listToJson(
             model.parts,
             [](const spec::ParameterPart& part) {
                 return json::array({textToJson(part.name), part.count, textToJson(part.sharedBy)});
             })},
        {"notes", listToJson(model.notes, textToJson)},
        {"recipe", textToJson(model.recipe)}};
}

} // namespace

json modelToJson(const spec::ModelInfo& model) {
    json object = commonToJson(model);
    if (!model.expertNames.empty()) {
        object["expert_names"] = listToJson(model.expertNames, textToJson);
    }
    if (model.clip) {
        object["clip"] = traitsToJson(*model.clip);
    }
    return object;
}

spec::ModelInfo modelFromJson(const json& object, const std::string& subject) {
    const Fields fields(object, subject);
    spec::ModelInfo model;
    model.name = fields.text("name");
    model.family = fields.text("family");
    model.dtype = fields.text("dtype");
    model.device = fields.text("device");
    model.kernels = fields.text("kernels");
    model.router = static_cast<spec::RouterKind>(
        fields.integer("router", 0, static_cast<int>(spec::RouterKind::Change)));
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
    readClipFields(fields, subject, model);
    for (const json& part : fields.list("parts", kMaxParts)) {
        if (!part.is_array() || part.size() != 3) {
            rejectJson(subject + ": parts", "entries must be [name, count, shared by]");
        }
        model.parts.push_back({textOf(part[0], subject), integerOf(part[1], subject, 0, kLargest),
                               textOf(part[2], subject)});
    }
    for (const json& note : fields.list("notes", kMaxParts)) {
        model.notes.push_back(textOf(note, subject));
    }
    model.recipe = fields.text("recipe");
    model.heldOut = spec::heldOutLoss(model.recipe);
    return model;
}

} // namespace depthscope::recording
