// SPDX-License-Identifier: MIT
#include "engine/base/idle_threads.h"

#include <cstdlib>

namespace depthscope {

void limitIdleSpinning() {
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) {
        ::setenv("OMP_WAIT_POLICY", "passive", 1);
        // About 0.1 ms. Shorter, decoding waits for threads to wake; longer, threads that share a
        // core with another program hold it up for each other (docs/performance.md).
        ::setenv("GOMP_SPINCOUNT", "3000", 0);
    }
}

} // namespace depthscope
