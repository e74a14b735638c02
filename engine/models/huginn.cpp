// SPDX-License-Identifier: MIT
#include "engine/models/huginn.h"

#include "engine/base/random.h"
#include "engine/models/language_model.h"
#include "engine/nn/linear.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace depthscope::models {

using settings::Rule;

namespace {

/// Behind the entries of all recursions that can be asked for.
std::int64_t codaSlot(const spec::LanguageSpec& config, std::int64_t i) {
    return config.unrolledLayer(spec::kMostRecursions, i);
}

/// What the core makes of the active tokens' states s [B, K, D].
at::Tensor refined(const BlockRun& run, const at::Tensor& s, int r) {
    const Pass& pass = run.pass;
    const at::Tensor input = isEveryToken(pass, pass.active)
                                 ? pass.input
                                 : ops::gatherRows(pass.input, pass.active.positions);
    const at::Tensor joined = nn::linear(at::cat({s, input}, -1), run.weights.adapter);
    return runBlock(run, joined, pass.active, r);
}

/// How much a recursion changed the states [B, K, D], as the rule measures it: [B, K] float.
at::Tensor changeOf(Rule rule, const at::Tensor& before, const at::Tensor& after) {
    const at::Tensor a = before.to(at::kFloat), b = after.to(at::kFloat);
    const auto length = [](const at::Tensor& x) { return x.square().sum(-1).sqrt(); };
    return rule == Rule::Latent ? length(b - a) / length(b)
                                : 1 - (a * b).sum(-1) / (length(a) * length(b));
}

void begin(const BlockRun& run) {
    Pass& pass = run.pass;
    if (settings::watchesChange(pass.routing.settings.rule)) {
        requireOneRow(pass);
    }
    pass.input = pass.x;
    pass.x = initialState(pass, pass.input);
    pass.active = everyToken(pass);
}

/// Recursion r of all active tokens at once.
void refineTogether(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    if (pass.active.positions.size(1) == 0) {
        return;
    }
    recordDepth(pass);
    const at::Tensor columns = pass.active.positions;
    const bool isAll = isEveryToken(pass, pass.active);
    const at::Tensor before = isAll ? pass.x : ops::gatherRows(pass.x, columns);
    const at::Tensor after = refined(run, before, r);
    pass.x = isAll ? after : pass.x.scatter(1, columns.unsqueeze(-1).expand_as(after), after);
    const settings::RoutingSettings& routing = pass.routing.settings;
    if (!settings::watchesChange(routing.rule)) {
        return;
    }
    const at::Tensor change = changeOf(routing.rule, before, after);
    recordScores(pass, change);
    if (r + 1 < pass.routing.depth) { // what is no number is not below
        stopAfter(run, change.lt(routing.change).logical_not(), r);
    }
}

/// Layer i of the coda over the columns from `first`, as many as x [B, K, D] has.
at::Tensor codaLayer(const BlockRun& run, const at::Tensor& x, std::int64_t i, std::int64_t first) {
    Pass& pass = run.pass;
    const auto part = [&](const at::Tensor& of) { return of.narrow(1, first, x.size(1)); };
    nn::KvCache* cache = cacheOf(pass);
    nn::KvAccess kv;
    kv.slot = cache != nullptr ? &cache->slot(codaSlot(run.config, i)) : nullptr;
    kv.positions = part(pass.positions);
    kv.counts = pass.rowCounts;
    return nn::decoderLayer(run.weights.after[static_cast<std::size_t>(i)], layerShape(run.config),
                            {part(pass.rotary.cosine), part(pass.rotary.sine)}, x, kv);
}

at::Tensor finalNorm(const BlockRun& run, const at::Tensor& x) {
    return nn::rmsNorm(x, run.weights.norm, run.config.normEpsilon);
}

/// The logits of one token's state [1, 1, D].
at::Tensor predict(const BlockRun& run, const at::Tensor& s, std::int64_t column) {
    at::Tensor x = finalNorm(run, s);
    for (std::int64_t i = 0; i < run.config.trailingLayers(); ++i) {
        x = codaLayer(run, x, i, column);
    }
    return nn::linear(finalNorm(run, x), run.weights.head);
}

/// Follows the predictions of one token, as a rule that watches them does (docs/looped.md 6).
class Watch {
public:
    Watch(Rule rule, std::int64_t vocabulary)
        : m_rule(rule)
        , m_logBefore(at::full({vocabulary}, -std::log(static_cast<double>(vocabulary)))) {}

    /// The rule's figure after one more recursion. A sync.
    double next(const at::Tensor& logits) {
        const at::Tensor log = at::log_softmax(logits.flatten().to(at::kFloat).cpu(), -1);
        switch (m_rule) {
        case Rule::Entropy:
            return nextEntropy(log.exp());
        case Rule::Argmax:
            return nextLikeliest(log.argmax().item<std::int64_t>());
        default:
            return nextDivergence(m_rule == Rule::MinpKl ? probable(log.exp()).log() : log);
        }
    }

private:
    double nextEntropy(const at::Tensor& p) {
        constexpr double kTiny = 1e-10; // of the official code
        const double entropy = -(p * (p + kTiny).log()).sum().item<double>();
        return std::abs(entropy - std::exchange(m_entropy, entropy));
    }

    double nextLikeliest(std::int64_t piece) {
        m_same = piece == m_likeliest ? m_same + 1 : 0;
        m_likeliest = piece;
        return m_same;
    }

    double nextDivergence(const at::Tensor& log) {
        const double sum = (m_logBefore.exp() * (m_logBefore - log)).sum().item<double>();
        m_logBefore = log;
        return sum;
    }

