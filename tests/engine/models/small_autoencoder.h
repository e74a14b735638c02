// SPDX-License-Identifier: MIT
// A small autoencoder in which every tensor matters: no block is the identity.
#pragma once

#include "engine/models/autoencoder.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <utility>

namespace depthscope::tests {

/// 5 frames of 8 x 12 pixels, positions of 4 x 4, 3 numbers each, two levels.
inline spec::AutoencoderSpec smallAutoencoder() {
    return {{5, 8, 12}, 2, 1, 4, 1, 3, 3};
}

inline models::Autoencoder
busyAutoencoder(const spec::AutoencoderSpec& spec, at::ScalarType dtype, std::uint64_t seed = 7) {
    constexpr double kSpread = 0.4;
    models::AutoencoderWeights weights = models::randomAutoencoderWeights(spec, seed);
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    models::convertWeights(spec, weights, at::kCPU, dtype);
    for (const models::DistinctWeight& weight : models::weightsOf(spec, weights)) {
        at::Tensor tensor = weight.tensor;
        tensor.normal_(weight.key.ends_with("norm.weight") ? 1.0 : 0.0, kSpread, generator);
    }
    return {spec, std::move(weights)};
}

/// [B, 3, T, X, Y] of -1..1.
inline at::Tensor
randomPixels(const spec::AutoencoderSpec& spec, std::int64_t clips, at::ScalarType dtype) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(3);
    const spec::Extent3& clip = spec.clip;
    return at::empty({clips, 3, clip.frames, clip.rows, clip.columns}, dtype)
        .uniform_(-1, 1, generator);
}

} // namespace depthscope::tests
