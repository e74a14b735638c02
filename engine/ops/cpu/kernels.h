// SPDX-License-Identifier: MIT
// The inner loops of decoding, first of all dot products of one vector with a matrix's rows. One
// translation unit for each instruction set; the best that the processor has is chosen once. Plain
// pointers, any thread.
#pragma once

#include <cstdint>

namespace depthscope::ops::cpu {

/// Bits of a bfloat16.
using Brain = std::uint16_t;

struct Kernels {
    const char* name; ///< "avx512", "avx2", "portable"
    /// out[r] = sum over c of rows[r·stride + c] · x[c], for r < count, c < columns.
    void (*dotFloat)(const float* rows,
                     std::int64_t stride,
                     std::int64_t count,
                     std::int64_t columns,
                     const float* x,
                     float* out);
    void (*dotBrain)(const Brain* rows,
                     std::int64_t stride,
                     std::int64_t count,
                     std::int64_t columns,
                     const float* x,
                     float* out);
    /// out[c] += sum over r of weights[r] · rows[r·stride + c].
    void (*mixFloat)(const float* rows,
                     std::int64_t stride,
                     std::int64_t count,
                     std::int64_t columns,
                     const float* weights,
                     float* out);
    void (*mixBrain)(const Brain* rows,
                     std::int64_t stride,
                     std::int64_t count,
                     std::int64_t columns,
                     const float* weights,
                     float* out);
    /// The sum of x².
    float (*squares)(const float* x, std::int64_t count);
    /// gate[i] = silu(gate[i]) · up[i].
    void (*gated)(float* gate, const float* up, std::int64_t count);
};

[[nodiscard]] const Kernels& portableKernels();
[[nodiscard]] const Kernels& avx2Kernels();
[[nodiscard]] const Kernels& avx512Kernels();

/// The best of them for this processor.
[[nodiscard]] const Kernels& kernels();

} // namespace depthscope::ops::cpu
