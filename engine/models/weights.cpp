// SPDX-License-Identifier: MIT
#include "engine/models/weights.h"

#include "engine/spec/weight_declaration.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <functional>
#include <map>
#include <set>

namespace depthscope::models {

using spec::WeightSlot;

Weights emptyWeights(const spec::LanguageSpec& config) {
    return spec::emptyWeights<at::Tensor>(config);
}

void visitWeights(const spec::LanguageSpec& config,
                  Weights& weights,
                  const spec::WeightVisitor<at::Tensor>& visitor) {
    spec::visitWeights(config, weights, visitor);
}

Weights randomWeights(const spec::LanguageSpec& config, std::uint64_t seed) {
    constexpr double kSpread = 0.02;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    Weights weights = emptyWeights(config);
    std::map<std::string, at::Tensor> made;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (slot.optional) {
            return;
        }
        if (!slot.sharedWith.empty()) {
            tensor = made.at(slot.sharedWith);
        } else if (slot.shape.size() == 1) {
            tensor = slot.key.ends_with(".bias") ? at::zeros(slot.shape) : at::ones(slot.shape);
        } else {
            tensor = at::empty(slot.shape).normal_(0.0, kSpread, generator);
        }
        made[slot.key] = tensor;
    });
    return weights;
}

std::vector<DistinctWeight> distinctWeights(const spec::LanguageSpec& config, Weights& weights) {
    std::vector<DistinctWeight> distinct;
    std::set<const void*> seen;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (tensor.defined() && seen.insert(tensor.const_data_ptr()).second) {
            distinct.push_back({slot.key, tensor});
        }
    });
    return distinct;
}

void convertWeights(const spec::LanguageSpec& config,
                    Weights& weights,
                    at::Device device,
                    at::ScalarType dtype) {
    std::map<const void*, at::Tensor> converted;
    visitWeights(config, weights, [&](const WeightSlot&, at::Tensor& tensor) {
        if (tensor.defined()) {
            at::Tensor& target = converted[tensor.const_data_ptr()];
            target = target.defined() ? target : tensor.to(device, dtype);
            tensor = target;
        }
    });
}

std::vector<spec::ParameterPart> countParameters(const spec::LanguageSpec& config,
                                                 Weights& weights) {
    std::vector<spec::ParameterPart> parts;
    std::set<const void*> seen;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (tensor.defined() && !slot.optional && seen.insert(tensor.const_data_ptr()).second) {
            spec::addToPart(parts, config, slot.part, tensor.numel());
        }
    });
    return parts;
}

} // namespace depthscope::models
