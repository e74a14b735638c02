// SPDX-License-Identifier: MIT
#include "engine/session/tracing.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::session {

using models::Pass;
using settings::Rule;
using spec::LanguageSpec;

namespace {

bool knowsLikelihood(const Pass& pass) {
    const std::int64_t tokens = pass.ids.size(1);
    return pass.nll.defined() || (tokens >= 2 && pass.logits.size(1) == tokens);
}

/// Nats of tokens 1..T-1 given the logits before them, [T - 1].
at::Tensor nextTokenNll(const Pass& pass) {
    const std::int64_t tokens = pass.ids.size(1);
    const at::Tensor logits = pass.logits[0].narrow(0, 0, tokens - 1);
    const at::Tensor targets = pass.ids[0].narrow(0, 1, tokens - 1).unsqueeze(1);
    return at::log_softmax(logits, -1, at::kFloat).gather(1, targets).squeeze(1).neg();
}

/// In the order of addLosses.
std::array<at::Tensor, 3> tracedLosses(const Pass& pass) {
    const models::RouterLosses& losses = pass.routerLosses;
    // Of the router that learns the decisions (docs/routing.md 3.4).
    return {losses.auxRouter.defined() ? losses.auxRouter : losses.aux, losses.balance, losses.z};
}

/// All that the trace needs of the device in one tensor, so that there is one synchronisation.
at::Tensor gatherResults(const Pass& pass, bool wantLogits) {
    std::vector<at::Tensor> parts{pass.depth[0].to(at::kFloat)};
    if (knowsLikelihood(pass)) {
        parts.push_back(pass.nll.defined() ? pass.nll : nextTokenNll(pass));
    }
    for (const at::Tensor& row : pass.scores) {
        parts.push_back(row[0]);
    }
    for (const models::ExpertRouting& layer : pass.experts) {
        parts.push_back(layer.index.flatten().to(at::kFloat)); // at most 255: exact
        parts.push_back(layer.weight.flatten().to(at::kFloat));
    }
    if (pass.losses) {
        for (const at::Tensor& loss : tracedLosses(pass)) {
            parts.push_back(loss.defined() ? loss.to(at::kFloat).reshape({1})
                                           : at::zeros({1}, parts.front().options()));
        }
    }
    if (wantLogits) {
        parts.push_back(pass.logits[0].to(at::kFloat).flatten());
    }
    return at::cat(parts).cpu();
}

std::vector<float> slice(const float*& cursor, std::size_t count) {
    std::vector<float> values(cursor, cursor + count);
    cursor += count;
    return values;
}

/// Tokens that recursion r is expected to keep before the model has run (docs/routing.md 3.7):
/// exact where the rule fixes the number, else what training aimed at.
double expectedShare(const LanguageSpec& config, const Pass& pass, int r, std::int64_t tokens) {
    const auto recursions = static_cast<double>(config.recursions());
    const auto& capacity = pass.routing.settings.capacity;
    if (r >= pass.routing.depth) {
        return 0.0;
    }
    const bool tokenChoice = config.hasRouter() && config.mor.type == spec::RouterType::Token;
    if (tokenChoice && pass.routing.settings.rule == Rule::Random) {
        return (recursions - r) / recursions;
    }
    switch (pass.routing.settings.rule) {
    case Rule::TopK:
    case Rule::Random:
        return static_cast<double>(
                   std::max<std::int64_t>(1, capacity[static_cast<std::size_t>(r)].of(tokens))) /
               static_cast<double>(tokens);
    case Rule::Threshold:
    case Rule::Aux:
        return r == 0 ? 1.0 : config.mor.capacity[static_cast<std::size_t>(r)].value();
    case Rule::Token:
        return (recursions - r) / recursions;
    default:
        return 1.0;
    }
}

} // namespace

spec::StepWork
workOf(const LanguageSpec& config, const Pass& pass, std::span<const std::uint8_t> depth) {
    if (pass.work) {
        return *pass.work;
    }
    std::vector<std::int64_t> cached;
    const auto kept = static_cast<std::size_t>(settings::keptRecursions(pass.routing.settings));
    for (std::size_t r = 0; pass.cache != nullptr && r < pass.activeTokens.size(); ++r) {
        if (kept > 0 && r >= kept) {
            break; // their entries stand in the slots of those before
        }
        const std::int64_t layer = config.unrolledLayer(static_cast<int>(r), 0);
        cached.push_back(pass.cache->slot(layer).length() - pass.activeTokens[r]);
    }
    spec::StepWork work = spec::stepWork(config, pass.routing, {depth, pass.firstPosition, cached});
    const bool isWeighted = pass.routing.settings.rule == Rule::Weighted;
    const std::int64_t answers = pass.logits.defined() ? pass.logits.size(1) : pass.ids.size(1);
    work.headTokens = answers * (isWeighted ? std::ssize(pass.exits) : 1);
    return work;
}

