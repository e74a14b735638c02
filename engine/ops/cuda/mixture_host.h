// SPDX-License-Identifier: MIT
// A mixture of recursive experts over one token (docs/routing.md 1.2) by our kernels: its memory,
// and the launches over it, which allocate nothing. Engine thread; errors are c10::Error. Letters:
// D width, M experts, k of a token, H heads, E head_dim, F feed-forward width.
#pragma once

#include "engine/ops/cuda/launcher.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::ops::cuda {

/// What a mixture reads: x [1, 1, D], contiguous, and weights (ops/token.h).
struct MixtureWeights {
    at::Tensor x, gain, router;
    at::TensorList experts; ///< kExpertParts of each in turn
};

struct MixtureShape {
    std::int64_t perToken, headDim, loops;
};

/// What it writes: out [1, 1, D], which may be x; index [1, 1, k] int64 and weight [1, 1, k].
struct MixtureResults {
    at::Tensor out, index, weight;
};

struct Mixture {
    at::Tensor x, gain, router;
    std::vector<at::Tensor> experts;
    std::int64_t perToken = 0, headDim = 0, loops = 0;
    double epsilon = 0;
    at::Tensor out, index, weight;
    at::Tensor state, entered; ///< [k, D] float, before and behind the attention
    at::Tensor value;          ///< [k, H·E] float
    at::Tensor opened;         ///< [k, F] float
    at::Tensor chosen;         ///< [k, kExpertParts] pointers
    at::Tensor exact;          ///< [k] float

    [[nodiscard]] const at::Tensor& part(ExpertPart which) const {
        return experts[static_cast<std::size_t>(which)];
    }

    [[nodiscard]] bool brain() const { return x.scalar_type() == at::kBFloat16; }
};

/// With memory for what its kernels hand on.
[[nodiscard]] Mixture mixtureOf(const MixtureWeights& weights,
                                MixtureShape shape,
                                double epsilon,
                                const MixtureResults& results);

/// The choice, four products a loop over the chosen experts side by side, the sum. The GPU alone
/// knows which experts those are.
void mixInto(Launcher& launcher, const Mixture& of);

} // namespace depthscope::ops::cuda
