// SPDX-License-Identifier: MIT
#define DEPTHSCOPE_VECTOR_BYTES 32
#include "engine/ops/cpu/kernels_impl.h"

namespace depthscope::ops::cpu {

const Kernels& avx2Kernels() {
    static constexpr Kernels kTable = table("avx2");
    return kTable;
}

} // namespace depthscope::ops::cpu
