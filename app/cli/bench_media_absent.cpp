// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) says so where it is asked for.
#include "app/cli/bench_media.h"
#include "engine/base/error.h"

namespace depthscope::cli {

std::vector<runtime::BenchCase> benchMedia() {
    throw Error(ErrorCode::Usage, "bench media: this program was built without video",
                "Build it with DEPTHSCOPE_MEDIA=ON; it needs FFmpeg's development packages.");
}

} // namespace depthscope::cli
