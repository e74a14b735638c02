// SPDX-License-Identifier: MIT
#define DEPTHSCOPE_VECTOR_BYTES 64
#include "engine/ops/cpu/kernels_impl.h"

namespace depthscope::ops::cpu {

const Kernels& avx512Kernels() {
    static constexpr Kernels kTable = table("avx512");
    return kTable;
}

} // namespace depthscope::ops::cpu
