// SPDX-License-Identifier: MIT
// What launches have in common: checks of weights, sizes of grids, and a product put together from
// tensors. Engine thread. Letters: S slots.
#pragma once

#include "engine/ops/cuda/token_host.h"

#include <ATen/core/Tensor.h>

#include <utility>

namespace depthscope::ops::cuda {

/// Throws unless x [.., D] is float or bfloat16 and each weight is contiguous, of its type, and on
/// its device.
void checkWeights(const char* op, const at::Tensor& x, at::TensorList weights);

/// One block a head of each of `tokens`, the longest of which attends to `entries`.
[[nodiscard]] Grid
attentionGrid(std::int64_t heads, std::int64_t tokens, std::int64_t entries, std::int64_t headDim);

/// Every load of a pack is whole and aligned: rows of `columns` elements, from these places.
[[nodiscard]] bool loadsWide(std::int64_t columns,
                             std::int64_t elementBytes,
                             std::initializer_list<const void*> places);

/// Grid and lanes of the rows of a product.
void layOut(std::int64_t rows,
            std::int64_t elementBytes,
            std::int64_t slots,
            Grid& grid,
            RowsArgs& args);

/// A product of weights with one vector of each slot. What it reads and writes outlives it.
class Product {
public:
    /// x says the type, and how many slots there are. Matrices one below the other.
    Product(const at::Tensor& x, at::TensorList matrices);
    /// silu(gate · x) · (up · x).
    Product(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& up);

    [[nodiscard]] std::int64_t rows() const { return m_rows; }

    void reads(const at::Tensor& x, const at::Tensor& gain, double epsilon); ///< norm(x)
    void reads(const at::Tensor& x);                                         ///< [S, columns] float
    void adds(const at::Tensor& x);    ///< [.., rows] of the weights' type
    void writes(const at::Tensor& to); ///< [.., rows] float, or of the weights' type
    void run(Launcher& launcher);

private:
    RowsArgs m_args;
    bool m_brain;
    std::int64_t m_rows = 0;
    std::int64_t m_slots;
    at::Tensor m_input; // contiguous
};

// Parts of a layer, from and into memory that is there. S tokens, at most kFewTokens where a
// product is made.

/// What tokens attend to.
struct Attended {
    at::TensorList keys, values; ///< of each token, [1, G, C, E]
    at::IntArrayRef entries;     ///< of each token: how many, its own included
    at::IntArrayRef append;      ///< of each token: it writes its own
    const std::int64_t* counts; ///< `entries` on the device, read when the kernel runs; null: above
};

/// Heads and their angles, contiguous [S, 1, E/2].
struct Turned {
    at::Tensor cosine, sine;
    std::int64_t heads;
};

/// made [S, rows of the parts] float = parts · norm(x).
void projectInto(Launcher& launcher,
                 const at::Tensor& x,
                 const at::Tensor& gain,
                 at::TensorList parts,
                 double epsilon,
                 const at::Tensor& made);

/// mixed [S, H·E] float = each query over its token's entries.
void attendInto(Launcher& launcher,
                const at::Tensor& made,
                const Attended& to,
                const Turned& turned,
                const at::Tensor& mixed);

/// opened [S, F] float = silu(gate · norm(x)) · (up · norm(x)).
void openInto(Launcher& launcher,
              const at::Tensor& x,
              const at::Tensor& gain,
              const std::pair<at::Tensor, at::Tensor>& gateUp,
              double epsilon,
              const at::Tensor& opened);

/// out = x + weight · from; x may be out. from [S, columns] float.
void addInto(Launcher& launcher,
             const at::Tensor& x,
             const at::Tensor& weight,
             const at::Tensor& from,
             const at::Tensor& out);

} // namespace depthscope::ops::cuda
