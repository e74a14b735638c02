// SPDX-License-Identifier: MIT
// Small video transformers with random weights, nothing zero, and sides to run them on.
#pragma once

#include "engine/models/video_model.h"
#include "engine/models/video_positions.h"

#include <ATen/ATen.h>

#include <cstdint>

namespace depthscope::tests {

/// 3 x 2 x 2 tokens of width 24, two heads; the first frame of tokens is the context.
inline spec::VideoSpec smallMore() {
    spec::VideoSpec spec;
    spec.clip = {6, 8, 8};
    spec.patch = {2, 4, 4};
    spec.width = 24;
    spec.heads = 2;
    spec.contextFrames = 2;
    spec.entryBlocks = 1;
    spec.patterns.emplace();
    spec.patterns->registers = 3;
    spec.recursion.emplace();
    spec.recursion->recursions = 3;
    spec.recursion->capacity = {{1, 1}, {2, 3}, {1, 3}};
    return spec;
}

/// Initialised, then everything moved, so that no gate is 0.
inline models::VideoWeights
busyWeights(const spec::VideoSpec& spec, at::ScalarType dtype, std::uint64_t seed = 5) {
    models::VideoWeights weights = models::randomVideoWeights(spec, seed);
    at::manual_seed(seed);
    for (const models::DistinctWeight& weight : models::weightsOf(spec, weights)) {
        if (!weight.key.ends_with("balance")) {
            weight.tensor.add_(at::randn_like(weight.tensor), 0.15);
        }
    }
    models::convertWeights(spec, weights, at::kCPU, dtype);
    return weights;
}

/// A side of `clips` clips that begins at `firstFrame` of the grid.
inline models::Side sideOf(const spec::VideoSpec& spec,
                           std::int64_t clips,
                           std::int64_t firstFrame,
                           std::int64_t frames,
                           at::ScalarType dtype) {
    models::Side side;
    side.grid = spec.grid();
    side.grid.frames = frames;
    side.firstFrame = firstFrame;
    side.condition = at::randn({clips, spec.width}, dtype);
    side.noise = at::full({clips}, 0.5);
    const std::int64_t places = side.grid.rows * side.grid.columns;
    const nn::Rotary all = models::rotary3d(spec.grid(), spec.headWidth(), dtype);
    side.rotary = {all.cosine.narrow(1, firstFrame * places, frames * places),
                   all.sine.narrow(1, firstFrame * places, frames * places)};
    return side;
}

inline at::Tensor
statesOf(const spec::VideoSpec& spec, const models::Side& side, at::ScalarType dtype) {
    return at::randn({side.condition.size(0), side.grid.count(), spec.width}, dtype);
}

inline double apart(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

} // namespace depthscope::tests
