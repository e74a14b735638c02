// SPDX-License-Identifier: MIT
// Where the laboratory gets its runtimes and recordings. A value made once by the program or a
// test; called on the GUI thread but for `save`.
#pragma once

#include "engine/recording/recording.h"
#include "engine/runtime/runtime.h"

#include <functional>
#include <memory>
#include <string>

namespace depthscope::lab {

/// Tests give fakes. `save` runs on a thread of its own.
struct Backends {
    std::function<std::unique_ptr<runtime::Runtime>(runtime::Wake)> live;
    std::function<std::unique_ptr<runtime::Runtime>(const std::string& file, runtime::Wake)> replay;
    std::function<void(const std::string& file, const recording::Recording& recording)> save;
};

} // namespace depthscope::lab
