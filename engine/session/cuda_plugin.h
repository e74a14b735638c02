// SPDX-License-Identifier: MIT
// Brings CUDA into a process that is linked to the CPU half of LibTorch alone. Engine thread,
// before the first question whether there is CUDA: LibTorch caches that answer.
#pragma once

#include <string>

namespace depthscope::session {

/// Opens libtorch_cuda.so and our plug-in where an NVIDIA driver is. Returns why there is no CUDA,
/// or "" on success.
[[nodiscard]] std::string openCudaPlugin();

} // namespace depthscope::session
