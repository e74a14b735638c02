// SPDX-License-Identifier: MIT
// A causal video autoencoder ready to run (docs/video_models.md, "Autoencoder"): frames of a clip
// to latent frames and back. A latent frame, and a frame made of latents, depends on its own frame
// and those before it alone: before the first frame stands the first frame again. Const after
// loading; engine thread; gradients flow where grad mode is on. Letters: B clips, T frames, X rows,
// Y columns of pixels, f pixels a side of a latent's position, Z channels of a latent.
#pragma once

#include "engine/models/weights.h"
#include "engine/spec/autoencoder_weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace depthscope::models {

using AutoencoderWeights = spec::AutoencoderWeights<at::Tensor>;

/// What a coder keeps of the frames that it has seen, so that it can go on with the next ones:
/// the last kernel_frames - 1 inputs of each block that mixes time. Empty: nothing was seen.
struct CausalState {
    std::vector<at::Tensor> frames; ///< [B, D, kernel_frames - 1, X', Y'] each, in order of use
};

class Autoencoder {
public:
    Autoencoder(spec::AutoencoderSpec spec, AutoencoderWeights weights);

    [[nodiscard]] const spec::AutoencoderSpec& spec() const { return m_spec; }

    [[nodiscard]] AutoencoderWeights& weights() { return m_weights; }

    [[nodiscard]] at::Device device() const { return m_weights.encoder.out.weight.device(); }

    [[nodiscard]] at::ScalarType dtype() const {
        return m_weights.encoder.out.weight.scalar_type();
    }

    /// [B, 3, T, X, Y] of -1..1 -> [B, Z, T, X/f, Y/f]. With `state` the frames follow those that
    /// it has seen. Throws Error{BadInput} where X or Y is not a multiple of f.
    [[nodiscard]] at::Tensor encode(const at::Tensor& pixels, CausalState* state = nullptr) const;

    /// [B, Z, T, X/f, Y/f] -> [B, 3, T, X, Y], not clamped.
    [[nodiscard]] at::Tensor decode(const at::Tensor& latents, CausalState* state = nullptr) const;

private:
    spec::AutoencoderSpec m_spec;
    AutoencoderWeights m_weights;
};

/// Products N(0, 1/inputs), the last of each block and biases 0 (a block begins as the identity),
/// gains 1.
[[nodiscard]] AutoencoderWeights randomAutoencoderWeights(const spec::AutoencoderSpec& spec,
                                                          std::uint64_t seed);

/// All tensors with their keys, in checkpoint order.
[[nodiscard]] std::vector<DistinctWeight> weightsOf(const spec::AutoencoderSpec& spec,
                                                    AutoencoderWeights& weights);

void convertWeights(const spec::AutoencoderSpec& spec,
                    AutoencoderWeights& weights,
                    at::Device device,
                    at::ScalarType dtype);

} // namespace depthscope::models
