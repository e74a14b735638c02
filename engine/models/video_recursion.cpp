// SPDX-License-Identifier: MIT
#include "engine/models/video_recursion.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/models/routed.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace depthscope::models {

using settings::Rule;
using spec::RecursionKeys;

namespace {

/// One recursion over the stack: which tokens, and what they attend to.
class Stack {
public:
    Stack(const spec::VideoSpec& spec,
          const RecursionWeights& weights,
          Side& side,
          RecursionKeys keys,
          const RoutedState& state)
        : m_spec(spec)
        , m_weights(weights)
        , m_side(side)
        , m_keys(keys)
        , m_state(state)
        , m_frozen(weights.stack.size()) {
        const at::Tensor steps = weights.steps.narrow(0, 0, state.routing.depth);
        for (const DitBlock& block : weights.stack) {
            m_modulated.push_back(modulationsOf(block.modulation, side, steps));
        }
    }

    /// The last block of recursion `r` makes keys and values only.
    void endAt(int r) { m_end = r; }

    at::Tensor run(const at::Tensor& h, const ActiveSet& active, int r) {
        m_ran = r;
        at::Tensor y = h;
        for (std::size_t j = 0; j < m_weights.stack.size(); ++j) {
            y = runBlock(y, active, r, j);
        }
        return y;
    }

    /// The places of recursion r are taken, whether anybody ran it or not.
    void finish(int r) {
        if (m_ran != r && takesPlaces(r)) {
            m_side.kv.skip(static_cast<std::int64_t>(m_weights.stack.size()));
        }
    }

private:
    [[nodiscard]] bool takesPlaces(int r) const {
        return m_keys != RecursionKeys::Frozen || r == 0;
    }

    /// Positions of the active tokens as rotary angles.
    [[nodiscard]] nn::Rotary rotaryOf(const ActiveSet& active) const {
        if (!m_side.rotary.cosine.defined() || isEveryToken(m_state, active)) {
            return m_side.rotary;
        }
        const at::Tensor rows = active.positions.flatten();
        const auto of = [&](const at::Tensor& all) {
            return all.squeeze(0).index_select(0, rows).view(
                {active.positions.size(0), active.positions.size(1), all.size(2)});
        };
        return {of(m_side.rotary.cosine), of(m_side.rotary.sine)};
    }

    /// The states of all tokens, those of the active ones being h.
    [[nodiscard]] at::Tensor everyState(const at::Tensor& h, const ActiveSet& active) const {
        if (isEveryToken(m_state, active)) {
            return h;
        }
        const at::Tensor valid = validOf(active);
        const at::Tensor gate =
            valid.defined() ? valid.to(h.scalar_type())
                            : at::ones(active.positions.sizes(), h.options().requires_grad(false));
        return ops::gatedScatter(m_state.x, active.positions,
                                 h - ops::gatherRows(m_state.x, active.positions), gate);
    }

    /// What the active tokens see at block j of recursion r, `projection` being theirs.
    SeenKeys seenAt(const Projection& projection,
                    const at::Tensor& h,
                    const ActiveSet& active,
                    const std::pair<std::size_t, const Modulated*>& block,
                    int r) {
        const auto [j, modulated] = block;
        if (m_keys == RecursionKeys::Frozen && r > 0) {
            return m_frozen[j];
        }
        const bool ofAll = m_keys != RecursionKeys::Active && !isEveryToken(m_state, active);
        SeenKeys own{projection.own, validOf(active)};
        if (ofAll) {
            const at::Tensor all =
                modulatedNorm(everyState(h, active), modulated->shift1, modulated->scale1);
            own = {projectTokens(m_spec, m_weights.stack[j].attention, all, m_side.rotary).own, {}};
        }
        SeenKeys seen = m_side.kv.seen(own);
        if (m_keys == RecursionKeys::Frozen) {
            m_frozen[j] = seen;
        }
        return seen;
    }

    at::Tensor runBlock(const at::Tensor& h, const ActiveSet& active, int r, std::size_t j) {
        const DitBlock& block = m_weights.stack[j];
        const Modulated& modulated = m_modulated[j][static_cast<std::size_t>(r)];
        const at::Tensor normed = modulatedNorm(h, modulated.shift1, modulated.scale1);
        const Projection projection =
            projectTokens(m_spec, block.attention, normed, rotaryOf(active));
        const SeenKeys seen = seenAt(projection, h, active, {j, &modulated}, r);
        if (r == m_end && j + 1 == m_weights.stack.size()) {
            return h;
        }
        const at::Tensor mixed =
            at::addcmul(h, modulated.gate1, attendTo(block.attention, projection.queries, seen));
        return at::addcmul(mixed, modulated.gate2,
                           feedForward(block.feedForward,
                                       modulatedNorm(mixed, modulated.shift2, modulated.scale2)));
    }

