// SPDX-License-Identifier: MIT
#include "engine/base/idle_threads.h"

#include <cstdlib>

namespace depthscope {

void calmIdleThreads() {
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) {
        ::setenv("OMP_WAIT_POLICY", "passive", 1);
        ::setenv("GOMP_SPINCOUNT", "30000", 0); // tens of microseconds
    }
}

} // namespace depthscope
