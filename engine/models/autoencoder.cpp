// SPDX-License-Identifier: MIT
#include "engine/models/autoencoder.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace depthscope::models {

using spec::WeightSlot;

namespace {

constexpr int kChannels = 1, kTime = 2, kRows = 3, kColumns = 4; // of [B, C, T, X, Y]
constexpr double kEpsilon = 1e-6;

using Product = spec::LinearWeights<at::Tensor>;

/// Squares of side x side neighbours become channels: [B, C, T, X, Y] -> [B, C s s, T, X/s, Y/s].
at::Tensor folded(const at::Tensor& x, std::int64_t side) {
    const std::int64_t rows = x.size(kRows) / side, columns = x.size(kColumns) / side;
    return x.reshape({x.size(0), x.size(kChannels), x.size(kTime), rows, side, columns, side})
        .permute({0, 1, 4, 6, 2, 3, 5})
        .reshape({x.size(0), x.size(kChannels) * side * side, x.size(kTime), rows, columns});
}

/// The inverse of folded().
at::Tensor unfolded(const at::Tensor& x, std::int64_t side) {
    const std::int64_t channels = x.size(kChannels) / (side * side);
    return x
        .reshape({x.size(0), channels, side, side, x.size(kTime), x.size(kRows), x.size(kColumns)})
        .permute({0, 1, 4, 5, 2, 6, 3})
        .reshape(
            {x.size(0), channels, x.size(kTime), x.size(kRows) * side, x.size(kColumns) * side});
}

/// A product at each position.
at::Tensor mapped(const at::Tensor& x, const Product& weights) {
    return at::conv3d(x, weights.weight.view({weights.weight.size(0), -1, 1, 1, 1}), weights.bias);
}

/// RMS norm over the channels of each position: a norm over frames would not be causal.
at::Tensor normed(const at::Tensor& x, const at::Tensor& gain) {
    const at::Tensor scale = (x.square().mean(kChannels, true) + kEpsilon).rsqrt();
    return x * scale * gain.view({1, -1, 1, 1, 1});
}

/// Runs one coder over some frames. `used` counts the blocks that mix time.
struct Pass {
    CausalState* state;
    std::size_t used = 0;

    /// With the frames before these in front.
    [[nodiscard]] at::Tensor preceded(const at::Tensor& x, std::int64_t frames) {
        const std::int64_t before = frames - 1;
        if (before == 0) {
            return x;
        }
        const bool goesOn = state != nullptr && used < state->frames.size();
        const at::Tensor past =
            goesOn ? state->frames[used] : x.narrow(kTime, 0, 1).expand(sizesOf(x, before));
        at::Tensor whole = at::cat({past, x}, kTime);
        if (state != nullptr) {
            at::Tensor last = whole.narrow(kTime, whole.size(kTime) - before, before).clone();
            if (goesOn) {
                state->frames[used] = std::move(last);
            } else {
                state->frames.push_back(std::move(last));
            }
            ++used;
        }
        return whole;
    }

    [[nodiscard]] at::Tensor block(const at::Tensor& x,
                                   const spec::CausalBlockWeights<at::Tensor>& weights) {
        constexpr std::array<std::int64_t, 3> kStride{1, 1, 1}, kPad{0, 1, 1};
        const at::Tensor& kernel = weights.mix.weight;
        const at::Tensor seen = preceded(at::silu(normed(x, weights.gain)), kernel.size(kTime));
        const at::Tensor mixed = at::conv3d(seen, kernel, weights.mix.bias, kStride, kPad);
        return x + mapped(at::silu(mixed), weights.point);
    }

    static std::vector<std::int64_t> sizesOf(const at::Tensor& x, std::int64_t frames) {
        return {x.size(0), x.size(kChannels), frames, x.size(kRows), x.size(kColumns)};
    }
};

void requireWhole(const at::Tensor& pixels, std::int64_t factor) {
    const std::int64_t rows = pixels.size(kRows), columns = pixels.size(kColumns);
    if (rows % factor != 0 || columns % factor != 0) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("a frame of {} x {} pixels does not divide into squares of {} x {}",
                        columns, rows, factor, factor),
            fmt::format("Both sides must be multiples of {}: scale or crop the frames.", factor));
    }
}

} // namespace

Autoencoder::Autoencoder(spec::AutoencoderSpec spec, AutoencoderWeights weights)
    : m_spec(std::move(spec))
    , m_weights(std::move(weights)) {}

at::Tensor Autoencoder::encode(const at::Tensor& pixels, CausalState* state) const {
    requireWhole(pixels, m_spec.factor());
    Pass pass{state};
    const auto& coder = m_weights.encoder;
    at::Tensor x = mapped(folded(pixels.to(dtype()), m_spec.patch), coder.in);
    for (const auto& level : coder.levels) {
        for (const auto& block : level.blocks) {
            x = pass.block(x, block);
        }
        if (level.change.weight.defined()) {
            x = mapped(folded(x, 2), level.change);
        }
    }
    return mapped(normed(x, coder.gain), coder.out);
}

at::Tensor Autoencoder::decode(const at::Tensor& latents, CausalState* state) const {
    Pass pass{state};
    const auto& coder = m_weights.decoder;
    at::Tensor x = mapped(latents.to(dtype()), coder.in);
    for (const auto& level : coder.levels) {
        for (const auto& block : level.blocks) {
            x = pass.block(x, block);
        }
        if (level.change.weight.defined()) {
            x = unfolded(mapped(x, level.change), 2);
        }
    }
    return unfolded(mapped(normed(x, coder.gain), coder.out), m_spec.patch);
}

AutoencoderWeights randomAutoencoderWeights(const spec::AutoencoderSpec& spec, std::uint64_t seed) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    auto weights = spec::emptyAutoencoderWeights<at::Tensor>(spec);
    spec::visitAutoencoderWeights<at::Tensor>(
        spec, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
            if (slot.key.ends_with(".bias") || slot.key.ends_with(".point.weight")) {
                tensor = at::zeros(slot.shape);
            } else if (slot.shape.size() == 1) {
                tensor = at::ones(slot.shape);
            } else {
                tensor = at::empty(slot.shape);
                const auto inputs = static_cast<double>(tensor.numel() / slot.shape.front());
                tensor.normal_(0.0, 1.0 / std::sqrt(inputs), generator);
            }
        });
    return weights;
}

std::vector<DistinctWeight> weightsOf(const spec::AutoencoderSpec& spec,
                                      AutoencoderWeights& weights) {
    std::vector<DistinctWeight> list;
    spec::visitAutoencoderWeights<at::Tensor>(spec, weights,
                                              [&](const WeightSlot& slot, at::Tensor& tensor) {
                                                  list.push_back({slot.key, tensor});
                                              });
    return list;
}

void convertWeights(const spec::AutoencoderSpec& spec,
                    AutoencoderWeights& weights,
                    at::Device device,
                    at::ScalarType dtype) {
    spec::visitAutoencoderWeights<at::Tensor>(
        spec, weights,
        [&](const WeightSlot&, at::Tensor& tensor) { tensor = tensor.to(device, dtype); });
}

} // namespace depthscope::models
