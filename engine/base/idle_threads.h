// SPDX-License-Identifier: MIT
// How OpenMP's threads wait between two matrix products. Main thread, before any thread is started.
#pragma once

namespace depthscope {

/// They spin briefly, since decoding wakes them about 150 times per token, then sleep, because a
/// window or another program needs their core. OMP_WAIT_POLICY in the environment takes precedence.
void limitIdleSpinning();

} // namespace depthscope
