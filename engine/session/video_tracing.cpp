// SPDX-License-Identifier: MIT
#include "engine/session/video_tracing.h"

#include "engine/spec/video_macs.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace depthscope::session {

namespace {

using Choice = std::pair<float, std::uint8_t>; // share, expert

/// Row `clip` of a tensor [B, ..] on the CPU.
at::Tensor rowOf(const at::Tensor& tensor, std::int64_t clip, at::ScalarType dtype) {
    return tensor[clip].to(at::kCPU, dtype).contiguous();
}

void addDepth(trace::RoutingStep& routing, const models::SidePass& pass, std::int64_t clip) {
    if (!pass.routed.depth.defined()) {
        routing.depth.insert(routing.depth.end(), static_cast<std::size_t>(pass.side.grid.count()),
                             1);
        return;
    }
    const at::Tensor depth = rowOf(pass.routed.depth, clip, at::kByte);
    const auto* data = depth.const_data_ptr<std::uint8_t>();
    routing.depth.insert(routing.depth.end(), data, data + depth.numel());
}

/// Scores of recursion r; NaN where nobody was asked.
void addScores(trace::RoutingStep& routing,
               const models::SidePass& pass,
               std::int64_t clip,
               std::size_t r) {
    const auto tokens = static_cast<std::size_t>(pass.side.grid.count());
    if (r >= pass.routed.scores.size()) {
        routing.scores.insert(routing.scores.end(), tokens,
                              std::numeric_limits<float>::quiet_NaN());
        return;
    }
    const at::Tensor scores = rowOf(pass.routed.scores[r], clip, at::kFloat);
    const auto* data = scores.const_data_ptr<float>();
    routing.scores.insert(routing.scores.end(), data, data + tokens);
}

void addExperts(trace::ExpertChoices& choices, const models::SidePass& pass, std::int64_t clip) {
    const auto tokens = static_cast<std::size_t>(pass.side.grid.count());
    const at::Tensor expert = rowOf(pass.patterns.expert, clip, at::kLong);
    const at::Tensor weight = rowOf(pass.patterns.weight.detach(), clip, at::kFloat);
    const at::Tensor token = pass.patterns.token.defined()
                                 ? rowOf(pass.patterns.token, clip, at::kLong)
                                 : at::arange(expert.numel(), at::kLong);
    std::vector<std::vector<Choice>> ofToken(tokens);
    for (std::int64_t i = 0; i < expert.numel(); ++i) {
        ofToken.at(static_cast<std::size_t>(token.const_data_ptr<std::int64_t>()[i]))
            .emplace_back(weight.const_data_ptr<float>()[i],
                          static_cast<std::uint8_t>(expert.const_data_ptr<std::int64_t>()[i]));
    }
    for (std::vector<Choice>& list : ofToken) {
        std::ranges::stable_sort(list, std::greater<>(), &Choice::first);
        float sum = 0;
        for (const Choice& choice : list) {
            sum += choice.first;
        }
        for (const Choice& choice : list) {
            choices.index.push_back(choice.second);
            choices.weight.push_back(sum > 0 ? choice.first / sum : 0.0F);
        }
        choices.endPlace();
    }
}

/// Mean tokens of a clip that ran each recursion.
std::vector<std::int64_t> activeOf(const models::SidePass& pass) {
    std::vector<std::int64_t> active;
    for (const std::int64_t tokens : pass.routed.activeTokens) {
        active.push_back(tokens / std::max<std::int64_t>(1, pass.x.size(0)));
    }
    return active;
}

spec::SideWork workOf(const models::SidePass& pass, const models::SidePass* given) {
    spec::SideWork work;
    work.tokens = pass.side.grid.count();
    work.active = activeOf(pass);
    if (given != nullptr) {
        work.given = given->side.grid.count();
        work.givenActive = activeOf(*given);
    }
    return work;
}

spec::SideWork atFullDepth(const spec::VideoSpec& spec, spec::SideWork work) {
    const auto recursions = static_cast<std::size_t>(spec.recursions());
    if (spec.recursion) {
        work.active.assign(recursions, work.tokens);
        work.givenActive.assign(work.given > 0 ? recursions : 0, work.given);
    }
    return work;
}

void addCost(trace::StepCost& cost, const spec::VideoSpec& spec, const spec::SideWork& work) {
    constexpr double kOperations = 2.0; // of a multiply-accumulate
    cost.flops += kOperations * spec::videoMacs(spec, work).total();
    cost.fullFlops += kOperations * spec::videoMacs(spec, atFullDepth(spec, work)).total();
}

/// Keys and values of the context: those of blocks outside the stack, and those of each recursion.
void addMemory(trace::RoutingStep& routing,
               const spec::VideoSpec& spec,
               const DenoisingStep& step) {
    if (step.context == nullptr) {
        return;
    }
    const auto element = static_cast<std::int64_t>(step.context->x.element_size());
    const std::int64_t ofBlock = 2 * spec.width * element; // a key and a value
    const std::int64_t clips = step.context->x.size(0), tokens = step.context->side.grid.count();
    const std::int64_t outside =
        spec.entryBlocks + spec.exitBlocks + (spec.patterns ? std::int64_t{1} : std::int64_t{0});
    trace::KvMemory& kv = routing.kv;
    const auto add = [&](int recursion, std::int64_t blocks, std::int64_t entries) {
        kv.groups.push_back({recursion, blocks * ofBlock, entries});
        kv.predictedBytes += blocks * ofBlock * entries;
        kv.fullBytes += blocks * ofBlock * tokens;
    };
    add(0, outside, tokens);
    const std::vector<std::int64_t> active = activeOf(*step.context);
    for (std::size_t r = 0; r < active.size(); ++r) {
        const spec::RecursionKeys keys = spec.recursion->keys;
        if (keys == spec::RecursionKeys::Frozen && r > 0) {
            break; // those of the first recursion are kept
        }
        add(static_cast<int>(r) + 1, spec.recursion->blocks,
            keys == spec::RecursionKeys::Active ? active[r] : tokens);
    }
    kv.measuredBytes = kv.reservedBytes = step.contextBytes / std::max<std::int64_t>(1, clips);
}

} // namespace

