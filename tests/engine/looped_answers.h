// SPDX-License-Identifier: MIT
// Folders of looped models with the official code's answers, and how a test asks for the same.
#pragma once

#include "engine/generate/generator.h"
#include "tests/engine/model_fixture.h"

#include <algorithm>
#include <string>
#include <vector>

namespace depthscope::tests {

/// The answers have six decimals; fp32 sums in another order add the rest.
inline constexpr double kOfficial = 2e-4;

struct Answers {
    explicit Answers(const std::string& name)
        : expected(fixtureAnswers(name))
        , loaded(io::loadModel(fixtureFolder(name), {})) {}

    [[nodiscard]] std::vector<std::int64_t> ids(std::size_t row) const {
        return expected["ids"][row].get<std::vector<std::int64_t>>();
    }

    [[nodiscard]] models::Pass pass(std::size_t row,
                                    const settings::RoutingSettings& routing) const {
        const c10::NoGradGuard noGrad;
        models::Pass pass;
        pass.ids = idsTensor(ids(row));
        pass.routing =
            spec::resolveRouting(loaded.model->config(), routing, spec::RoutingUse::Pass);
        loaded.model->run(pass);
        return pass;
    }

    [[nodiscard]] std::size_t rows() const { return expected["ids"].size(); }

    nlohmann::json expected;
    io::LoadedModel loaded;
};

/// Largest difference of [T][V] or [T][passes].
inline double worst(const at::Tensor& made, const nlohmann::json& expected) {
    std::vector<float> flat;
    for (const nlohmann::json& row : expected) {
        for (const nlohmann::json& value : row) {
            flat.push_back(value.get<float>());
        }
    }
    return (made.reshape({-1}) - at::tensor(flat)).abs().max().item<double>();
}

inline std::vector<std::int64_t> depthsOf(const models::Pass& pass) {
    const at::Tensor depth = pass.depth[0].contiguous();
    return {depth.const_data_ptr<std::int64_t>(),
            depth.const_data_ptr<std::int64_t>() + depth.numel()};
}

inline std::vector<std::int32_t> continued(const Answers& answers,
                                           const nlohmann::json& greedy,
                                           const settings::RoutingSettings& routing,
                                           bool cached) {
    const c10::NoGradGuard noGrad;
    generate::Generator generator(
        *answers.loaded.model,
        spec::resolveRouting(answers.loaded.model->config(), routing, spec::RoutingUse::Generation),
        cached);
    static_cast<void>(generator.prefill(greedy["prompt"].get<std::vector<std::int32_t>>()));
    std::vector<std::int32_t> made;
    for (std::size_t i = 0; i < greedy["tokens"].size(); ++i) {
        const std::vector<float> logits = generator.lastLogits();
        made.push_back(
            static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin()));
        static_cast<void>(generator.feed(made.back()));
    }
    return made;
}

} // namespace depthscope::tests
