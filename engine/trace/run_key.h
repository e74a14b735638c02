// SPDX-License-Identifier: MIT
// The name of a run in the laboratory: the main run, a reference, a control, a point of a sweep.
// Any name is allowed; the laboratory itself uses these.
#pragma once

#include <string>

namespace depthscope::trace {

using RunKey = std::string;

inline constexpr const char* kMainRun = "main"; ///< what is looked at
/// The same model and content with every place at full depth.
inline constexpr const char* kFullDepthRun = "full-depth";
/// The bundled vanilla model of the same data on the same content.
inline constexpr const char* kVanillaRun = "vanilla";
/// What the main run's clip shows in truth, where that is known: pictures without a routing.
inline constexpr const char* kTruthRun = "truth";

} // namespace depthscope::trace
