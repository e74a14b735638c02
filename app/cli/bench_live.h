// SPDX-License-Identifier: MIT
// How soon a moved setting shows: the bench `live`.
#pragma once

#include "app/cli/client.h"

#include <string>
#include <vector>

namespace depthscope::cli {

/// Setting moved -> the new depths have been drained, 200 times with 200 different values: the
/// capacity of an expert-choice model, the exit threshold of a looped model with a gate, whose
/// exits are as published. `gflops` is the machine's matrix rate. Throws Error{Usage} for other
/// models.
[[nodiscard]] std::vector<runtime::BenchCase>
benchLive(Client& client, const std::string& folder, double gflops);

} // namespace depthscope::cli
