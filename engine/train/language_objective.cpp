// SPDX-License-Identifier: MIT
#include "engine/train/language_objective.h"

#include "engine/base/error.h"
#include "engine/nn/linear.h"
#include "engine/nn/memory.h"
#include "engine/spec/flops.h"
#include "engine/spec/recipe.h"
#include "engine/train/checkpoint_recipe.h"
#include "engine/train/looped_loss.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace depthscope::train {

using models::LanguageModel;
using models::Pass;
using models::Weights;

namespace {

constexpr std::uint64_t kValidationKey = 0x76616c6964617465ULL;
constexpr double kForwardAndBackward = 3.0; // docs/routing.md 4.2

LanguageModel newModel(const spec::Preset& preset, at::Device device) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    models::Weights weights = models::randomWeights(preset.model, preset.seed);
    models::convertWeights(preset.model, weights, device, at::kFloat);
    for (const models::DistinctWeight& weight : models::distinctWeights(preset.model, weights)) {
        weight.tensor.set_requires_grad(true);
    }
    if (preset.model.hasRouter() && preset.model.mor.balancing == spec::Balancing::LossFree) {
        weights.routerBias = at::zeros({preset.model.recursion.count}, at::TensorOptions(device));
    }
    return {preset.model, std::move(weights)};
}

/// Capacity of a warm-up's micro-batch t (docs/routing.md 3.3).
std::vector<Fraction> warmCapacity(const spec::MorSpec& mor, std::int64_t t) {
    constexpr std::int64_t kSteps = 1'000'000;
    const double done = static_cast<double>(t) / static_cast<double>(mor.capacityWarmup);
    const double open = 0.5 * (1.0 + std::cos(std::numbers::pi * done));
    std::vector<Fraction> capacity;
    for (const Fraction& goal : mor.capacity) {
        const double now = goal.value() + (1.0 - goal.value()) * open;
        capacity.push_back({std::llround(now * static_cast<double>(kSteps)), kSteps});
    }
    return capacity;
}

/// A looped model that always answers after one recursion learns that one's answers alone; the
/// others learn those of all, and when to leave.
bool learnsExits(const spec::LanguageSpec& config) {
    return config.hasExitGate() && config.loop.exitStep < 0;
}

/// FLOPs of a pass, from the tokens that ran each recursion, taken as spread evenly over the rows.
double flopsOf(const spec::LanguageSpec& config, const Pass& pass) {
    const std::int64_t rows = pass.ids.size(0), length = pass.ids.size(1);
    spec::StepWork load;
    load.unshared = spec::causalWork(length, 0);
    load.headTokens = length * (learnsExits(config) ? config.recursion.count : 1);
    load.loops = config.family == spec::Family::More ? pass.routing.depth : 0;
    load.scorers =
        config.hasRouter() && config.mor.scoreTraining == spec::ScoreTraining::AuxRouter ? 2 : 1;
    for (const std::int64_t active : pass.activeTokens) {
        load.recursions.push_back(spec::causalWork(active / rows, 0));
    }
    return spec::stepFlops(config, load) * static_cast<double>(rows);
}

at::Tensor crossEntropy(const Pass& pass, const at::Tensor& targets) {
    return at::cross_entropy_loss(pass.logits.flatten(0, 1).to(at::kFloat), targets.flatten());
}

/// Nats of each token after each recursion of a looped model, [N, R].
at::Tensor lossByExit(const Pass& pass, const at::Tensor& head, const at::Tensor& targets) {
    std::vector<at::Tensor> losses;
    for (std::size_t t = 0; t < pass.loopStates.size(); ++t) {
        const bool isLast = t + 1 == pass.loopStates.size(); // the pass has its logits
        const at::Tensor logits = isLast ? pass.logits : nn::linear(pass.loopStates[t], head);
        losses.push_back(at::cross_entropy_loss(logits.flatten(0, 1).to(at::kFloat),
                                                targets.flatten(), {}, at::Reduction::None));
    }
    return at::stack(losses, 1);
}

/// [N, R]
at::Tensor exitsOf(const Pass& pass) {
    return at::stack(pass.exits, -1).flatten(0, 1);
}

} // namespace

LanguageObjective::LanguageObjective(spec::Preset preset,
                                     const data::Corpus& corpus,
                                     at::Device device)
    : m_preset(std::move(preset))
    , m_corpus(corpus)
    , m_model(newModel(m_preset, device)) {
    const auto needed = static_cast<std::size_t>(m_preset.sequence) + 1;
    if (corpus.train.ids.size() < needed || corpus.validation.ids.size() < needed) {
        throw Error(ErrorCode::BadInput,
                    "the training data has " + std::to_string(corpus.train.ids.size()) +
                        " training and " + std::to_string(corpus.validation.ids.size()) +
                        " validation tokens; a sequence has " + std::to_string(m_preset.sequence),
                    "Give a longer text, or add --corpus graded.");
    }
}

