// SPDX-License-Identifier: MIT
// How many threads work on a step. Engine thread.
#pragma once

#include "engine/spec/language_spec.h"

#include <ATen/Parallel.h>

namespace depthscope::session {

/// LibTorch's intra-op threads from here on; every step of a job says its own.
inline void useThreads(int threads) {
    if (at::get_num_threads() != threads) {
        at::set_num_threads(threads);
    }
}

/// Threads for decoding one token at a time, at most `most`: 1 where no matrix of a layer is large
/// enough to be shared, since the others would only wait beside it.
[[nodiscard]] int decodingThreads(const spec::LanguageSpec& config, int most);

/// The number of threads, from 1 to `most`, that multiplies matrices of the demo models' size
/// fastest; measured for about 100 ms.
[[nodiscard]] int measureBestThreads(int most);

} // namespace depthscope::session
