// SPDX-License-Identifier: MIT
#include "engine/models/video_weights.h"

#include "engine/spec/video_declaration.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace depthscope::models {

using spec::WeightSlot;

namespace {

bool contains(std::string_view key, std::string_view part) {
    return key.find(part) != std::string_view::npos;
}

/// Shifts, scales, gates, the head and the motion projection.
bool beginsAtZero(const std::string& key) {
    return contains(key, "modulation.") || key.starts_with("head.") || contains(key, "motion.") ||
           key.ends_with(".bias") || key.ends_with(".balance");
}

bool isNarrow(const std::string& key) {
    return key.starts_with("time.") || key.starts_with("labels.") || contains(key, "router") ||
           key.ends_with("registers") || key.ends_with("tags") || key.ends_with("steps");
}

at::Tensor begun(const WeightSlot& slot, at::Generator& generator) {
    constexpr double kSpread = 0.02;
    if (beginsAtZero(slot.key)) {
        return at::zeros(slot.shape);
    }
    if (slot.shape.size() == 1) {
        return at::ones(slot.shape);
    }
    if (isNarrow(slot.key)) {
        return at::empty(slot.shape).normal_(0.0, kSpread, generator);
    }
    // Queries, keys and values are three products in one tensor.
    const std::int64_t out = slot.shape[0] / (contains(slot.key, ".qkv.") ? 3 : 1);
    const double bound = std::sqrt(6.0 / static_cast<double>(out + slot.shape[1]));
    return at::empty(slot.shape).uniform_(-bound, bound, generator);
}

} // namespace

VideoWeights randomVideoWeights(const spec::VideoSpec& spec, std::uint64_t seed) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    auto weights = spec::emptyVideoWeights<at::Tensor>(spec);
    spec::visitVideoWeights<at::Tensor>(
        spec, weights,
        [&](const WeightSlot& slot, at::Tensor& tensor) { tensor = begun(slot, generator); });
    return weights;
}

std::vector<DistinctWeight> weightsOf(const spec::VideoSpec& spec, VideoWeights& weights) {
    std::vector<DistinctWeight> list;
    spec::visitVideoWeights<at::Tensor>(spec, weights,
                                        [&](const WeightSlot& slot, at::Tensor& tensor) {
                                            if (tensor.defined()) {
                                                list.push_back({slot.key, tensor});
                                            }
                                        });
    return list;
}

std::vector<spec::ParameterPart> countParameters(const spec::VideoSpec& spec,
                                                 VideoWeights& weights) {
    std::vector<spec::ParameterPart> parts = spec::plannedParameters(spec);
    for (spec::ParameterPart& part : parts) {
        part.count = 0;
    }
    spec::visitVideoWeights<at::Tensor>(
        spec, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
            if (tensor.defined() && !slot.optional) {
                std::ranges::find(parts, slot.part, &spec::ParameterPart::name)->count +=
                    tensor.numel();
            }
        });
    return parts;
}

void convertWeights(const spec::VideoSpec& spec,
                    VideoWeights& weights,
                    at::Device device,
                    at::ScalarType dtype) {
    spec::visitVideoWeights<at::Tensor>(
        spec, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
            if (tensor.defined()) {
                tensor = tensor.to(device, slot.optional ? at::kFloat : dtype);
            }
        });
}

} // namespace depthscope::models