std::vector<Weight> LanguageObjective::weights() {
    std::vector<Weight> weights;
    for (models::DistinctWeight& weight :
         models::distinctWeights(m_preset.model, m_model.weights())) {
        constexpr double kAuxRate = 10.0;
        const bool isAux = weight.key.find(".mlp_router.") != std::string::npos;
        const double rate = !weight.tensor.requires_grad() ? 0.0 : isAux ? kAuxRate : 1.0;
        weights.push_back({std::move(weight.key), std::move(weight.tensor), rate});
    }
    return weights;
}

std::uint32_t LanguageObjective::startsIn(const std::vector<std::int32_t>& tokens) const {
    return static_cast<std::uint32_t>(tokens.size() - static_cast<std::size_t>(m_preset.sequence));
}

LanguageObjective::Batch
LanguageObjective::batchOf(const std::vector<std::int32_t>& tokens,
                           const std::vector<std::uint32_t>& starts) const {
    const std::int64_t length = m_preset.sequence;
    at::Tensor window = at::empty({std::ssize(starts), length + 1}, at::kLong);
    auto* data = window.mutable_data_ptr<std::int64_t>();
    for (const std::uint32_t start : starts) {
        data = std::copy_n(tokens.begin() + start, length + 1, data);
    }
    window = window.to(m_model.device());
    return {window.narrow(1, 0, length).contiguous(), window.narrow(1, 1, length).contiguous()};
}

Pass LanguageObjective::passOver(const Batch& batch) const {
    Pass pass;
    pass.ids = batch.ids;
    pass.routing = spec::resolveRouting(m_preset.model, {}, spec::RoutingUse::Pass);
    if (learnsExits(m_preset.model)) { // all recursions, whichever answers
        pass.routing.settings.rule = settings::Rule::Fixed;
    }
    pass.losses = true;
    pass.trace = false;
    return pass;
}

at::Tensor
LanguageObjective::totalOf(const Pass& pass, const at::Tensor& language, std::int64_t parts) const {
    const spec::MorSpec& mor = m_preset.model.mor;
    const models::RouterLosses& losses = pass.routerLosses;
    const auto share = static_cast<double>(parts);
    at::Tensor total = language / share;
    if (losses.aux.defined() && mor.scoreTraining == spec::ScoreTraining::AuxLoss) {
        total =
            total + losses.aux * (mor.auxCoefficient / (m_preset.auxiliaryUnscaled ? 1.0 : share));
    }
    if (losses.auxRouter.defined()) {
        total = total + losses.auxRouter / share;
    }
    if (losses.balance.defined() && mor.balancing == spec::Balancing::Loss) {
        total = total + losses.balance * (mor.balanceCoefficient / share);
    }
    if (losses.z.defined()) {
        total = total + losses.z * (mor.zCoefficient / share);
    }
    return total;
}

Loss LanguageObjective::loss(const MicroBatch& part) {
    const std::int64_t t = part.index;
    const Batch batch = batchOf(m_corpus.train.ids,
                                drawRows(batchKey(m_preset.seed, t), startsIn(m_corpus.train.ids),
                                         m_preset.batch, part.share));
    if (learnsExits(m_preset.model)) {
        return loopedLoss(batch, part);
    }
    Pass pass = passOver(batch);
    pass.routing.seed = passSeed(m_preset.seed, t, part.share); // the random control
    const spec::MorSpec& mor = m_preset.model.mor;
    if (m_preset.model.hasRouter() && t < mor.capacityWarmup) {
        pass.routing.settings.capacity = warmCapacity(mor, t);
    }
    if (m_preset.model.hasRouter() && t < mor.balanceWarmup) {
        pass.routing.settings.rule = settings::Rule::Fixed;
    }
    m_model.run(pass);
    if (t % part.parts == 0) {
        m_chosenShareSum = at::Tensor();
    }
    if (pass.chosenShares.defined()) {
        m_chosenShareSum =
            m_chosenShareSum.defined() ? m_chosenShareSum + pass.chosenShares : pass.chosenShares;
    }
    Loss loss;
    loss.value = crossEntropy(pass, batch.targets);
    loss.total = totalOf(pass, loss.value, part.parts);
    loss.flops = kForwardAndBackward * flopsOf(m_preset.model, pass);
    return loss;
}

