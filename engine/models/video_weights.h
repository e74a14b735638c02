// SPDX-License-Identifier: MIT
// The tensors of a video transformer in memory: made anew, listed, counted, moved. Engine thread.
#pragma once

#include "engine/models/dit_block.h"
#include "engine/models/weights.h"

#include <cstdint>
#include <vector>

namespace depthscope::models {

/// As DiT begins (Peebles and Xie 2023): products Xavier-uniform with biases 0, the noise level's
/// and the label's N(0, 0.02²), everything that modulates and the head 0, so that every block is
/// the identity and the network returns 0. A motion projection begins at 0, norms at 1.
[[nodiscard]] VideoWeights randomVideoWeights(const spec::VideoSpec& spec, std::uint64_t seed);

/// All defined tensors with their keys, in checkpoint order.
[[nodiscard]] std::vector<DistinctWeight> weightsOf(const spec::VideoSpec& spec,
                                                    VideoWeights& weights);

/// Parameters by part, counted from the tensors.
[[nodiscard]] std::vector<spec::ParameterPart> countParameters(const spec::VideoSpec& spec,
                                                               VideoWeights& weights);

void convertWeights(const spec::VideoSpec& spec,
                    VideoWeights& weights,
                    at::Device device,
                    at::ScalarType dtype);

} // namespace depthscope::models
