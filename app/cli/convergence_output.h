// SPDX-License-Identifier: MIT
// What `run --convergence` says (docs/cli.md, docs/convergence.md). Main thread.
#pragma once

#include "engine/trace/convergence.h"

#include <nlohmann/json.hpp>

namespace depthscope::cli {

/// The object `convergence`: quantities as [R][T], null where a token did not run the recursion;
/// exits by rule, null where it would not stop.
[[nodiscard]] nlohmann::json convergenceJson(const trace::Convergence& convergence);

/// The array `predictions`, [R][T][5].
[[nodiscard]] nlohmann::json predictionsJson(const trace::Convergence& convergence);

/// The means of each recursion, and where answers settle.
void printConvergence(const trace::Convergence& convergence);

} // namespace depthscope::cli
