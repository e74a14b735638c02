// SPDX-License-Identifier: MIT
#include "engine/evaluate/convergence_meter.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/evaluate/principal_path.h"
#include "engine/nn/linear.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope::evaluate {

using settings::Rule;
using trace::Quantity;

namespace {

/// Logits at a time: what a step works on stays at some tens of megabytes.
constexpr std::int64_t kMostLogits = std::int64_t{1} << 21;
constexpr std::int64_t kMostTokens = 64;
constexpr double kLikely = 0.1; ///< of the largest probability: the words that min-p keeps

/// sum p (ln p - ln q) over the vocabulary; never below 0.
at::Tensor divergence(const at::Tensor& logP, const at::Tensor& logQ) {
    return (logP.exp() * (logP - logQ)).sum(-1).clamp_min(0);
}

/// The rows shifted by one recursion; before the first stands the uniform prediction.
at::Tensor before(const at::Tensor& logP) {
    const double uniform = -std::log(static_cast<double>(logP.size(-1)));
    return at::cat({at::full_like(logP[0], uniform).unsqueeze(0), logP.slice(0, 0, -1)});
}

/// ln of the probabilities where the unlikely ones have become 1/V, made to sum to 1 again.
at::Tensor likelyOnly(const at::Tensor& logP) {
    const at::Tensor p = logP.exp();
    const at::Tensor isUnlikely = p.lt(kLikely * p.amax(-1, true));
    const at::Tensor kept = p.masked_fill(isUnlikely, 1.0 / static_cast<double>(p.size(-1)));
    return (kept / kept.sum(-1, true)).log();
}

/// Writes rows [R, c] of some tokens into [R * T].
template <class Value>
void put(std::vector<Value>& into,
         const at::Tensor& rows,
         std::int64_t first,
         std::int64_t tokens) {
    const at::Tensor held = rows.to(c10::CppTypeToScalarType<Value>::value).cpu().contiguous();
    const auto* from = held.template const_data_ptr<Value>();
    into.resize(static_cast<std::size_t>(rows.size(0) * tokens));
    for (std::int64_t r = 0; r < rows.size(0); ++r) {
        std::copy_n(from + r * rows.size(1), rows.size(1), into.begin() + r * tokens + first);
    }
}

/// How many of the tokens have states, one before and two after each recursion, for that memory.
std::int64_t tokensWithin(std::int64_t bytes,
                          const models::LanguageModel& model,
                          int recursions,
                          std::span<const std::int32_t> ids) {
    const auto element = static_cast<std::int64_t>(c10::elementSize(model.dtype()));
    const std::int64_t perToken =
        (2 * std::int64_t{recursions} + 1) * model.config().width * element;
    return std::clamp<std::int64_t>(bytes / perToken, 1,
                                    std::max<std::int64_t>(1, std::ssize(ids)));
}

void append(std::vector<float>& to, const at::Tensor& values) {
    const at::Tensor flat = values.contiguous();
    const auto* from = flat.const_data_ptr<float>();
    to.insert(to.end(), from, from + flat.numel());
}

} // namespace

ConvergenceMeter::ConvergenceMeter(const models::LanguageModel& model,
                                   std::span<const std::int32_t> ids,
                                   spec::ResolvedRouting routing,
                                   std::int64_t mostBytes)
    : m_model(model)
    , m_states(model, m_pass, tokensWithin(mostBytes, model, routing.depth, ids)) {
    const std::int64_t tokens = tokensWithin(mostBytes, model, routing.depth, ids);
    m_result.ids.assign(ids.begin(), ids.begin() + tokens);
    m_result.beyond = ids.size() - m_result.ids.size();
    if (routing.causal) { // nothing depends on later tokens
        ids = ids.first(static_cast<std::size_t>(tokens));
    }
    m_result.settings = routing.settings;
    m_result.recursions = routing.depth;
    m_result.trained = model.config().recursions();
    m_result.predictions = static_cast<std::size_t>(
        std::min<std::int64_t>(trace::kPredictions, model.config().vocabulary));
    m_pass.ids = models::idsRow(ids, model.device());
    m_pass.routing = std::move(routing);
    settings::RoutingSettings& settings = m_pass.routing.settings;
    if (settings::watchesPrediction(settings.rule)) {
        settings.rule = Rule::Fixed; // or tokens would run one by one, each to its end
        settings.exits = settings::Exits::Published;
        settings.kv = settings::KvPolicy::Recursion;
    } else if (settings::keptRecursions(settings) > 0) { // the same
        settings.kv =
            settings.exitStops() ? settings::KvPolicy::Latest : settings::KvPolicy::Recursion;
    }
}

