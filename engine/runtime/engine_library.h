// SPDX-License-Identifier: MIT
// Opens the torch half at run time, so that programs start without LibTorch and live without it.
// Engine thread.
#pragma once

#include "engine/runtime/session.h"

#include <filesystem>
#include <memory>

namespace depthscope::runtime {

/// Opens libdepthscope_engine.so beside this library and makes its session. The library stays open
/// until the process ends (LibTorch cannot be unloaded). Throws Error{Device} with the remedy when
/// it is not there or cannot be loaded.
[[nodiscard]] std::unique_ptr<Session> openEngine(const EngineOptions& options);

/// The folder of the libraries and programs, which lie side by side; empty where it is not known.
[[nodiscard]] std::filesystem::path libraryFolder();

} // namespace depthscope::runtime
