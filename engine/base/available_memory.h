// SPDX-License-Identifier: MIT
// How much memory a program can still take before the machine swaps. Any thread.
#pragma once

namespace depthscope {

/// In bytes, as Linux estimates it (MemAvailable), or less where a control group allows less;
/// infinity where nothing says.
[[nodiscard]] double availableMemory();

} // namespace depthscope
