// SPDX-License-Identifier: MIT
#include "engine/models/more.h"

#include "engine/models/language_model.h"
#include "engine/nn/layer_run.h"
#include "engine/nn/linear.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>

namespace depthscope::models {

namespace {

/// softmax attention over one key is the value itself: each query head reads its group's value.
at::Tensor
ownValue(const spec::LanguageSpec& config, const RecursiveExpert& expert, const at::Tensor& z) {
    at::Tensor v = nn::linear(z, expert.v);
    const std::int64_t group = config.heads / config.kvHeads;
    if (group > 1) {
        v = v.view({-1, config.kvHeads, 1, config.headDim})
                .expand({-1, -1, group, -1})
                .reshape({v.size(0), config.heads * config.headDim});
    }
    return nn::linear(v, expert.o);
}

/// The k heaviest experts of each token, lowest index first among equals. p [n, E].
ExpertRouting chooseExperts(const spec::LanguageSpec& config, const at::Tensor& p) {
    const auto [weight, index] = at::sort(p, /*stable=*/true, -1, /*descending=*/true);
    const at::Tensor kept = weight.narrow(-1, 0, config.more.perToken);
    return {index.narrow(-1, 0, config.more.perToken), kept / kept.sum(-1, true)};
}

/// How many of the n·k choices fall on each expert: the host must know to cut the work. A sync.
std::vector<std::int64_t> countChoices(const at::Tensor& sorted, int experts, Pass& pass) {
    // Not bincount: on a GPU that waits once more, to look for negative numbers.
    const at::Tensor each = at::arange(experts, sorted.options()).unsqueeze(1);
    const at::Tensor counts = sorted.unsqueeze(0).eq(each).sum(1).cpu();
    ++pass.syncs;
    const auto* data = counts.const_data_ptr<std::int64_t>();
    return {data, data + experts};
}

/// The tensors of a block's experts as the token operators take them.
void addExperts(std::vector<at::Tensor>& parts, const MoreBlock& block) {
    for (const RecursiveExpert& e : block.experts) {
        parts.insert(parts.end(), {e.attentionNorm, e.v, e.o, e.ffnNorm, e.gate, e.up, e.down,
                                   e.steps, e.outNorm});
    }
}

/// A choice of experts: without a kernel of ours the host must know it to run them.
void countChoice(Pass& pass) {
    if (!pass.x.is_cpu() && !pass.x.is_cuda()) {
        ++pass.syncs;
    }
}

/// A single token's mixture in one call.
void mixToken(const spec::LanguageSpec& config,
              const MoreBlock& block,
              Pass& pass,
              const at::Tensor& x) {
    std::vector<at::Tensor> parts;
    parts.reserve(block.experts.size() * ops::kTokenExpertParts);
    addExperts(parts, block);
    auto [mixed, index, weight] =
        ops::tokenMixture(x, {block.moreNorm, block.router, parts, config.more.perToken,
                              config.headDim, pass.routing.depth, config.normEpsilon});
    countChoice(pass);
    pass.x = std::move(mixed);
    pass.experts.push_back({std::move(index), std::move(weight)});
}

/// Experts one after the other, each over the tokens that chose it: sums run by ascending expert
/// (docs/routing.md 1.2). h [n, D] -> [n, D].
at::Tensor mixExperts(const spec::LanguageSpec& config,
                      const MoreBlock& block,
                      Pass& pass,
                      const at::Tensor& h,
                      const ExpertRouting& routing) {
    const auto [sorted, order] = at::sort(routing.index.flatten(), /*stable=*/true, 0, false);
    const at::Tensor weights = routing.weight.flatten();
    at::Tensor mixed = at::zeros_like(h);
    std::int64_t begin = 0;
    const std::vector<std::int64_t> counts = countChoices(sorted, config.more.experts, pass);
    for (std::size_t e = 0; e < counts.size(); ++e) {
        if (counts[e] == 0) {
            continue; // an expert without tokens gets no gradient
        }
        const at::Tensor chosen = order.narrow(0, begin, counts[e]);
        const at::Tensor tokens = chosen.floor_divide(config.more.perToken);
        const at::Tensor out =
            runExpert(config, block.experts[e], h.index_select(0, tokens), pass.routing.depth);
        mixed = mixed.index_add(0, tokens, out * weights.index_select(0, chosen).unsqueeze(-1));
        begin += counts[e];
    }
    return mixed;
}

} // namespace

at::Tensor runExpert(const spec::LanguageSpec& config,
                     const RecursiveExpert& expert,
                     const at::Tensor& h,
                     int loops) {
    at::Tensor z = h;
    for (int s = 0; s < loops; ++s) {
        z = z + expert.steps[s];
        z = z + ownValue(config, expert, nn::rmsNorm(z, expert.attentionNorm, config.normEpsilon));
        z = z + nn::swiglu(nn::rmsNorm(z, expert.ffnNorm, config.normEpsilon), expert.gate,
                           expert.up, expert.down);
    }
    return nn::rmsNorm(z, expert.outNorm, config.normEpsilon);
}

namespace {

/// A token through all blocks in one call.
void runBlocksAsOne(const spec::LanguageSpec& config,
                    std::span<const MoreBlock> blocks,
                    Pass& pass,
                    std::span<nn::KvSlot* const> slots) {
    ops::TokenRun& run = nn::preparedRun(
        slots, layerShape(config), pass.x, pass.positions,
        [&](std::span<const at::Tensor> keys, std::span<const at::Tensor> values) {
            std::vector<at::Tensor> weights, experts;
            for (const MoreBlock& block : blocks) {
                const nn::LayerWeights& own = block.attention;
                weights.insert(weights.end(), {own.inputNorm, own.q, own.k, own.v, own.o,
                                               block.moreNorm, block.router});
                addExperts(experts, block);
            }
            return ops::prepareTokenRun({weights, experts, keys, values, config.more.perToken,
                                         config.headDim, pass.routing.depth, config.normEpsilon});
        });
    pass.x = run.run(pass.x, pass.rotary.cosine, pass.rotary.sine, slots.front()->length());
    const auto [index, weight] = run.chosen();
    for (std::int64_t i = 0; i < index.size(0); ++i) {
        pass.experts.push_back({index[i], weight[i]});
        countChoice(pass);
    }
}

void runFractalBlock(const spec::LanguageSpec& config,
                     const MoreBlock& block,
                     Pass& pass,
                     std::int64_t layer) {
    nn::KvAccess kv;
    kv.slot = pass.cache != nullptr ? &pass.cache->slot(layer) : nullptr;
    kv.positions = pass.positions;
    kv.counts = pass.rowCounts;
    const at::Tensor x =
        nn::attentionHalf(block.attention, layerShape(config), pass.rotary, pass.x, kv);
    if (nn::isToken(x)) {
        mixToken(config, block, pass, x);
        return;
    }
    const at::Tensor h = nn::rmsNorm(x, block.moreNorm, config.normEpsilon).flatten(0, 1);
    const at::Tensor p = at::softmax(nn::linear(h, block.router), -1);
    const ExpertRouting routing = chooseExperts(config, p);
    pass.x = x + mixExperts(config, block, pass, h, routing).view(x.sizes());
    const std::vector<std::int64_t> shape{x.size(0), x.size(1), config.more.perToken};
    pass.experts.push_back({routing.index.view(shape), routing.weight.detach().view(shape)});
}

} // namespace

int runFractalBlocks(const spec::LanguageSpec& config,
                     std::span<const MoreBlock> blocks,
                     Pass& pass,
                     std::int64_t layer) {
    if (pass.cache != nullptr && !pass.x.is_cpu() && pass.rowCounts.empty()) {
        std::vector<nn::KvSlot*> slots;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            slots.push_back(&pass.cache->slot(layer + static_cast<std::int64_t>(i)));
        }
        if (nn::runAsOne(slots, pass.x)) {
            runBlocksAsOne(config, blocks, pass, slots);
            return static_cast<int>(blocks.size());
        }
    }
    runFractalBlock(config, blocks.front(), pass, layer);
    return 1;
}

} // namespace depthscope::models
