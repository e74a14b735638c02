// SPDX-License-Identifier: MIT
#include "engine/models/flops.h"

namespace depthscope::models {

namespace {

/// One decoder layer over `load.added` new tokens.
double layerFlops(const ModelConfig& c, const TokenLoad& load) {
    const auto D = static_cast<double>(c.width);
    const auto HE = static_cast<double>(c.heads * c.headDim);
    const auto GE = static_cast<double>(c.kvHeads * c.headDim);
    const auto F = static_cast<double>(c.ffn);
    const double weights = 2.0 * D * HE + 2.0 * D * GE + 3.0 * D * F;
    const auto n = static_cast<double>(load.added);
    const auto cached = static_cast<double>(load.cached);
    const double pairs = n * cached + n * (n + 1.0) / 2.0;
    constexpr double kScoreAndMix = 2.0; // q·k and the weighted sum of v, two operations each
    return 2.0 * weights * n + kScoreAndMix * 2.0 * HE * pairs;
}

double routerFlops(const ModelConfig& c, double tokens) {
    const auto D = static_cast<double>(c.width);
    const double out = c.mor.type == RouterType::Expert ? 1.0 : c.mor.recursions;
    const double weights = c.mor.net == RouterNet::Linear ? D * out : 2.0 * D * D + 2.0 * D * out;
    return 2.0 * weights * tokens;
}

} // namespace

double stepFlops(const ModelConfig& config, const StepLoad& load) {
    double flops = static_cast<double>(config.unsharedLayers()) * layerFlops(config, load.unshared);
    double considered = static_cast<double>(load.unshared.added);
    for (std::size_t r = 0; r < load.recursions.size(); ++r) {
        flops += static_cast<double>(config.blockLayers()) * layerFlops(config, load.recursions[r]);
        if (config.mor.type == RouterType::Expert || r == 0) {
            flops += routerFlops(config, considered);
        }
        considered = static_cast<double>(load.recursions[r].added);
    }
    return flops + 2.0 * static_cast<double>(config.width * config.vocabulary * load.headTokens);
}

StepLoad fullLoad(const ModelConfig& config, const StepLoad& load) {
    StepLoad full = load;
    full.recursions.assign(
        config.hasRecursion() ? static_cast<std::size_t>(config.mor.recursions) : 0, load.unshared);
    return full;
}

std::int64_t kvBytesPerLayer(const ModelConfig& config, std::int64_t elementBytes) {
    return 2 * config.kvHeads * config.headDim * elementBytes;
}

} // namespace depthscope::models
