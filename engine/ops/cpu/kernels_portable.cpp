// SPDX-License-Identifier: MIT
#define DEPTHSCOPE_VECTOR_BYTES 16
#include "engine/ops/cpu/kernels_impl.h"

namespace depthscope::ops::cpu {

const Kernels& portableKernels() {
    static constexpr Kernels kTable = table("portable");
    return kTable;
}

} // namespace depthscope::ops::cpu
