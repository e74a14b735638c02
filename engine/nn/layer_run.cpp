// SPDX-License-Identifier: MIT
#include "engine/nn/layer_run.h"

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

std::vector<const void*> placesOf(std::span<KvSlot* const> slots) {
    std::vector<const void*> places;
    for (const KvSlot* slot : slots) {
        places.push_back(slot->keyStorage().const_data_ptr());
        places.push_back(slot->valueStorage().const_data_ptr());
    }
    return places;
}

std::vector<KvSlot*> slotsOf(std::span<const CachedLayer> layers) {
    std::vector<KvSlot*> slots;
    for (const CachedLayer& layer : layers) {
        slots.push_back(layer.slot);
    }
    return slots;
}

/// The next entry needs other memory; what was prepared for the old would keep that alive.
bool isFull(const KvSlot& slot) {
    return slot.keyStorage().defined() && slot.length() == slot.keyStorage().size(2);
}

} // namespace

bool runAsOne(std::span<KvSlot* const> slots, const at::Tensor& x) {
    return !slots.empty() && !x.is_cpu() && isToken(x) &&
           std::ranges::all_of(slots, [&](const KvSlot* slot) {
               return !slot->ragged() && slot->length() == slots.front()->length();
           });
}

bool runAsOne(std::span<const CachedLayer> layers, const LayerShape& shape, const at::Tensor& x) {
    return !shape.turnsPairs && !shape.normsSum && runAsOne(slotsOf(layers), x) &&
           std::ranges::all_of(layers,
                               [](const CachedLayer& layer) { return isPlain(*layer.weights); });
}

ops::TokenRun& preparedRun(std::span<KvSlot* const> slots,
                           const LayerShape& shape,
                           const at::Tensor& x,
                           const at::Tensor& position,
                           const PrepareRun& prepare) {
    std::shared_ptr<PreparedLayers>& prepared = slots.front()->prepared();
    if (isFull(*slots.front())) {
        prepared.reset();
    }
    for (KvSlot* slot : slots) {
        slot->appendRoom(shape.kvHeads, shape.headDim, position, x.options());
    }
    std::vector<const void*> places = placesOf(slots);
    if (prepared == nullptr || prepared->places != places) {
        std::vector<at::Tensor> keys, values;
        for (const KvSlot* slot : slots) {
            keys.push_back(slot->keyStorage());
            values.push_back(slot->valueStorage());
        }
        prepared = std::make_shared<PreparedLayers>(
            PreparedLayers{prepare(keys, values), std::move(places)});
    }
    return *prepared->run;
}

at::Tensor decoderLayers(std::span<const CachedLayer> layers,
                         const LayerShape& shape,
                         const Rotary& rotary,
                         const at::Tensor& x,
                         const at::Tensor& position) {
    const std::vector<KvSlot*> slots = slotsOf(layers);
    ops::TokenRun& run = preparedRun(
        slots, shape, x, position,
        [&](std::span<const at::Tensor> keys, std::span<const at::Tensor> values) {
            std::vector<at::Tensor> weights;
            for (const CachedLayer& layer : layers) {
                const LayerWeights& own = *layer.weights;
                weights.insert(weights.end(), {own.inputNorm, own.q, own.k, own.v, own.o,
                                               own.postNorm, own.gate, own.up, own.down});
            }
            return ops::prepareTokenRun(weights, keys, values, shape.epsilon);
        });
    return run.run(x, rotary.cosine, rotary.sine, slots.front()->length());
}

} // namespace depthscope::nn
