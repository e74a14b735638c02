// SPDX-License-Identifier: MIT
// Stage 2 of MoRE-DiT alone, and the same as unrolled blocks. One thread.
#pragma once

#include "engine/models/video_recursion.h"
#include "tests/engine/models/video_fixture.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <utility>

namespace depthscope::tests {

struct RecursionBench {
    spec::VideoSpec spec;
    models::VideoWeights weights;
    at::ScalarType dtype;

    explicit RecursionBench(spec::VideoSpec made, at::ScalarType type = at::kDouble)
        : spec(std::move(made))
        , weights(busyWeights(spec, type))
        , dtype(type) {}

    [[nodiscard]] models::Side side(std::int64_t clips) const {
        return sideOf(spec, clips, 0, 3, dtype);
    }

    at::Tensor run(models::Side side,
                   const at::Tensor& x,
                   models::RoutedState& state,
                   const models::RecursionRequest& request = {}) const {
        return models::runVideoRecursion({spec, weights.recursion}, side, request, x, state);
    }

    /// R passes of all tokens, each x towards y by `gate` [B, N, 1] where one is given.
    [[nodiscard]] at::Tensor unrolled(models::Side side, at::Tensor x, bool isGated) const {
        for (int r = 0; r < spec.recursion->recursions; ++r) {
            at::Tensor y = x;
            for (const models::DitBlock& block : weights.recursion.stack) {
                y = models::runDitBlock(
                    spec,
                    {block, models::modulationsOf(block.modulation, side,
                                                  weights.recursion.steps.narrow(0, r, 1))[0]},
                    side, {.rotary = side.rotary}, y);
            }
            const at::Tensor gate =
                2.0 * at::sigmoid(
                          at::linear(x, weights.recursion.routers[static_cast<std::size_t>(r)][0]));
            x = isGated ? x + gate * (y - x) : y;
        }
        return x;
    }
};

} // namespace depthscope::tests
