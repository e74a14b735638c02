// SPDX-License-Identifier: MIT
// Steps compared bit for bit. For tests of recording and replay.
#pragma once

#include "engine/trace/step_trace.h"

#include <string>

namespace depthscope::tests {

/// Name of the first field that differs in any bit; empty if none does. Logits are not compared.
[[nodiscard]] std::string differenceOf(const trace::StepTrace& one, const trace::StepTrace& other);

} // namespace depthscope::tests
