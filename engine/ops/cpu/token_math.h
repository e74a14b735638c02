// SPDX-License-Identifier: MIT
// What the token operators are made of: one vector of floats for each token, one behind the other,
// and products with weights that are fp32 or bfloat16 and read once for all of them. What becomes
// of a vector does not depend, to the last bit, on which others there are. Any thread that may run
// at::parallel_for. Errors are c10::Error.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace depthscope::ops::cpu {

using Floats = std::vector<float>;

/// Throws unless every one of them is contiguous and of x's type, float or bfloat16.
void checkWeights(const char* op, const at::Tensor& x, at::TensorList weights);

[[nodiscard]] Floats wide(const at::Tensor& x);
/// Into `to`, contiguous, float or bfloat16, with as many elements.
void narrow(const Floats& values, const at::Tensor& to);
[[nodiscard]] at::Tensor narrowed(const Floats& values, at::IntArrayRef shape, at::ScalarType type);

/// weight [rows, columns] · each vector of x [.., columns] for the rows from begin to end, into the
/// same places of out [.., rows].
void product(const at::Tensor& weight,
             std::int64_t begin,
             std::int64_t end,
             const Floats& x,
             float* out);

/// `work` over [begin, end) of the rows, on several threads where there are enough products:
/// `products` of each row.
void parallelRows(std::int64_t rows,
                  std::int64_t products,
                  const std::function<void(std::int64_t, std::int64_t)>& work);

/// weight · each vector of x.
[[nodiscard]] Floats productOf(const at::Tensor& weight, const Floats& x);

/// x · rsqrt(mean(x²) + ε) · gain, of each vector of x.
[[nodiscard]] Floats normed(const Floats& x, const Floats& gain, double epsilon);

/// x += y.
void add(Floats& x, const Floats& y);

/// x += down(silu(gate(h)) · up(h)).
void addFeedForward(Floats& x,
                    const Floats& h,
                    const at::Tensor& gate,
                    const at::Tensor& up,
                    const at::Tensor& down);

} // namespace depthscope::ops::cpu
