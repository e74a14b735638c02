// SPDX-License-Identifier: MIT
#include "engine/nn/layer_run.h"

#include "engine/ops/token_run.h"

#include <algorithm>
#include <vector>

namespace depthscope::nn {

/// A run, and where the keys and values are that it was prepared for.
struct PreparedLayers {
    c10::intrusive_ptr<ops::TokenRun> run;
    std::vector<const void*> places;
};

namespace {

bool isPlain(const LayerWeights& weights) {
    return weights.q.defined() && !weights.qBias.defined() && !weights.oBias.defined() &&
           !weights.gateBias.defined() && !weights.attentionOutNorm.defined() &&
           !weights.feedForwardOutNorm.defined();
}

std::vector<const void*> placesOf(std::span<const CachedLayer> layers) {
    std::vector<const void*> places;
    for (const CachedLayer& layer : layers) {
        places.push_back(layer.slot->keyStorage().const_data_ptr());
        places.push_back(layer.slot->valueStorage().const_data_ptr());
    }
    return places;
}

c10::intrusive_ptr<ops::TokenRun> prepare(std::span<const CachedLayer> layers,
                                          const LayerShape& shape) {
    std::vector<at::Tensor> weights, keys, values;
    for (const auto& [own, slot] : layers) {
        weights.insert(weights.end(), {own->inputNorm, own->q, own->k, own->v, own->o,
                                       own->postNorm, own->gate, own->up, own->down});
        keys.push_back(slot->keyStorage());
        values.push_back(slot->valueStorage());
    }
    return ops::prepareTokenRun(weights, keys, values, shape.epsilon);
}

/// The next entry needs other memory; what was prepared for the old would keep that alive.
bool isFull(const KvSlot& slot) {
    return slot.keyStorage().defined() && slot.length() == slot.keyStorage().size(2);
}

} // namespace

bool runAsOne(std::span<const CachedLayer> layers, const LayerShape& shape, const at::Tensor& x) {
    return !layers.empty() && !x.is_cpu() && isToken(x) && !shape.turnsPairs && !shape.normsSum &&
           std::ranges::all_of(layers, [&](const CachedLayer& layer) {
               return isPlain(*layer.weights) && !layer.slot->ragged() &&
                      layer.slot->length() == layers.front().slot->length();
           });
}

at::Tensor decoderLayers(std::span<const CachedLayer> layers,
                         const LayerShape& shape,
                         const Rotary& rotary,
                         const at::Tensor& x,
                         const at::Tensor& position) {
    KvSlot& first = *layers.front().slot;
    if (isFull(first)) {
        first.prepared().reset();
    }
    for (const CachedLayer& layer : layers) {
        layer.slot->appendRoom(shape.kvHeads, shape.headDim, position, x.options());
    }
    std::vector<const void*> places = placesOf(layers);
    if (first.prepared() == nullptr || first.prepared()->places != places) {
        first.prepared() = std::make_shared<PreparedLayers>(
            PreparedLayers{prepare(layers, shape), std::move(places)});
    }
    return first.prepared()->run->run(x, rotary.cosine, rotary.sine, first.length());
}

} // namespace depthscope::nn
