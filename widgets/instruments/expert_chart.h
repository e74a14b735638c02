// SPDX-License-Identifier: MIT
// Which experts the predicted patches chose at each noise level: a stacked column a denoising step,
// from noise to the clip. A part of EXPERTS.
#pragma once

#include "widgets/instruments/row_list.h"

namespace depthscope::instruments {

/// Nothing where the main run does not denoise. `layer` counts the run's layers of experts.
void addExpertsByNoise(RowList& list,
                       const trace::TraceView& view,
                       const trace::RunView& run,
                       std::size_t layer);

} // namespace depthscope::instruments