Loss LanguageObjective::loopedLoss(const Batch& batch, const MicroBatch& part) const {
    const bool isGateAlone = part.done >= 1 - m_preset.gateShare;
    const Weights& weights = m_model.weights();
    Pass pass = passOver(batch);
    at::Tensor losses;
    {
        const c10::AutoGradMode grad(!isGateAlone && c10::GradMode::is_enabled());
        m_model.run(pass);
        losses = lossByExit(pass, weights.head, batch.targets);
    }
    const at::Tensor exits = exitsOf(pass);
    Loss loss;
    loss.value = (losses * exits).sum(1).mean();
    if (isGateAlone) {
        pass.loopStates.pop_back(); // nothing is decided after the last one
        const at::Tensor states = at::stack(pass.loopStates, 2).flatten(0, 1);
        const at::Tensor gates =
            nn::linear(states, weights.exitGate, weights.exitBias).squeeze(-1).to(at::kFloat);
        loss.total = gateLoss(losses, gates);
    } else {
        loss.total = expectedLoss(losses, exits, m_preset.exitEntropy);
    }
    loss.total = loss.total / static_cast<double>(part.parts);
    loss.flops = (isGateAlone ? 1 : kForwardAndBackward) * flopsOf(m_preset.model, pass);
    return loss;
}

void LanguageObjective::stepped(std::int64_t microBatches) {
    at::Tensor& bias = m_model.weights().routerBias;
    if (!bias.defined() || !m_chosenShareSum.defined()) {
        return;
    }
    const c10::NoGradGuard noGrad;
    if (microBatches <= m_preset.model.mor.balanceWarmup) {
        bias.zero_();
        return;
    }
    bias.add_((m_chosenShareSum.mean() - m_chosenShareSum).sign(), m_preset.model.mor.balanceRate);
}

std::vector<Metric> LanguageObjective::evaluate() {
    const c10::NoGradGuard noGrad;
    double nats = 0, depth = 0, tokens = 0;
    at::Tensor byExit; // sums of a looped model's losses, [R], and its depth
    double expected = 0;
    std::vector<double> load(static_cast<std::size_t>(m_preset.model.recursions()), 0.0);
    for (std::int64_t done = 0; done < m_preset.validationSequences; done += m_preset.batch) {
        const std::int64_t rows = std::min(m_preset.batch, m_preset.validationSequences - done);
        const std::uint64_t key = kValidationKey + static_cast<std::uint64_t>(done);
        const auto& ids = m_corpus.validation.ids;
        const Batch batch = batchOf(ids, drawRows(key, startsIn(ids), rows));
        Pass pass = passOver(batch);
        pass.routing.seed = key;
        m_model.run(pass);
        const auto count = static_cast<double>(batch.targets.numel());
        nats += count * crossEntropy(pass, batch.targets).item<double>();
        depth += pass.depth.sum().item<double>();
        if (learnsExits(m_preset.model)) {
            const at::Tensor sum =
                lossByExit(pass, m_model.weights().head, batch.targets).sum(0, false, at::kDouble);
            byExit = byExit.defined() ? byExit + sum : sum;
            expected += expectedDepth(exitsOf(pass)).sum().item<double>();
        }
        for (std::size_t r = 0; r < load.size(); ++r) {
            // Without a choice of depth every token takes every step; with one, those past the
            // last step that anybody took have nobody.
            load[r] += r < pass.activeTokens.size() ? static_cast<double>(pass.activeTokens[r])
                       : pass.activeTokens.empty()  ? count
                                                    : 0.0;
        }
        tokens += count;
    }
    std::vector<Metric> metrics{{"val_loss", nats / tokens, "nats/token"},
                                {"mean_depth", depth / tokens, "recursions"}};
    for (std::size_t r = 0; r < load.size(); ++r) {
        metrics.push_back({"load[" + std::to_string(r + 1) + "]", load[r] / tokens, "share"});
    }
    for (std::int64_t t = 0; byExit.defined() && t < byExit.size(0); ++t) {
        metrics.push_back({"exit_loss[" + std::to_string(t + 1) + "]",
                           byExit[t].item<double>() / tokens, "nats/token"});
    }
    if (byExit.defined()) {
        metrics.push_back({"expected_depth", expected / tokens, "recursions"});
    }
    return metrics;
}

std::vector<Trait> LanguageObjective::traits() const {
    std::vector<Trait> traits{{"preset", m_preset.name}, {"seed", std::to_string(m_preset.seed)}};
    addRecipe(spec::recipeFields(m_preset), traits);
    traits.push_back({"train_tokens", std::to_string(m_corpus.train.ids.size())});
    return traits;
}

void applyCheckpointRecipe(const std::filesystem::path& checkpoint, spec::Preset& preset) {
    applyStoredRecipe(checkpoint, preset);
}

} // namespace depthscope::train
