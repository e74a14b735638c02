// SPDX-License-Identifier: MIT
#include "engine/spec/flops.h"

#include "engine/spec/language_weights.h"

#include <algorithm>

namespace depthscope::spec {

namespace {

/// A recursion reads and keeps what it makes itself.
bool keepsOwn(settings::KvPolicy policy) {
    return policy == settings::KvPolicy::Recursion || policy == settings::KvPolicy::Skip;
}

/// Recursion r where a token's last `kept` recursions are: its slot has entries of who ran
/// recursion r mod kept.
TokenWork ringWork(const StepTokens& tokens, int r, int kept, bool allRun) {
    const auto index = static_cast<std::size_t>(r % kept);
    std::int64_t entries = index < tokens.cached.size() ? tokens.cached[index] : 0;
    TokenWork work;
    for (const std::uint8_t depth : tokens.depth) {
        entries += allRun || depth > r % kept ? 1 : 0;
        if (allRun || depth > r) {
            ++work.added;
            work.pairs += static_cast<double>(entries);
        }
    }
    return work;
}

/// Weights of one layer's attention, without and with those of keys and values.
double attentionFlops(const LanguageSpec& c, const TokenWork& work) {
    const auto D = static_cast<double>(c.width);
    const auto HE = static_cast<double>(c.heads * c.headDim);
    const auto GE = static_cast<double>(c.kvHeads * c.headDim);
    const double weights = 2.0 * D * HE + (work.makesKeys ? 2.0 * D * GE : 0.0);
    constexpr double kScoreAndMix = 2.0; // q·k and the weighted sum of v, two operations each
    return 2.0 * weights * static_cast<double>(work.added) + kScoreAndMix * 2.0 * HE * work.pairs;
}

double feedForwardFlops(const LanguageSpec& c) {
    return 2.0 * 3.0 * static_cast<double>(c.width * c.ffn);
}

double layerFlops(const LanguageSpec& c, const TokenWork& work) {
    return attentionFlops(c, work) + feedForwardFlops(c) * static_cast<double>(work.added);
}

double routerFlops(const LanguageSpec& c, double tokens) {
    const auto D = static_cast<double>(c.width);
    const double out = c.mor.type == RouterType::Expert ? 1.0 : c.recursion.count;
    const auto hidden = static_cast<double>(routerHidden(c));
    const double weights = hidden == 0.0 ? D * out : hidden * (D + out);
    return 2.0 * weights * tokens;
}

/// One fractal block (docs/routing.md 1.2): outer attention, router, k experts of `loops` loops.
/// The dead q and k of the experts do nothing and count nothing.
double fractalFlops(const LanguageSpec& c, const StepWork& work) {
    const auto D = static_cast<double>(c.width);
    const auto tokens = static_cast<double>(work.unshared.added);
    const auto own = static_cast<double>((c.heads + c.kvHeads) * c.headDim);
    const double loop = 2.0 * D * own + feedForwardFlops(c);
    const double router = 2.0 * D * c.more.experts;
    return attentionFlops(c, work.unshared) +
           (router + c.more.perToken * work.loops * loop) * tokens;
}

} // namespace

TokenWork causalWork(std::int64_t added, std::int64_t cached) {
    const auto n = static_cast<double>(added);
    return {added, n * static_cast<double>(cached) + n * (n + 1.0) / 2.0, true};
}

StepWork
stepWork(const LanguageSpec& config, const ResolvedRouting& routing, const StepTokens& tokens) {
    const settings::KvPolicy policy = routing.settings.kv;
    const auto count = static_cast<std::int64_t>(tokens.depth.size());
    StepWork work;
    work.unshared = causalWork(count, tokens.firstPosition);
    work.headTokens = count;
    work.scorers = routing.settings.rule == settings::Rule::Aux ? 2 : 1;
    if (config.family == Family::More) {
        work.loops = tokens.depth.empty() ? 0 : tokens.depth.front();
    }
    if (!config.sharesLayers()) {
        return work;
    }
    // As published every recursion runs for every token, whichever gives the logits.
    const bool allRun = config.isLooped() && !routing.settings.exitStops();
    const int kept = settings::keptRecursions(routing.settings);
    const int most = config.isLooped() ? kMostRecursions : config.recursion.count;
    for (int r = 0; r < std::min(most, routing.depth); ++r) {
        std::int64_t added = 0;
        double allBefore = 0; // keys when every earlier token has one
        for (std::size_t t = 0; t < tokens.depth.size(); ++t) {
            if (allRun || static_cast<int>(tokens.depth[t]) > r) {
                ++added;
                allBefore += static_cast<double>(tokens.firstPosition) + static_cast<double>(t) + 1;
            }
        }
        if (r > 0 && settings::watchesPrediction(routing.settings.rule)) {
            work.again.added += added;
            work.again.pairs += allBefore;
        }
        const auto index = static_cast<std::size_t>(r);
        if (kept > 0) {
            work.recursions.push_back(ringWork(tokens, r, kept, allRun));
        } else if (r == 0 || keepsOwn(policy)) {
            const std::int64_t cached = index < tokens.cached.size() ? tokens.cached[index] : 0;
            work.recursions.push_back(causalWork(added, cached));
        } else {
            const bool makesKeys = policy != settings::KvPolicy::Share;
            work.recursions.push_back({added, allBefore, makesKeys});
        }
    }
    return work;
}

double stepFlops(const LanguageSpec& config, const StepWork& work) {
    const double head =
        2.0 * static_cast<double>(config.width * config.vocabulary * work.headTokens);
    if (config.family == Family::More) {
        return static_cast<double>(config.layers) * fractalFlops(config, work) + head;
    }
    double flops =
        static_cast<double>(config.unsharedLayers()) * layerFlops(config, work.unshared) +
        static_cast<double>(config.trailingLayers()) * layerFlops(config, work.again) +
        2.0 * static_cast<double>(config.width * config.vocabulary * work.again.added);
    double considered = static_cast<double>(work.unshared.added);
    for (std::size_t r = 0; r < work.recursions.size(); ++r) {
        flops += static_cast<double>(config.blockLayers()) * layerFlops(config, work.recursions[r]);
        if (config.hasRouter() && (config.mor.type == RouterType::Expert || r == 0)) {
            flops += work.scorers * routerFlops(config, considered);
        }
        considered = static_cast<double>(work.recursions[r].added);
        if (config.hasExitGate()) {
            flops += 2.0 * static_cast<double>(config.width) * considered;
        }
        if (config.refinesState()) { // the adapter
            flops += 4.0 * static_cast<double>(config.width * config.width) * considered;
        }
    }
    return flops + head;
}

StepWork fullWork(const LanguageSpec& config, const StepWork& work) {
    StepWork full = work;
    full.scorers = 1;
    full.again = {};
    full.loops = config.family == Family::More ? config.recursion.count : 0;
    full.recursions.assign(config.sharesLayers() ? static_cast<std::size_t>(config.recursion.count)
                                                 : 0,
                           work.unshared);
    return full;
}

std::int64_t kvBytesPerLayer(const LanguageSpec& config, std::int64_t elementBytes) {
    return 2 * config.kvHeads * config.headDim * elementBytes;
}

std::int64_t
kvEntries(const settings::RoutingSettings& routing, int r, std::int64_t kept, std::int64_t all) {
    const settings::KvPolicy policy = routing.kv;
    if (const int last = settings::keptRecursions(routing); last > 0) {
        return r < last ? kept : 0;
    }
    if (keepsOwn(policy) || policy == settings::KvPolicy::Latest) {
        return kept;
    }
    if (r == 0) {
        return all;
    }
    return policy == settings::KvPolicy::Hybrid ? kept : 0;
}

} // namespace depthscope::spec
