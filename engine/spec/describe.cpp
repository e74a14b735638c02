// SPDX-License-Identifier: MIT
#include "engine/spec/describe.h"

#include "engine/spec/flops.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/routing_rules.h"

#include <algorithm>

namespace depthscope::spec {

ModelInfo describe(const LanguageSpec& config) {
    ModelInfo info;
    info.family = toString(config.family);
    if (config.hasRouter()) {
        const bool expert = config.mor.type == RouterType::Expert;
        info.router = expert ? RouterKind::Expert : RouterKind::Token;
        info.routerFunction = toString(config.mor.function);
        info.trainedCapacity = config.mor.capacity;
    }
    if (config.hasExitGate()) {
        info.router = RouterKind::Exit;
        info.routerFunction = "sigmoid";
    }
    if (config.refinesState()) {
        info.router = RouterKind::Change;
    }
    if (config.family == Family::More) {
        info.experts = config.more.experts;
        info.expertsPerToken = config.more.perToken;
    }
    info.trainedKv = config.kv;
    info.kvPolicies = possibleKv(config);
    const auto rulesIn = [&](RoutingUse use) {
        return RuleSet{possibleRules(config, use), standardRule(config, use)};
    };
    info.passRules = rulesIn(RoutingUse::Pass);
    info.generationRules = rulesIn(RoutingUse::Generation);
    info.parts = plannedParameters(config);
    info.parameters = parameterCount(info.parts);
    info.layers = static_cast<int>(config.layers);
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        info.sharedSlots.push_back(static_cast<int>(sharedSlot(config, layer)));
    }
    for (std::int64_t position = 1;; position = std::min(position * 4, config.context)) {
        StepWork work;
        work.unshared = causalWork(1, position - 1);
        work.headTokens = 1;
        info.flopsByPosition.emplace_back(static_cast<int>(position),
                                          stepFlops(config, fullWork(config, work)));
        if (position == config.context) {
            break;
        }
    }
    if (config.hasRouter() && config.mor.scoreTraining == ScoreTraining::AuxRouter) {
        info.notes.emplace_back("this model has an auxiliary router that decides without seeing "
                                "later tokens: generate with --routing aux");
    }
    if (config.family == Family::More) {
        const std::int64_t idle = config.layers * config.more.experts * config.width *
                                  (config.heads + config.kvHeads) * config.headDim;
        info.notes.push_back(std::to_string(idle) +
                             " parameters are unused: an expert's query and key projections, whose "
                             "softmax over one key is 1; kept for checkpoints");
    }
    info.recursions = config.recursions();
    info.blockLayers = static_cast<int>(config.blockLayers());
    info.unsharedLayers = static_cast<int>(config.unsharedLayers());
    info.kvWidth = static_cast<int>(2 * config.kvHeads * config.headDim);
    info.contextLength = static_cast<int>(config.context);
    info.vocabulary = static_cast<int>(config.vocabulary);
    return info;
}

std::string modelName(const std::filesystem::path& folder) {
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    std::string name = absolute.has_filename() ? absolute.filename().string()
                                               : absolute.parent_path().filename().string();
    if (name == "best" && absolute.has_parent_path()) {
        name = (absolute.parent_path().filename() / "best").string(); // of a training
    }
    return name;
}

} // namespace depthscope::spec
