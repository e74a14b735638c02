// SPDX-License-Identifier: MIT
#include "engine/ops/cpu/kernels.h"

namespace depthscope::ops::cpu {

namespace {

const Kernels& best() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return __builtin_cpu_supports("avx512f") ? avx512Kernels() : avx2Kernels();
    }
#endif
    return portableKernels();
}

} // namespace

const Kernels& kernels() {
    static const Kernels& chosen = best();
    return chosen;
}

} // namespace depthscope::ops::cpu
