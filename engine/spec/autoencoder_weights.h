// SPDX-License-Identifier: MIT
// The tensors of a video autoencoder, as plain structs over any type of tensor, and the one
// declaration that loading, saving, counting and training visit (docs/video_models.md,
// "Autoencoder"). Letters as in autoencoder_spec.h; p side of a patch.
#pragma once

#include "engine/spec/autoencoder_spec.h"
#include "engine/spec/video_weights.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::spec {

/// x + point(silu(mix(silu(norm(x)))))
template <class T>
struct CausalBlockWeights {
    T gain;                 // [D_l]
    LinearWeights<T> mix;   // [D_l, D_l, frames, 3, 3]
    LinearWeights<T> point; // [D_l, D_l]
};

template <class T>
struct LevelWeights {
    std::vector<CausalBlockWeights<T>> blocks;
    LinearWeights<T> change; // to the next level; undefined at the last: [D_l+1, 4 D_l] of the
                             // encoder, [4 D_l-1, D_l] of the decoder
};

/// Encoder or decoder. Levels in the order in which they run.
template <class T>
struct CoderWeights {
    LinearWeights<T> in; // [D_0, 3 p p] of the encoder, [D_L, Z] of the decoder
    std::vector<LevelWeights<T>> levels;
    T gain;               // of the last level
    LinearWeights<T> out; // [Z, D_L]; [3 p p, D_0]
};

template <class T>
struct AutoencoderWeights {
    CoderWeights<T> encoder;
    CoderWeights<T> decoder;
};

namespace autoencoder_declaration {

template <class T>
struct Visit {
    const WeightVisitor<T>& visitor;
    std::string prefix;
    std::string part;

    void tensor(const std::string& name, std::vector<std::int64_t> shape, T& tensor) const {
        visitor({prefix + name, std::move(shape), "", part, false}, tensor);
    }

    void product(const std::string& name,
                 std::vector<std::int64_t> shape,
                 LinearWeights<T>& weights) const {
        const std::int64_t out = shape.front();
        tensor(name + ".weight", std::move(shape), weights.weight);
        tensor(name + ".bias", {out}, weights.bias);
    }

    void block(const std::string& name,
               std::int64_t width,
               std::int64_t frames,
               CausalBlockWeights<T>& weights) const {
        tensor(name + ".norm.weight", {width}, weights.gain);
        product(name + ".mix", {width, width, frames, 3, 3}, weights.mix);
        product(name + ".point", {width, width}, weights.point);
    }
};

} // namespace autoencoder_declaration

/// With every vector as long as the spec says.
template <class T>
[[nodiscard]] AutoencoderWeights<T> emptyAutoencoderWeights(const AutoencoderSpec& spec) {
    AutoencoderWeights<T> weights;
    for (CoderWeights<T>* coder : {&weights.encoder, &weights.decoder}) {
        coder->levels.resize(static_cast<std::size_t>(spec.levels()));
        for (LevelWeights<T>& level : coder->levels) {
            level.blocks.resize(static_cast<std::size_t>(spec.blocks));
        }
    }
    return weights;
}

/// visitor(slot, tensor) in checkpoint order.
template <class T>
void visitAutoencoderWeights(const AutoencoderSpec& spec,
                             AutoencoderWeights<T>& weights,
                             const WeightVisitor<T>& visitor) {
    const std::int64_t pixels = kColours * spec.patch * spec.patch, last = spec.halvings;
    const auto visit = [&](bool encodes, CoderWeights<T>& coder) {
        const std::string name = encodes ? "encoder" : "decoder";
        const autoencoder_declaration::Visit<T> in{visitor, name + ".", name};
        const std::int64_t first = encodes ? 0 : last, step = encodes ? 1 : -1;
        in.product("in", {spec.widthAt(first), encodes ? pixels : spec.latents}, coder.in);
        for (std::int64_t i = 0; i < spec.levels(); ++i) {
            const std::int64_t level = first + step * i, width = spec.widthAt(level);
            LevelWeights<T>& here = coder.levels[static_cast<std::size_t>(i)];
            const std::string prefix = "levels." + std::to_string(i) + ".";
            for (std::size_t b = 0; b < here.blocks.size(); ++b) {
                in.block(prefix + "blocks." + std::to_string(b), width, spec.framesAt(level),
                         here.blocks[b]);
            }
            if (i < spec.halvings) { // four neighbours become one, or one becomes four
                const std::int64_t next = spec.widthAt(level + step);
                in.product(prefix + "change",
                           encodes ? std::vector<std::int64_t>{next, 4 * width}
                                   : std::vector<std::int64_t>{4 * next, width},
                           here.change);
            }
        }
        const std::int64_t end = spec.widthAt(encodes ? last : 0);
        in.tensor("norm.weight", {end}, coder.gain);
        in.product("out", {encodes ? spec.latents : pixels, end}, coder.out);
    };
    visit(true, weights.encoder);
    visit(false, weights.decoder);
}

/// The parameters by part; the sum is the closed form of docs/video_models.md.
[[nodiscard]] std::vector<ParameterPart> plannedParameters(const AutoencoderSpec& spec);

} // namespace depthscope::spec
