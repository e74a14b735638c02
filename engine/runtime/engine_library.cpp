// SPDX-License-Identifier: MIT
#include "engine/runtime/engine_library.h"

#include <dlfcn.h>

#include <filesystem>

namespace depthscope::runtime {

namespace {

[[noreturn]] void fail() {
    const char* reason = ::dlerror();
    throw Error(ErrorCode::NoEngine,
                std::string("the model engine cannot be loaded: ") +
                    (reason != nullptr ? reason : "?"),
                "LibTorch is missing or broken. Run packaging/setup.sh, then rebuild; recordings "
                "can be opened without it.");
}

} // namespace

std::filesystem::path libraryFolder() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&openEngine), &info) == 0 ||
        info.dli_fname == nullptr) {
        return {};
    }
    return std::filesystem::path(info.dli_fname).parent_path();
}

std::unique_ptr<Session> openEngine(const EngineOptions& options) {
    const std::filesystem::path path = libraryFolder() / "libdepthscope_engine.so";
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) {
        fail();
    }
    void* symbol = ::dlsym(library, kOpenSessionSymbol);
    if (symbol == nullptr) {
        fail();
    }
    const auto open = reinterpret_cast<OpenSession>(symbol);
    return std::unique_ptr<Session>(open(options));
}

} // namespace depthscope::runtime
