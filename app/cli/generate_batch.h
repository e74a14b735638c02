// SPDX-License-Identifier: MIT
// `generate --prompts`: many texts together, a JSON line as each ends. Main thread.
#pragma once

#include "app/cli/options.h"

#include <cstdint>
#include <optional>
#include <string>

namespace depthscope::cli {

struct BatchOptions {
    std::string prompts;              ///< file; empty: not asked
    std::optional<std::int64_t> rows; ///< --batch
    std::optional<double> kvMemory;   ///< MiB
    std::string batching;             ///< "depth" or "sequence"; empty: not asked

    /// An option that is of no use without --prompts.
    [[nodiscard]] bool hasAny() const { return rows || kvMemory || !batching.empty(); }

    /// Throws Error{Usage} unless it is within its range.
    [[nodiscard]] settings::BatchSettings checked() const;
};

void addBatch(CLI::App& app, BatchOptions& options);

/// Throws Error{BadInput} at the end where any of the prompts failed.
void generateBatch(const Common& common,
                   const BatchOptions& options,
                   const std::string& folder,
                   runtime::BatchRequest request);

} // namespace depthscope::cli