trace::KvMemory kvMemoryOf(const LanguageSpec& config, const Pass& pass, std::int64_t tokensSoFar) {
    trace::KvMemory use;
    const auto elementBytes = static_cast<std::int64_t>(c10::elementSize(pass.x.scalar_type()));
    const std::int64_t perLayer = spec::kvBytesPerLayer(config, elementBytes);
    const std::int64_t unshared = config.unsharedLayers() * perLayer;
    const std::int64_t block = config.blockLayers() * perLayer;
    const settings::RoutingSettings& settings = pass.routing.settings;
    use.groups.push_back({0, unshared, unshared > 0 ? tokensSoFar : 0});
    use.predictedBytes = unshared * tokensSoFar;
    use.fullBytes = unshared * tokensSoFar;
    const int recursions =
        config.sharesLayers() ? std::max(config.recursions(), pass.routing.depth) : 0;
    for (int r = 0; r < recursions; ++r) {
        std::int64_t entries = 0;
        if (pass.cache != nullptr) {
            entries = pass.cache->slot(config.unrolledLayer(r, 0)).length();
        } else if (static_cast<std::size_t>(r) < pass.activeTokens.size()) {
            entries = spec::kvEntries(settings, r, pass.activeTokens[static_cast<std::size_t>(r)],
                                      tokensSoFar);
        }
        use.groups.push_back({r + 1, block, entries});
        const double share = expectedShare(config, pass, r, tokensSoFar);
        const std::int64_t expected = std::llround(share * static_cast<double>(tokensSoFar));
        use.predictedBytes += spec::kvEntries(settings, r, expected, tokensSoFar) * block;
        use.fullBytes += block * tokensSoFar;
    }
    if (pass.cache != nullptr) {
        use.measuredBytes = pass.cache->usedBytes();
        use.reservedBytes = pass.cache->reservedBytes();
    }
    return use;
}

namespace {

/// The heaviest first, as the pass and the trace keep them.
std::vector<trace::ExpertChoices>
expertsOf(const LanguageSpec& config, const Pass& pass, const float*& cursor) {
    std::vector<trace::ExpertChoices> layers;
    for (std::size_t i = 0; i < pass.experts.size(); ++i) {
        trace::ExpertChoices& choices = layers.emplace_back();
        choices.layer = static_cast<int>(i);
        choices.experts = config.more.experts;
        const auto count = static_cast<std::size_t>(pass.experts[i].index.numel());
        const auto perToken = static_cast<std::size_t>(config.more.perToken);
        for (const float index : slice(cursor, count)) {
            choices.index.push_back(static_cast<std::uint8_t>(index));
            if (choices.index.size() % perToken == 0) {
                choices.endPlace();
            }
        }
        choices.weight = slice(cursor, count);
    }
    return layers;
}

void addLosses(trace::RoutingStep& routing, trace::TextContent& text, const float*& cursor) {
    double sum = 0;
    for (std::size_t t = 1; t < text.nll.size(); ++t) {
        sum += text.nll[t];
    }
    text.loss = text.nll.size() > 1 ? sum / static_cast<double>(text.nll.size() - 1) : 0.0;
    routing.losses.aux = *cursor++;
    routing.losses.balance = *cursor++;
    routing.losses.z = *cursor++;
}

std::vector<trace::StageCost> stagesOf(const generate::StageClock& clock,
                                       const spec::StepWork& work) {
    std::vector<trace::StageCost> stages;
    for (const generate::StageClock::Time& time : clock.times()) {
        const auto r = static_cast<std::size_t>(std::max(0, time.recursion - 1));
        const bool isRecursion = time.recursion > 0;
        const std::int64_t tokens = !isRecursion                 ? work.unshared.added
                                    : r < work.recursions.size() ? work.recursions[r].added
                                                                 : 0;
        stages.push_back({time.recursion, tokens, time.seconds * 1e3});
    }
    return stages;
}

void requireFinite(const std::vector<float>& nll, const spec::ModelInfo& info) {
    if (!std::ranges::all_of(nll, [](float value) { return std::isfinite(value); })) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: the model's output is not finite", info.folder),
                    "Its weights are damaged, or its training diverged; load another model.");
    }
}

} // namespace

std::shared_ptr<trace::StepTrace> traceOf(const TraceInput& input) {
    const Pass& pass = *input.pass;
    const LanguageSpec& config = *input.config;
    const auto tokens = static_cast<std::size_t>(pass.ids.size(1));
    const at::Tensor results = gatherResults(pass, input.wantLogits);

    auto step = std::make_shared<trace::StepTrace>();
    step->model = input.info;
    step->settings = pass.routing.settings;
    step->causal = pass.routing.causal;
    step->offDistribution = pass.routing.offDistribution;
    trace::RoutingStep& routing = step->routing;
    trace::TextContent& text = step->makeText();
    routing.layout.columns = static_cast<std::int32_t>(input.tokensSoFar);
    routing.firstPlace = static_cast<std::int32_t>(input.firstToken);
    routing.recursions = std::max(config.recursions(), pass.routing.depth);
    const auto* cursor = results.const_data_ptr<float>();
    for (const float depth : slice(cursor, tokens)) {
        routing.depth.push_back(static_cast<std::uint8_t>(depth));
    }
    text.nll.assign(1, std::nanf("")); // nothing foretold the first token
    if (knowsLikelihood(pass)) {
        const std::vector<float> known = slice(cursor, tokens - 1);
        requireFinite(known, *input.info);
        text.nll.insert(text.nll.end(), known.begin(), known.end());
    }
    text.nll.resize(tokens, std::nanf(""));
    routing.scores = slice(cursor, tokens * pass.scores.size());
    routing.scores.resize(tokens * static_cast<std::size_t>(routing.recursions), std::nanf(""));
    routing.experts = expertsOf(config, pass, cursor);
    if (pass.losses) {
        addLosses(routing, text, cursor);
    }
    if (input.wantLogits) {
        text.logits = slice(cursor, static_cast<std::size_t>(pass.logits[0].numel()));
    }
    const spec::StepWork work = workOf(config, pass, routing.depth);
    routing.kv = kvMemoryOf(config, pass, input.tokensSoFar);
    routing.cost.flops = spec::stepFlops(config, work);
    routing.cost.fullFlops = spec::stepFlops(config, spec::fullWork(config, work));
    routing.cost.syncs = pass.syncs + 1;
    if (input.stages != nullptr) {
        routing.cost.stages = stagesOf(*input.stages, work);
    }
    return step;
}

} // namespace depthscope::session
