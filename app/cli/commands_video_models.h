// SPDX-License-Identifier: MIT
// The part of `video` that works on models: train, sample, score, probe.
#pragma once

#include "app/cli/commands.h"

namespace depthscope::cli {

[[nodiscard]] Action declareVideoSample(CLI::App& app);
[[nodiscard]] Action declareVideoScore(CLI::App& app);
[[nodiscard]] Action declareVideoProbe(CLI::App& app);

} // namespace depthscope::cli
