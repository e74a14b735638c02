// SPDX-License-Identifier: MIT
// Loads CUDA into a process that is linked only to the CPU part of LibTorch. Engine thread, before
// anything checks for CUDA: LibTorch caches the answer.
#pragma once

#include <string>

namespace depthscope::session {

/// Loads libtorch_cuda.so and our plug-in if there is an NVIDIA driver. Returns why CUDA is not
/// available, or "" on success.
[[nodiscard]] std::string openCudaPlugin();

} // namespace depthscope::session
