// SPDX-License-Identifier: MIT
#include "engine/io/repeated_layers.h"

#include <ATen/ops/equal.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace depthscope::io {

using spec::LanguageSpec;
using spec::Sharing;

namespace {

/// For each layer the first one that starts with the same elements; empty where one is missing.
std::vector<std::int64_t> firstAlike(WeightReader& reader, std::int64_t layers) {
    constexpr std::int64_t kElements = 1024;
    std::vector<std::int64_t> first;
    std::vector<at::Tensor> starts;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string key =
            "model.layers." + std::to_string(layer) + ".self_attn.q_proj.weight";
        const auto found = reader.entries().find(key);
        if (found == reader.entries().end() || !found->second.unreadable.empty()) {
            return {};
        }
        starts.push_back(reader.readStart(key, kElements));
        const auto alike = std::ranges::find_if(
            starts, [&](const at::Tensor& start) { return at::equal(start, starts.back()); });
        first.push_back(alike - starts.begin());
    }
    return first;
}

/// Whether two layers are alike just where they share a slot of `config`.
bool explains(const LanguageSpec& config, const std::vector<std::int64_t>& alike) {
    std::map<std::int64_t, std::int64_t> firstOfSlot;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::int64_t slot = spec::sharedSlot(config, layer);
        if (alike[layer] != firstOfSlot.try_emplace(slot, layer).first->second) {
            return false;
        }
    }
    return true;
}

} // namespace

std::optional<spec::RecursionSpec> findRepetition(WeightReader& reader, std::int64_t layers) {
    const std::vector<std::int64_t> alike = firstAlike(reader, layers);
    if (alike.empty()) {
        return std::nullopt;
    }
    LanguageSpec config;
    config.family = spec::Family::RecursiveLlama;
    config.layers = layers;
    for (const Sharing sharing :
         {Sharing::Cycle, Sharing::MiddleCycle, Sharing::Sequence, Sharing::MiddleSequence}) {
        for (int count = 2; count <= layers; ++count) {
            config.recursion = {sharing, count};
            const bool whole = static_cast<std::int64_t>(
                                   spec::keptLayers(sharing, count, layers).size()) == layers;
            if (whole && config.blockLayers() > 0 && explains(config, alike)) {
                return config.recursion;
            }
        }
    }
    return std::nullopt;
}

} // namespace depthscope::io
