// SPDX-License-Identifier: MIT
// A family that is nothing like text, to prove that the house has room for one: 4 x 6 patches with
// three classes of their own are denoised in five passes over the same places, 0 to 3 experts work
// on each, and recursions choose their patches by routers. It lives in tests alone. Engine thread.
#pragma once

#include "engine/session/family.h"

namespace depthscope::tests {

inline constexpr int kGridRows = 4;
inline constexpr int kGridColumns = 6;
inline constexpr int kGridPasses = 5;
inline constexpr int kGridRecursions = 3;
inline constexpr int kGridExperts = 5;

/// Its row in a table of families: model_type "grid".
[[nodiscard]] session::Family gridFamily();

} // namespace depthscope::tests