    /// Pieces far less likely than the likeliest count alike.
    static at::Tensor probable(const at::Tensor& p) {
        constexpr double kShare = 0.1;
        const at::Tensor q =
            at::where(p < kShare * p.max(), 1.0 / static_cast<double>(p.numel()), p);
        return q / q.sum();
    }

    Rule m_rule;
    at::Tensor m_logBefore; ///< uniform at first
    double m_entropy = 100; ///< far from any
    std::int64_t m_likeliest = -1;
    int m_same = 0;
};

/// One more score of the token at hand, in the row of recursion r.
void addScore(Pass& pass, int r, const at::Tensor& score) {
    if (pass.trace) {
        writeToken(pass.scores, static_cast<std::size_t>(r), pass,
                   score.to(pass.x.device(), at::kFloat).view({1, 1}));
    }
}

/// All recursions of the next token, whose state alone decides.
void settleToken(const BlockRun& run) {
    Pass& pass = run.pass;
    const settings::RoutingSettings& routing = pass.routing.settings;
    const std::int64_t column = takeToken(pass);
    at::Tensor s = pass.x.narrow(1, column, 1);
    for (int r = 0; r < pass.routing.depth; ++r) {
        recordToken(pass, column, r);
        const at::Tensor before = std::exchange(s, refined(run, s, r));
        if (!settings::watchesChange(routing.rule)) {
            continue;
        }
        const at::Tensor change = changeOf(routing.rule, before, s);
        addScore(pass, r, change);
        ++pass.syncs;
        if (change.lt(routing.change).item<bool>()) {
            break;
        }
    }
    pass.x.select(1, column).copy_(s.select(1, 0));
}

/// All recursions of the next token to its logits, which are returned.
at::Tensor refineToken(const BlockRun& run) {
    Pass& pass = run.pass;
    const settings::RoutingSettings& routing = pass.routing.settings;
    const std::int64_t column = takeToken(pass);
    at::Tensor s = pass.x.narrow(1, column, 1), logits;
    Watch watch(routing.rule, run.config.vocabulary);
    for (int r = 0; pass.active.positions.size(1) > 0; ++r) {
        recordToken(pass, column, r);
        for (std::int64_t i = 0; r > 0 && i < run.config.trailingLayers(); ++i) {
            cacheOf(pass)->slot(codaSlot(run.config, i)).dropLast(); // of the recursion before
        }
        s = refined(run, s, r);
        logits = predict(run, s, column);
        const double figure = watch.next(logits);
        ++pass.syncs;
        const bool comparesNothing = r == 0 && routing.rule == Rule::Entropy;
        addScore(pass, r, at::scalar_tensor(comparesNothing ? std::nan("") : figure));
        const bool leaves =
            routing.rule == Rule::Argmax ? figure >= routing.change : figure < routing.change;
        if (r + 1 == pass.routing.depth) {
            pass.active.positions = pass.active.positions.narrow(1, 0, 0);
        } else if (leaves) {
            stopAfter(run, at::zeros({1, 1}, pass.ids.options().dtype(at::kBool)), r);
        }
    }
    return logits;
}

/// The next token to its end; true after the last.
bool refineNext(const BlockRun& run) {
    Pass& pass = run.pass;
    const std::int64_t column = pass.tokensRun;
    const at::Tensor logits = refineToken(run);
    const bool isLast = pass.tokensRun == pass.tokens();
    if (pass.lastLogitsOnly) {
        pass.logits = isLast ? logits : at::Tensor();
        return isLast;
    }
    if (!pass.logits.defined()) {
        pass.logits = at::empty({1, pass.tokens(), logits.size(2)}, logits.options());
    }
    pass.logits.select(1, column).copy_(logits.select(1, 0));
    return isLast;
}

} // namespace

at::Tensor initialState(const Pass& pass, const at::Tensor& input) {
    if (pass.routing.settings.zeroState) {
        return at::zeros_like(input);
    }
    // Normal numbers within three deviations of sqrt(2 / (5 D)), times sqrt(D), by the inverse of
    // their distribution.
    constexpr double kMost = 3;
    const double inside = std::erf(kMost / std::numbers::sqrt2);
    const double spread = std::sqrt(0.4);
    const at::Tensor positions = pass.positions.cpu().contiguous();
    at::Tensor states = at::empty({positions.numel(), input.size(2)}, at::kFloat);
    for (std::int64_t i = 0; i < positions.numel(); ++i) {
        const std::int64_t position = positions.const_data_ptr<std::int64_t>()[i];
        SplitMix ofSeed(pass.routing.seed);
        SplitMix ofPosition(ofSeed.next() + static_cast<std::uint64_t>(position));
        auto generator = at::make_generator<at::CPUGeneratorImpl>(ofPosition.next());
        states[i].uniform_(-inside, inside, generator);
    }
    return states.erfinv_()
        .mul_(std::numbers::sqrt2 * spread)
        .clamp_(-kMost * spread, kMost * spread)
        .view(input.sizes())
        .to(input.options());
}

bool refineState(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    const bool isPrediction = settings::watchesPrediction(pass.routing.settings.rule);
    if (r == 0 && pass.tokensRun == 0) {
        begin(run);
    }
    if (!settings::runsTokenByToken(pass.routing.settings)) {
        refineTogether(run, r);
        return true;
    }
    if (pass.tokensRun == pass.tokens()) {
        return true;
    }
    if (isPrediction) {
        return refineNext(run);
    }
    settleToken(run);
    return pass.tokensRun == pass.tokens();
}

void runCoda(const BlockRun& run, std::int64_t i) {
    Pass& pass = run.pass;
    if (settings::watchesPrediction(pass.routing.settings.rule)) {
        return; // every token has its logits
    }
    pass.x = codaLayer(run, i == 0 ? finalNorm(run, pass.x) : pass.x, i, 0);
}

} // namespace depthscope::models
