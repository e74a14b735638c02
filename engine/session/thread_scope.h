// SPDX-License-Identifier: MIT
// Sets LibTorch's intra-op threads for one step and leaves them so: every step sets its own. Engine
// thread.
#pragma once

#include <ATen/Parallel.h>

namespace depthscope::session {

class ThreadScope {
public:
    explicit ThreadScope(int threads) {
        if (at::get_num_threads() != threads) {
            at::set_num_threads(threads);
        }
    }
};

/// The number of threads, from 1 to `most`, that multiplies matrices of the demo models' size
/// fastest; measured for about 100 ms.
[[nodiscard]] int measureBestThreads(int most);

} // namespace depthscope::session
