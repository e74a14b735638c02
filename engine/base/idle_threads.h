// SPDX-License-Identifier: MIT
// How OpenMP's threads wait between two products. Main thread, before anything starts threads.
#pragma once

namespace depthscope {

/// They spin for a moment, since decoding wakes them some 150 times a token, then sleep: a window
/// or a second program wants their core. Where the environment says how to wait (OMP_WAIT_POLICY),
/// it stays so.
void calmIdleThreads();

} // namespace depthscope
