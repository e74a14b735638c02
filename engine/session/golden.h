// SPDX-License-Identifier: MIT
// The tiny Mixture-of-Recursions model of routing.md 7 (F2), with weights made from their names, so
// that any machine can check the engine without files. Engine thread.
#pragma once

#include "engine/models/language_model.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::session {

struct GoldenCase {
    const char* name;
    models::RouterType type;
    models::RouterFunction function;
    double alpha;
    settings::Rule rule;
    std::vector<std::int64_t> depth;
    std::array<double, 4> lastLogits; ///< first four of the last row
};

[[nodiscard]] std::vector<GoldenCase> goldenCases();

/// The model of a case in fp32 on `device`.
[[nodiscard]] models::LanguageModel goldenModel(const GoldenCase& wanted, at::Device device);

[[nodiscard]] std::vector<std::int64_t> goldenIds();

} // namespace depthscope::session
