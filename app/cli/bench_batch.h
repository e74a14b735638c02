// SPDX-License-Identifier: MIT
// `bench batch`: the same texts one at a time, together recursion by recursion, and together at any
// recursion. Main thread.
#pragma once

#include "app/cli/client.h"
#include "engine/runtime/report.h"

#include <cstdint>
#include <vector>

namespace depthscope::cli {

struct BatchBench {
    std::int64_t requests = 64;
    std::int64_t rows = 16; ///< tokens in a batch

    /// Throws Error{Usage} where one is out of range.
    void check() const;
};

/// Of the model that is loaded. Prompts are taken from `ids`, of which there is at least one.
[[nodiscard]] std::vector<runtime::BenchCase>
benchBatch(Client& client, const std::vector<std::int32_t>& ids, const BatchBench& bench);

} // namespace depthscope::cli
