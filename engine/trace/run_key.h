// SPDX-License-Identifier: MIT
// The name of a run in the laboratory: the one looked at, a reference, a control, a point of a
// sweep. Any name will do; these the laboratory knows by itself.
#pragma once

#include <string>

namespace depthscope::trace {

using RunKey = std::string;

inline constexpr const char* kMainRun = "main"; ///< what is looked at
/// The same model and content with every place at full depth.
inline constexpr const char* kFullDepthRun = "full-depth";
/// The bundled vanilla model of the same data on the same content.
inline constexpr const char* kVanillaRun = "vanilla";

} // namespace depthscope::trace
