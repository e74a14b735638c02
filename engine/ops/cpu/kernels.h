// SPDX-License-Identifier: MIT
// The inner loops of decoding, first of all dot products of one vector with a matrix's rows, of
// listed attention and of a diffusion transformer's block. One translation unit for each
// instruction set; the best that the processor has is chosen once. Plain pointers, any thread.
#pragma once

#include <cstdint>

namespace depthscope::ops::cpu {

/// Bits of a bfloat16.
using Brain = std::uint16_t;

/// A matrix [count, columns], row r at data + r · stride.
template <class Element>
struct Rows {
    const Element* data;
    std::int64_t stride;
    std::int64_t count;
    std::int64_t columns;
};

/// Which rows of keys and values a query reads.
struct KeyList {
    const std::int32_t* entries;
    std::int64_t count; ///< at least 1
};

/// One head of one query of listed attention (ops/listed.h).
template <class T>
struct ListedHead {
    const T* query;
    const T* keys;
    const T* values;
    KeyList list;
    std::int64_t width; ///< E, also from row to row
    T scale;            ///< of the logits
};

/// Its gradient, given that of its output; keys and values are added to, the query is written.
template <class T>
struct ListedGradient {
    const T* gradient;
    const T* out;
    T logSum; ///< as the forward pass returned it
    T* query;
    T* keys;
    T* values;
};

/// A row of states and what modulates it (ops/diffusion.h).
struct ModulatedRow {
    const float* x;
    const float* shift;
    const float* scale;
    std::int64_t count;
    float epsilon;
};

struct Kernels {
    const char* name; ///< "avx512", "avx2", "portable"
    /// out[r] = sum over c of rows[r, c] · x[c].
    void (*dotFloat)(const Rows<float>& rows, const float* x, float* out);
    void (*dotBrain)(const Rows<Brain>& rows, const float* x, float* out);
    /// out[c] += sum over r of weights[r] · rows[r, c].
    void (*mixFloat)(const Rows<float>& rows, const float* weights, float* out);
    void (*mixBrain)(const Rows<Brain>& rows, const float* weights, float* out);
    /// The sum of x².
    float (*squares)(const float* x, std::int64_t count);
    /// gate[i] = silu(gate[i]) · up[i].
    void (*gated)(float* gate, const float* up, std::int64_t count);
    /// Writes softmax(query · keys) · values; returns the logarithm of the softmax's sum. `buffer`
    /// has room for the list, rounded up to 64 bytes.
    float (*attendFloat)(const ListedHead<float>& head, float* out, float* buffer);
    double (*attendDouble)(const ListedHead<double>& head, double* out, double* buffer);
    void (*attendBackFloat)(const ListedHead<float>& head,
                            const ListedGradient<float>& back,
                            float* buffer);
    void (*attendBackDouble)(const ListedHead<double>& head,
                             const ListedGradient<double>& back,
                             double* buffer);
    /// out = (1 + scale) (x - mean) / sqrt(variance + epsilon) + shift.
    void (*modulate)(const ModulatedRow& row, float* out);
    /// Of x's halves a and b, `half` numbers each: a c - b s, then b c + a s.
    void (*turn)(const float* x,
                 const float* cosine,
                 const float* sine,
                 std::int64_t half,
                 float* out);
};

[[nodiscard]] const Kernels& portableKernels();
[[nodiscard]] const Kernels& avx2Kernels();
[[nodiscard]] const Kernels& avx512Kernels();

/// The best of them for this processor.
[[nodiscard]] const Kernels& kernels();

} // namespace depthscope::ops::cpu
