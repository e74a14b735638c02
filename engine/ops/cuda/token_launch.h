// SPDX-License-Identifier: MIT
// What launches have in common: checks of weights, sizes of grids, and a product put together from
// tensors. Engine thread. Letters: S slots.
#pragma once

#include "engine/ops/cuda/token_host.h"

#include <ATen/core/Tensor.h>

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

} // namespace depthscope::ops::cuda
