// SPDX-License-Identifier: MIT
#include "engine/session/cuda_plugin.h"

#include "engine/base/text.h"
#include "engine/runtime/engine_library.h"

#include <dlfcn.h>

#include <filesystem>

namespace depthscope::session {

namespace {

std::string lastError() {
    const char* error = ::dlerror();
    return error != nullptr ? error : "unknown error";
}

} // namespace

std::string openCudaPlugin() {
    // Opening 1.5 GB of kernels is for machines that have a driver.
    if (::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) == nullptr) {
        return "no NVIDIA driver";
    }
    if (::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
        return fmt::format("LibTorch's CUDA library cannot be opened: {}", lastError());
    }
    const std::filesystem::path plugin = runtime::libraryFolder() / "libdepthscope_cuda.so";
    if (::dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
        return fmt::format("the CUDA plug-in cannot be opened: {}", lastError());
    }
    return {};
}

} // namespace depthscope::session
