// SPDX-License-Identifier: MIT
// Sets LibTorch's intra-op threads for one step and leaves them so: every step sets its own. Engine
// thread.
#pragma once

#include "engine/models/config.h"

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

/// Threads for decoding one token at a time, at most `most`: 1 where no matrix of a layer is large
/// enough to be shared, since the others would only wait beside it.
[[nodiscard]] int decodingThreads(const models::ModelConfig& config, int most);

/// The number of threads, from 1 to `most`, that multiplies matrices of the demo models' size
/// fastest; measured for about 100 ms.
[[nodiscard]] int measureBestThreads(int most);

} // namespace depthscope::session