double ConvergenceMeter::fraction() const {
    // Either half costs about as much: one runs the layers, the other the head after each
    // recursion.
    const double ran = static_cast<double>(m_states.states().size() + m_outputs.size()) /
                       static_cast<double>(2 * recursions() + 1);
    const double read = static_cast<double>(m_next) / static_cast<double>(m_result.tokens());
    return (std::min(ran, 1.0) + read) / 2;
}

bool ConvergenceMeter::step() {
    const c10::NoGradGuard noGrad;
    if (!m_looped) {
        m_looped = !m_states.step();
        return true;
    }
    const auto made = static_cast<int>(m_outputs.size());
    if (made < recursions()) {
        m_outputs.push_back(m_states.readOut(made));
        return true;
    }
    if (m_next == 0) {
        beginTokens();
    }
    const auto tokens = static_cast<std::int64_t>(m_result.tokens());
    const std::int64_t count = std::min(m_chunk, tokens - m_next);
    measureMoves(m_next, count);
    measurePredictions(m_next, count);
    m_next += count;
    if (m_next < tokens) {
        return true;
    }
    finish();
    return false;
}

void ConvergenceMeter::beginTokens() {
    const std::int64_t row = recursions() * m_model.config().vocabulary;
    m_chunk = std::clamp<std::int64_t>(kMostLogits / row, 1, kMostTokens);
    std::vector<at::Tensor> rows;
    for (int r = 0; r < recursions(); ++r) {
        rows.push_back(m_states.ran(r));
    }
    put(m_ran, at::stack(rows), 0, static_cast<std::int64_t>(m_result.tokens()));
}

void ConvergenceMeter::measureMoves(std::int64_t first, std::int64_t count) {
    std::vector<at::Tensor> rows;
    for (const at::Tensor& state : m_states.states()) {
        rows.push_back(state.narrow(0, first, count).to(at::kFloat));
    }
    const at::Tensor states = at::stack(rows); // [R + 1, c, D]
    const at::Tensor now = states.slice(0, 1), old = states.slice(0, 0, -1);
    const auto norm = [](const at::Tensor& x) { return x.square().sum(-1).sqrt(); };
    const auto tokens = static_cast<std::int64_t>(m_result.tokens());
    put(m_result.values[static_cast<std::size_t>(Quantity::Change)], norm(now - old) / norm(now),
        first, tokens);
    put(m_result.values[static_cast<std::size_t>(Quantity::Cosine)],
        (now * old).sum(-1) / (norm(now) * norm(old)), first, tokens);
    const PrincipalPath path = principalPath(states.permute({1, 0, 2}));
    append(m_result.path, path.points);
    append(m_result.pathShares, path.shares);
}

void ConvergenceMeter::measurePredictions(std::int64_t first, std::int64_t count) {
    std::vector<at::Tensor> rows;
    for (const at::Tensor& output : m_outputs) {
        rows.push_back(output.narrow(0, first, count));
    }
    const at::Tensor logits =
        nn::linear(at::stack(rows), m_model.weights().head).to(at::kFloat); // [R, c, V]
    const at::Tensor logP = at::log_softmax(logits, -1);
    const at::Tensor entropy = (logP.exp() * logP).sum(-1).neg();
    if (!entropy.isfinite().all().item<bool>()) {
        throw Error(ErrorCode::BadInput, "the model's output is not finite",
                    "Its weights are damaged, or its training diverged; load another model.");
    }
    const auto best = logits.topk(static_cast<std::int64_t>(m_result.predictions), -1);
    const at::Tensor& ids = std::get<1>(best); // [R, c, 5]
    const at::Tensor answer = ids[-1].slice(-1, 0, 1).unsqueeze(0).expand({recursions(), -1, 1});
    const auto tokens = static_cast<std::int64_t>(m_result.tokens());
    const auto keep = [&](Quantity quantity, const at::Tensor& values) {
        put(m_result.values[static_cast<std::size_t>(quantity)], values, first, tokens);
    };
    keep(Quantity::Entropy, entropy);
    keep(Quantity::Divergence, divergence(logP[-1].unsqueeze(0), logP));
    keep(Quantity::Rank, logits.gt(logits.gather(-1, answer)).sum(-1) + 1);
    // As Huginn's rule, which starts from an entropy of 100.
    const at::Tensor older =
        at::cat({at::full_like(entropy[0], 100.0).unsqueeze(0), entropy.slice(0, 0, -1)});
    put(m_entropyStep, (entropy - older).abs(), first, tokens);
    put(m_kl, divergence(before(logP), logP), first, tokens);
    const at::Tensor likely = likelyOnly(logP);
    put(m_minpKl, divergence(before(likely), likely), first, tokens);
    const auto width = static_cast<std::int64_t>(m_result.predictions);
    put(m_result.best, ids.flatten(1), first * width, tokens * width);
    put(m_result.probability, logP.gather(-1, ids).exp().flatten(1), first * width, tokens * width);
}

