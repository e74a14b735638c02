// SPDX-License-Identifier: MIT
#include "engine/spec/language_weights.h"

#include "engine/spec/weight_declaration.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace depthscope::spec {

std::int64_t routerHidden(const LanguageSpec& config) {
    switch (config.mor.net) {
    case RouterNet::Linear:
        return 0;
    case RouterNet::Mlp:
        return 2 * config.width;
    case RouterNet::WideMlp:
        break;
    }
    return config.mor.wideFactor * config.width;
}

void addToPart(std::vector<ParameterPart>& parts,
               const LanguageSpec& config,
               const std::string& name,
               std::int64_t count) {
    const auto found = std::ranges::find(parts, name, &ParameterPart::name);
    if (found != parts.end()) {
        found->count += count;
        return;
    }
    const bool shared = name == declaration::kSharedBlock;
    parts.push_back(
        {name, count, shared ? "recursions 1-" + std::to_string(config.recursion.count) : ""});
}

std::vector<ParameterPart> plannedParameters(const LanguageSpec& config) {
    std::vector<ParameterPart> parts;
    LanguageWeights<Undrawn> none = emptyWeights<Undrawn>(config);
    visitWeights<Undrawn>(config, none, [&](const WeightSlot& slot, Undrawn&) {
        if (slot.sharedWith.empty() && !slot.optional) {
            addToPart(parts, config, slot.part,
                      std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                                      std::multiplies<>()));
        }
    });
    return parts;
}

std::int64_t parameterCount(const std::vector<ParameterPart>& parts) {
    return std::accumulate(
        parts.begin(), parts.end(), std::int64_t{0},
        [](std::int64_t sum, const ParameterPart& part) { return sum + part.count; });
}

} // namespace depthscope::spec