    const spec::VideoSpec& m_spec;
    const RecursionWeights& m_weights;
    Side& m_side;
    RecursionKeys m_keys;
    const RoutedState& m_state;
    std::vector<std::vector<Modulated>> m_modulated; // by block and recursion
    std::vector<SeenKeys> m_frozen;                  // of recursion 1, by block
    int m_ran = -1;
    int m_end = -1;
};

void refuseRule(Rule rule, const spec::VideoRecursionSpec& recursion) {
    throw Error(ErrorCode::Usage,
                fmt::format("this video model cannot route by {}", settings::toString(rule)),
                recursion.rule == Rule::Token ? "Valid: model, token, fixed, random."
                : recursion.hasRouter()       ? "Valid: model, topk, threshold, fixed, random."
                                              : "Valid: model, fixed.");
}

Rule ruleOf(const spec::VideoRecursionSpec& recursion, Rule asked) {
    if (asked == Rule::Model || asked == recursion.rule) {
        return recursion.rule;
    }
    const bool isToken = recursion.router.type == spec::RouterType::Token;
    const bool can =
        asked == Rule::Fixed || (recursion.hasRouter() &&
                                 (asked == Rule::Random ||
                                  (!isToken && (asked == Rule::TopK || asked == Rule::Threshold))));
    if (!can) {
        refuseRule(asked, recursion);
    }
    return asked;
}

/// Capacities of each row at its noise level, where that makes a difference.
void setCapacity(const spec::VideoRecursionSpec& recursion, const Side& side, RoutedState& state) {
    settings::RoutingSettings& routing = state.routing.settings;
    if (std::ssize(routing.capacity) > recursion.recursions) {
        throw Error(ErrorCode::Usage,
                    fmt::format("capacity has {} entries; the model has {} recursions",
                                routing.capacity.size(), recursion.recursions),
                    "Give one for each recursion, or fewer: the last one stands for the rest.");
    }
    if (routing.capacity.empty()) {
        routing.capacity = recursion.capacity;
    }
    while (!routing.capacity.empty() &&
           routing.capacity.size() < static_cast<std::size_t>(recursion.recursions)) {
        routing.capacity.push_back(routing.capacity.back());
    }
    if (recursion.noise.empty() || side.isContext || !settings::ranksTokens(routing.rule)) {
        return;
    }
    const at::Tensor noise = side.noise.to(at::kFloat).cpu().contiguous();
    state.syncs += side.noise.is_cpu() ? 0 : 1;
    const float* levels = noise.const_data_ptr<float>();
    for (std::int64_t b = 0; b < noise.numel(); ++b) {
        state.rowCapacity.push_back(
            spec::capacityAt(recursion, routing.capacity, static_cast<double>(levels[b])));
    }
    const bool isEven = std::ranges::all_of(
        state.rowCapacity, [&](const auto& row) { return row == state.rowCapacity.front(); });
    if (isEven) {
        routing.capacity = state.rowCapacity.front();
        state.rowCapacity.clear();
    }
}

void begin(const spec::VideoRecursionSpec& recursion,
           const Side& side,
           const RecursionRequest& request,
           const at::Tensor& x,
           RoutedState& state) {
    state.x = x;
    state.depth = at::zeros({x.size(0), x.size(1)}, at::TensorOptions(x.device()).dtype(at::kLong));
    state.routing.settings = request.settings;
    state.routing.settings.rule = ruleOf(recursion, request.settings.rule);
    state.routing.settings.kv = spec::policyOf(spec::keysOf(request.settings.kv, recursion.keys));
    state.rowSeeds = request.seeds;
    state.rowSeeds.resize(static_cast<std::size_t>(x.size(0)));
    state.routing.causal = false;
    state.forcedDepth = request.forcedDepth;
    state.rankBy = request.rankBy;
    state.inverted = request.inverted;
    state.losses = request.losses &&
                   (recursion.router.zLoss || recursion.router.type == spec::RouterType::Token);
    state.trace = request.trace;
    state.keepsRankings = request.losses && !side.isContext && recursion.alignedCoefficient > 0 &&
                          state.routing.settings.rule == Rule::TopK;
    int deepest = recursion.recursions;
    const auto limit = [&deepest](int most) {
        deepest = most > 0 ? std::min(deepest, most) : deepest;
    };
    limit(request.settings.maxDepth);
    if (state.routing.settings.rule == Rule::Fixed) {
        limit(request.settings.fixedDepth);
    }
    state.routing.depth = deepest;
    setCapacity(recursion, side, state);
}

} // namespace

at::Tensor runVideoRecursion(const VideoRecursion& stage,
                             Side& side,
                             const RecursionRequest& request,
                             const at::Tensor& x,
                             RoutedState& state) {
    const auto& [spec, weights] = stage;
    const spec::VideoRecursionSpec& recursion = *spec.recursion;
    begin(recursion, side, request, x, state);
    Stack stack(spec, weights, side, spec::keysOf(request.settings.kv, recursion.keys), state);
    const int last = state.routing.depth - 1;
    if (side.isContext && spec.exitBlocks == 0) {
        stack.endAt(last);
    }
    const BlockFn block = [&stack](const at::Tensor& h, const ActiveSet& active, int r) {
        return stack.run(h, active, r);
    };
    for (int r = 0; r <= last; ++r) {
        if (weights.routers.empty()) { // every token takes every recursion, ungated
            state.active = everyToken(state);
            recordDepth(state);
            state.x = block(state.x, state.active, r);
        } else if (recursion.router.type == spec::RouterType::Token) {
            runTokenChoice(recursion.router, {weights.routers.front(), {}, {}}, state, block, r);
        } else {
            runExpertChoice(recursion.router,
                            {weights.routers.at(static_cast<std::size_t>(r)), {}, {}}, state, block,
                            r);
        }
        stack.finish(r);
    }
    return state.x;
}

} // namespace depthscope::models
