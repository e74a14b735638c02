// SPDX-License-Identifier: MIT
// KV MEMORY of a clip: the keys and values of the given frames, which are kept over all denoising
// steps, and what runs in a step beside them. A part of KV MEMORY, which draws it where the run is
// a clip.
#pragma once

#include "widgets/instruments/row_list.h"

#include <memory>

namespace depthscope::instruments {

[[nodiscard]] std::unique_ptr<RowListPanel> makeClipMemory();

} // namespace depthscope::instruments
