// SPDX-License-Identifier: MIT
// Loads fixture models and builds small random ones for tests of the engine.
#pragma once

#include "engine/base/error.h"
#include "engine/io/model_folder.h"
#include "engine/models/language_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace depthscope::tests {

inline std::filesystem::path fixtureFolder(const std::string& name) {
    return std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) / "tests/fixtures" / name;
}

inline nlohmann::json fixtureAnswers(const std::string& name) {
    std::ifstream stream(fixtureFolder(name) / "expected.json");
    return nlohmann::json::parse(stream);
}

inline spec::LanguageSpec smallConfig() {
    spec::LanguageSpec config;
    config.vocabulary = 37;
    config.width = 24;
    config.ffn = 40;
    config.layers = 8;
    config.heads = 4;
    config.kvHeads = 2;
    config.headDim = 10; // unlike width / heads
    config.context = 64;
    return config;
}

inline spec::LanguageSpec smallMor(spec::RouterType type,
                                   int recursions = 3,
                                   spec::Sharing sharing = spec::Sharing::MiddleCycle) {
    spec::LanguageSpec config = smallConfig();
    config.family = spec::Family::MorLlama;
    config.mor.type = type;
    config.recursion.count = recursions;
    config.recursion.sharing = sharing;
    config.layers = 2 * recursions + (spec::isMiddle(sharing) ? 2 : 0);
    for (int r = 0; r < recursions; ++r) {
        config.mor.capacity.push_back({recursions - r, recursions});
    }
    if (type == spec::RouterType::Token) {
        config.mor.function = spec::RouterFunction::Softmax;
        config.mor.alpha = 1.0;
        config.mor.capacity.clear();
    }
    return config;
}

/// The recursive baseline: no router.
inline spec::LanguageSpec smallRecursive(spec::Sharing sharing, int recursions = 3) {
    spec::LanguageSpec config = smallConfig();
    config.family = spec::Family::RecursiveLlama;
    config.recursion = {sharing, recursions};
    config.layers = 2 * recursions + (spec::isMiddle(sharing) ? 2 : 0);
    return config;
}

inline spec::LanguageSpec smallMore(int experts = 4, int perToken = 2, int loops = 3) {
    spec::LanguageSpec config = smallConfig();
    config.family = spec::Family::More;
    config.layers = 2;
    config.headDim = 6;
    config.normEpsilon = 1e-6;
    config.more = {experts, perToken};
    config.recursion.count = loops;
    return config;
}

/// Random weights, large enough that routers decide differently for different tokens.
inline models::LanguageModel
randomModel(const spec::LanguageSpec& config, std::uint64_t seed = 3, bool wide = false) {
    models::Weights weights = models::randomWeights(config, seed);
    for (models::DistinctWeight& weight : models::distinctWeights(config, weights)) {
        if (weight.tensor.dim() > 1) {
            weight.tensor.mul_(10);
        }
    }
    if (wide) {
        models::visitWeights(config, weights, [](const spec::WeightSlot&, at::Tensor& tensor) {
            if (tensor.defined()) {
                tensor = tensor.to(at::kDouble);
            }
        });
    }
    return {config, std::move(weights)};
}

inline at::Tensor idsTensor(const std::vector<std::int64_t>& ids) {
    return at::tensor(ids, at::kLong).unsqueeze(0);
}

inline std::vector<std::int64_t> someIds(std::int64_t count, std::int64_t vocabulary) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < count; ++i) {
        ids.push_back((i * i * 7 + i * 3 + 5) % vocabulary);
    }
    return ids;
}

inline models::Pass passOver(const models::LanguageModel& model,
                             const at::Tensor& ids,
                             const settings::RoutingSettings& requested = {},
                             nn::KvCache* cache = nullptr) {
    const c10::NoGradGuard noGrad;
    models::Pass pass;
    pass.ids = ids;
    pass.routing = spec::resolveRouting(model.config(), requested, spec::RoutingUse::Pass);
    pass.losses = true;
    pass.cache = cache;
    model.run(pass);
    return pass;
}

} // namespace depthscope::tests