trace::RoutingStep
routingOf(const spec::VideoSpec& trained, const DenoisingStep& step, std::int64_t clip) {
    spec::VideoSpec spec = trained;
    if (spec.recursion) { // with the keys that were asked for
        spec.recursion->keys =
            spec::keysOf(step.target.routed.routing.settings.kv, spec.recursion->keys);
    }
    std::vector<const models::SidePass*> sides;
    if (step.context != nullptr) {
        sides.push_back(step.context);
    }
    sides.push_back(&step.target);
    trace::RoutingStep routing;
    routing.recursions = spec.recursions();
    routing.noiseLevel = step.noiseLevel;
    std::int64_t frames = 0;
    for (const models::SidePass* side : sides) {
        frames += side->side.grid.frames;
        addDepth(routing, *side, clip);
    }
    routing.layout = {static_cast<std::int32_t>(frames),
                      static_cast<std::int32_t>(step.target.side.grid.rows),
                      static_cast<std::int32_t>(step.target.side.grid.columns)};
    if (!step.target.routed.scores.empty()) {
        for (std::size_t r = 0; r < static_cast<std::size_t>(routing.recursions); ++r) {
            for (const models::SidePass* side : sides) {
                addScores(routing, *side, clip, r);
            }
        }
    }
    if (spec.patterns) {
        trace::ExpertChoices choices{0, spec::kPatterns};
        for (const models::SidePass* side : sides) {
            addExperts(choices, *side, clip);
        }
        routing.experts.push_back(std::move(choices));
    }
    addMemory(routing, spec, step);
    addCost(routing.cost, spec, workOf(step.target, step.context));
    if (step.madeContext && step.context != nullptr) {
        addCost(routing.cost, spec, workOf(*step.context, nullptr));
    }
    return routing;
}

} // namespace depthscope::session