/// As in force, or else as it was published.
double ConvergenceMeter::thresholdOf(Rule rule) const {
    const settings::RoutingSettings& asked = m_result.settings;
    if (rule == Rule::Exit) {
        return trace::exitLookedAt(asked);
    }
    return asked.rule == rule ? asked.change : settings::publishedChange(rule);
}

std::vector<std::uint8_t> ConvergenceMeter::exitsUnder(Rule rule) const {
    const std::size_t tokens = m_result.tokens();
    const double threshold = thresholdOf(rule);
    switch (rule) {
    case Rule::Latent:
        return trace::firstBelow(m_result.values[static_cast<std::size_t>(Quantity::Change)],
                                 tokens, threshold);
    case Rule::Cosine: {
        std::vector<float> turn = m_result.values[static_cast<std::size_t>(Quantity::Cosine)];
        std::ranges::transform(turn, turn.begin(), [](float cosine) { return 1 - cosine; });
        return trace::firstBelow(turn, tokens, threshold);
    }
    case Rule::Entropy:
        return trace::firstBelow(m_entropyStep, tokens, threshold);
    case Rule::Kl:
        return trace::firstBelow(m_kl, tokens, threshold);
    case Rule::MinpKl:
        return trace::firstBelow(m_minpKl, tokens, threshold);
    case Rule::Argmax:
        return trace::firstStable(m_answers, tokens, static_cast<int>(threshold));
    default: {
        std::vector<float> leaves;
        const auto count = static_cast<std::int64_t>(tokens);
        put(leaves, at::cat(m_pass.exits).narrow(1, 0, count), 0, count);
        return trace::firstReached(leaves, tokens, threshold);
    }
    }
}

void ConvergenceMeter::addExits(Rule rule) {
    std::vector<std::uint8_t> recursion = exitsUnder(rule);
    const std::size_t tokens = m_result.tokens();
    for (std::size_t t = 0; t < tokens; ++t) {
        // Who had left by then was not asked.
        if (recursion[t] > 0 && m_ran[(recursion[t] - 1U) * tokens + t] == 0) {
            recursion[t] = 0;
        }
    }
    m_result.exits.push_back(
        {fmt::format("{}:{}", settings::toString(rule), thresholdOf(rule)), std::move(recursion)});
}

void ConvergenceMeter::finish() {
    for (std::size_t i = 0; i < m_result.best.size(); i += m_result.predictions) {
        m_answers.push_back(m_result.best[i]);
    }
    m_result.fixedAt = trace::fixedFrom(m_answers, m_result.tokens());
    for (const Rule rule :
         {Rule::Latent, Rule::Cosine, Rule::Entropy, Rule::Kl, Rule::MinpKl, Rule::Argmax}) {
        addExits(rule);
    }
    if (!m_pass.exits.empty()) {
        addExits(Rule::Exit);
    }
    for (std::vector<float>& values : m_result.values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = m_ran[i] != 0 ? values[i] : std::numeric_limits<float>::quiet_NaN();
        }
    }
}

trace::Convergence ConvergenceMeter::take() {
    return std::move(m_result);
}

} // namespace depthscope::evaluate
