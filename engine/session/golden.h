// SPDX-License-Identifier: MIT
// The tiny models of docs/routing.md 7 (F1 MORE, F2 Mixture-of-Recursions), with weights made from
// their names, so that any machine can check the engine without files. Engine thread.
#pragma once

#include "engine/models/language_model.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::session {

struct GoldenCase {
    const char* name;
    spec::RouterType type;
    spec::RouterFunction function;
    double alpha;
    settings::Rule rule;
    std::vector<std::int64_t> depth;
    std::array<double, 4> lastLogits; ///< first four of the last row
    settings::KvPolicy kv = settings::KvPolicy::Recursion;
};

[[nodiscard]] std::vector<GoldenCase> goldenCases();

/// The model of a case in fp32 on `device`.
[[nodiscard]] models::LanguageModel goldenModel(const GoldenCase& wanted, at::Device device);

[[nodiscard]] std::vector<std::int64_t> goldenIds();

/// F1: its routes are the experts of block 0, then of block 1, the heavier of a token's two first.
struct GoldenMore {
    std::vector<std::int64_t> ids, targets, experts;
    double loss;
    std::array<double, 11> lastLogits;
};

[[nodiscard]] GoldenMore goldenMore();
[[nodiscard]] models::LanguageModel goldenMoreModel(at::Device device);

} // namespace depthscope::session
