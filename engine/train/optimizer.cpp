// SPDX-License-Identifier: MIT
#include "engine/train/optimizer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/nn/memory.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace depthscope::train {

AdamW::AdamW(std::vector<Weight> weights, AdamSettings settings)
    : m_settings(settings) {
    const nn::MemoryScope scope(nn::MemoryTag::Optimiser);
    m_groups[0].decay = settings.weightDecay;
    for (Weight& weight : weights) {
        Group& group = m_groups[settings.decayEverything || weight.tensor.dim() > 1 ? 0 : 1];
        group.keys.push_back(weight.key);
        group.first.push_back(at::zeros_like(weight.tensor));
        group.second.push_back(at::zeros_like(weight.tensor));
        group.steps.push_back(at::zeros({}, weight.tensor.options().dtype(at::kFloat)));
        group.weights.push_back(std::move(weight.tensor));
    }
}

double AdamW::clipGradients() {
    std::vector<at::Tensor> gradients;
    for (const Group& group : m_groups) {
        for (const at::Tensor& weight : group.weights) {
            if (weight.grad().defined()) {
                gradients.push_back(weight.grad());
            }
        }
    }
    if (gradients.empty()) {
        return 0.0;
    }
    const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
    if (std::isfinite(norm) && norm > m_settings.clip) {
        at::_foreach_mul_(gradients, m_settings.clip / norm);
    }
    return norm;
}

double AdamW::step(double rate) {
    const c10::NoGradGuard noGrad;
    const double norm = clipGradients();
    if (!std::isfinite(norm)) {
        return norm;
    }
    for (Group& group : m_groups) {
        std::vector<at::Tensor> weights, gradients, first, second, steps;
        for (std::size_t i = 0; i < group.weights.size(); ++i) {
            if (group.weights[i].grad().defined()) {
                weights.push_back(group.weights[i]);
                gradients.push_back(group.weights[i].grad());
                first.push_back(group.first[i]);
                second.push_back(group.second[i]);
                steps.push_back(group.steps[i]);
            }
        }
        if (!weights.empty()) {
            at::_foreach_add_(steps, 1);
            at::_fused_adamw_(weights, gradients, first, second, {}, steps, rate, m_settings.beta1,
                              m_settings.beta2, group.decay, m_settings.epsilon, /*amsgrad=*/false,
                              /*maximize=*/false);
        }
    }
    dropGradients();
    return norm;
}

void AdamW::dropGradients() {
    for (Group& group : m_groups) {
        for (at::Tensor& weight : group.weights) {
            weight.mutable_grad().reset();
        }
    }
}

std::string AdamW::notFinite() const {
    for (const Group& group : m_groups) {
        for (std::size_t i = 0; i < group.keys.size(); ++i) {
            const at::Tensor& gradient = group.weights[i].grad();
            if (gradient.defined() && !gradient.isfinite().all().item<bool>()) {
                return group.keys[i];
            }
        }
    }
    return {};
}

std::vector<io::NamedTensor> AdamW::state() const {
    std::vector<io::NamedTensor> tensors;
    for (const Group& group : m_groups) {
        for (std::size_t i = 0; i < group.keys.size(); ++i) {
            tensors.push_back({"adam.first." + group.keys[i], group.first[i]});
            tensors.push_back({"adam.second." + group.keys[i], group.second[i]});
            tensors.push_back({"adam.steps." + group.keys[i], group.steps[i]});
        }
    }
    return tensors;
}

void restoreTensor(io::SafetensorsReader& reader, const std::string& name, at::Tensor& target) {
    const at::Tensor stored = reader.read(name);
    if (stored.sizes() != target.sizes()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: tensor {} has a different shape than the model's",
                                reader.path().string(), name),
                    "The checkpoint belongs to another preset; choose another --out folder.");
    }
    target.copy_(stored);
}

void AdamW::restore(io::SafetensorsReader& reader) {
    for (Group& group : m_groups) {
        for (std::size_t i = 0; i < group.keys.size(); ++i) {
            restoreTensor(reader, "adam.first." + group.keys[i], group.first[i]);
            restoreTensor(reader, "adam.second." + group.keys[i], group.second[i]);
            restoreTensor(reader, "adam.steps." + group.keys[i], group.steps[i]);
        }
    }
}

} // namespace depthscope::train
