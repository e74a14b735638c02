// SPDX-License-Identifier: MIT
// Loads the LibTorch engine at run time, so that programs start and run without LibTorch.
// Engine thread.
#pragma once

#include "engine/runtime/session.h"

#include <filesystem>
#include <memory>

namespace depthscope::runtime {

/// Opens libdepthscope_engine.so beside this library and makes its session. The library stays open
/// until the process ends (LibTorch cannot be unloaded). Throws Error{Device} with the remedy if it
/// is missing or cannot be loaded.
[[nodiscard]] std::unique_ptr<Session> openEngine(const EngineOptions& options);

/// The folder of the libraries and programs, which lie side by side; empty if unknown.
[[nodiscard]] std::filesystem::path libraryFolder();

} // namespace depthscope::runtime
