// SPDX-License-Identifier: MIT
#include "engine/train/trainer.h"

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/nn/memory.h"
#include "engine/spec/flops.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <numbers>
#include <utility>

namespace depthscope::train {

using models::LanguageModel;
using models::Pass;

namespace {

std::vector<models::DistinctWeight>
weightsOf(const spec::Preset& preset, LanguageModel& model, bool auxiliary) {
    std::vector<models::DistinctWeight> chosen;
    for (models::DistinctWeight& weight : models::distinctWeights(preset.model, model.weights())) {
        const bool isAux = weight.key.find(".mlp_router.") != std::string::npos;
        if (isAux == auxiliary && weight.tensor.requires_grad()) {
            chosen.push_back(std::move(weight));
        }
    }
    return chosen;
}

std::unique_ptr<LanguageModel> newModel(const spec::Preset& preset, at::Device device) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    models::Weights weights = models::randomWeights(preset.model, preset.seed);
    models::convertWeights(preset.model, weights, device, at::kFloat);
    auto model = std::make_unique<LanguageModel>(preset.model, std::move(weights));
    for (const models::DistinctWeight& weight :
         models::distinctWeights(preset.model, model->weights())) {
        weight.tensor.set_requires_grad(true);
    }
    if (preset.model.hasRouter() && preset.model.mor.balancing == spec::Balancing::LossFree) {
        model->weights().routerBias =
            at::zeros({preset.model.recursion.count}, at::TensorOptions(device));
    }
    return model;
}

std::unique_ptr<AdamW>
newOptimizer(const spec::Preset& preset, LanguageModel& model, bool auxiliary) {
    std::vector<models::DistinctWeight> weights = weightsOf(preset, model, auxiliary);
    if (weights.empty()) {
        return nullptr;
    }
    AdamSettings settings;
    settings.beta1 = preset.beta1;
    settings.beta2 = preset.beta2;
    settings.weightDecay = preset.weightDecay;
    settings.decayEverything = preset.decayEverything;
    settings.clip = preset.clip;
    return std::make_unique<AdamW>(std::move(weights), settings);
}

/// Matrix products of a kind of device in bfloat16 while it lives.
class Autocast {
public:
    Autocast(bool on, at::DeviceType device)
        : m_on(on)
        , m_device(device) {
        if (m_on) {
            at::autocast::set_autocast_enabled(m_device, true);
            at::autocast::set_autocast_dtype(m_device, at::kBFloat16);
        }
    }

    ~Autocast() {
        if (m_on) {
            at::autocast::clear_cache();
            at::autocast::set_autocast_enabled(m_device, false);
        }
    }

    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

private:
    bool m_on;
    at::DeviceType m_device;
};

/// Capacity of a warm-up's micro-batch t (routing.md 3.3).
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

/// FLOPs of a pass, from the tokens that ran each recursion, taken as spread evenly over the rows.
double flopsOf(const spec::LanguageSpec& config, const Pass& pass) {
    const std::int64_t rows = pass.ids.size(0), length = pass.ids.size(1);
    spec::StepLoad load;
    load.unshared = spec::causalLoad(length, 0);
    load.headTokens = length;
    load.loops = config.family == spec::Family::More ? pass.routing.depth : 0;
    load.scorers = config.hasRouter() && config.mor.sampling == spec::Sampling::AuxRouter ? 2 : 1;
    for (const std::int64_t active : pass.activeTokens) {
        load.recursions.push_back(spec::causalLoad(active / rows, 0));
    }
    return spec::stepFlops(config, load) * static_cast<double>(rows);
}

constexpr std::uint64_t kValidationKey = 0x76616c6964617465ULL;

} // namespace

Trainer::Trainer(spec::Preset preset, const data::Corpus& corpus, at::Device device)
    : m_preset(std::move(preset))
    , m_corpus(corpus)
    , m_model(newModel(m_preset, device))
    , m_optimizer(newOptimizer(m_preset, *m_model, false))
    , m_auxOptimizer(newOptimizer(m_preset, *m_model, true)) {
    const auto needed = static_cast<std::size_t>(m_preset.sequence) + 1;
    if (corpus.train.ids.size() < needed || corpus.validation.ids.size() < needed) {
        throw Error(ErrorCode::BadInput,
                    "the training data has " + std::to_string(corpus.train.ids.size()) +
                        " training and " + std::to_string(corpus.validation.ids.size()) +
                        " validation tokens; a sequence has " + std::to_string(m_preset.sequence),
                    "Give a longer text, or add --corpus graded.");
    }
    if (m_preset.average > 0) {
        for (const auto& weight : models::distinctWeights(m_preset.model, m_model->weights())) {
            m_average.push_back(weight.tensor.detach().clone());
        }
    }
}

Trainer::Batch Trainer::batchAt(const std::vector<std::int32_t>& tokens,
                                std::uint64_t key,
                                std::int64_t rows) const {
    SplitMix random(key);
    const std::int64_t length = m_preset.sequence;
    const auto starts =
        static_cast<std::uint32_t>(tokens.size() - static_cast<std::size_t>(length));
    at::Tensor window = at::empty({rows, length + 1}, at::kLong);
    auto* data = window.mutable_data_ptr<std::int64_t>();
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::uint32_t start = random.below(starts);
        for (std::int64_t t = 0; t <= length; ++t) {
            *data++ = tokens[start + static_cast<std::size_t>(t)];
        }
    }
    window = window.to(m_model->device());
    return {window.narrow(1, 0, length).contiguous(), window.narrow(1, 1, length).contiguous()};
}

Pass Trainer::trainingPass(const Batch& batch) const {
    Pass pass;
    pass.ids = batch.ids;
    pass.routing = spec::resolveRouting(m_preset.model, {}, spec::RoutingUse::Pass);
    pass.losses = true;
    pass.trace = false;
    return pass;
}

at::Tensor Trainer::lossOf(const Pass& pass, const at::Tensor& language) const {
    const spec::MorSpec& mor = m_preset.model.mor;
    const models::RouterLosses& losses = pass.routerLosses;
    const auto parts = static_cast<double>(m_preset.accumulate);
    at::Tensor total = language / parts;
    if (losses.aux.defined() && mor.sampling == spec::Sampling::AuxLoss) {
        total =
            total + losses.aux * (mor.auxCoefficient / (m_preset.auxiliaryUnscaled ? 1.0 : parts));
    }
    if (losses.auxRouter.defined()) {
        total = total + losses.auxRouter / parts;
    }
    if (losses.balance.defined() && mor.balancing == spec::Balancing::Loss) {
        total = total + losses.balance * (mor.balanceCoefficient / parts);
    }
    if (losses.z.defined()) {
        total = total + losses.z * (mor.zCoefficient / parts);
    }
    return total;
}

void Trainer::microBatch(std::int64_t index) {
    const std::int64_t t = m_step * m_preset.accumulate + index;
    const std::uint64_t key =
        m_preset.seed * 0x9E3779B97F4A7C15ULL ^ (static_cast<std::uint64_t>(t) + 1);
    const Batch batch = batchAt(m_corpus.train.ids, key, m_preset.batch);
    Pass pass = trainingPass(batch);
    pass.routing.seed = m_preset.seed + static_cast<std::uint64_t>(t) * 977; // the random control
    const spec::MorSpec& mor = m_preset.model.mor;
    if (m_preset.model.hasRouter() && t < mor.capacityWarmup) {
        pass.routing.settings.capacity = warmCapacity(mor, t);
    }
    if (m_preset.model.hasRouter() && t < mor.balanceWarmup) {
        pass.routing.settings.rule = settings::Rule::Fixed;
    }
    at::Tensor loss, language;
    {
        const Autocast autocast(m_preset.autocast, m_model->device().type());
        m_model->run(pass);
        language = at::cross_entropy_loss(pass.logits.flatten(0, 1).to(at::kFloat),
                                          batch.targets.flatten());
        loss = lossOf(pass, language);
    }
    loss.backward();
    if (pass.tokenLoad.defined()) {
        m_loadSum = m_loadSum.defined() ? m_loadSum + pass.tokenLoad : pass.tokenLoad;
    }
    constexpr double kForwardAndBackward = 3.0;
    m_counted.flops += kForwardAndBackward * flopsOf(m_preset.model, pass);
    const auto value = language.item<double>();
    if (!std::isfinite(value)) {
        stopNotFinite(value, m_optimizer->notFinite());
    }
    m_counted.lossSum += value;
    ++m_counted.lossCount;
}

void Trainer::step() {
    while (!advance()) {
    }
}

void Trainer::dropStep() {
    if (m_parts > 0) {
        m_parts = 0;
        m_counted = m_atStep;
        dropGradients();
    }
}

void Trainer::dropGradients() {
    m_optimizer->dropGradients();
    if (m_auxOptimizer) {
        m_auxOptimizer->dropGradients();
    }
}

bool Trainer::advance() {
    const c10::AutoGradMode grad(true);
    if (m_parts == 0) {
        m_loadSum = at::Tensor();
        m_atStep = m_counted;
    }
    microBatch(m_parts++);
    if (m_parts < m_preset.accumulate) {
        return false;
    }
    m_parts = 0;
    const double rate = spec::rateAt(m_preset.schedule, m_step, m_preset.steps);
    if (!std::isfinite(m_optimizer->step(rate))) {
        stopNotFinite(m_counted.lossSum / static_cast<double>(m_counted.lossCount),
                      m_optimizer->notFinite());
    }
    constexpr double kAuxRate = 10.0; // routing.md 3.4
    if (m_auxOptimizer && !std::isfinite(m_auxOptimizer->step(kAuxRate * rate))) {
        stopNotFinite(m_counted.lossSum / static_cast<double>(m_counted.lossCount),
                      m_auxOptimizer->notFinite());
    }
    balanceLoads();
    updateAverage();
    ++m_step;
    return true;
}

void Trainer::stopNotFinite(double loss, const std::string& tensor) {
    dropGradients();
    throw Error(ErrorCode::BadInput,
                "training stopped at step " + std::to_string(m_step + 1) + ": loss " +
                    std::to_string(loss) +
                    (tensor.empty() ? "" : ", the gradient of " + tensor + " is not finite"),
                "What was saved before is good. Begin again in another --out folder with a lower "
                "learning_rate, or another seed.");
}

/// Loss-free balancing (routing.md 3.5): once a step, by the sign of each destination's load.
void Trainer::balanceLoads() {
    at::Tensor& bias = m_model->weights().routerBias;
    if (!bias.defined() || !m_loadSum.defined()) {
        return;
    }
    const c10::NoGradGuard noGrad;
    if ((m_step + 1) * m_preset.accumulate <= m_preset.model.mor.balanceWarmup) {
        bias.zero_();
        return;
    }
    bias.add_((m_loadSum.mean() - m_loadSum).sign(), m_preset.model.mor.balanceRate);
}

void Trainer::updateAverage() {
    if (m_average.empty()) {
        return;
    }
    const c10::NoGradGuard noGrad;
    const auto weights = models::distinctWeights(m_preset.model, m_model->weights());
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        m_average[i].lerp_(weights[i].tensor, 1.0 - m_preset.average);
    }
}

void Trainer::adoptAverage() {
    const c10::NoGradGuard noGrad;
    auto weights = models::distinctWeights(m_preset.model, m_model->weights());
    for (std::size_t i = 0; i < m_average.size(); ++i) {
        weights[i].tensor.copy_(m_average[i]);
    }
}

Evaluation Trainer::evaluate() {
    const c10::NoGradGuard noGrad;
    Evaluation evaluation;
    double sum = 0, tokens = 0;
    evaluation.load.assign(static_cast<std::size_t>(m_preset.model.recursions()), 0.0);
    for (std::int64_t done = 0; done < m_preset.validationSequences; done += m_preset.batch) {
        const std::int64_t rows = std::min(m_preset.batch, m_preset.validationSequences - done);
        const Batch batch = batchAt(m_corpus.validation.ids,
                                    kValidationKey + static_cast<std::uint64_t>(done), rows);
        Pass pass = trainingPass(batch);
        pass.routing.seed = kValidationKey + static_cast<std::uint64_t>(done);
        m_model->run(pass);
        const auto count = static_cast<double>(batch.targets.numel());
        sum += count * at::cross_entropy_loss(pass.logits.flatten(0, 1).to(at::kFloat),
                                              batch.targets.flatten())
                           .item<double>();
        evaluation.meanDepth += pass.depth.sum().item<double>();
        for (std::size_t r = 0; r < evaluation.load.size(); ++r) {
            // Without a choice of depth every token takes every step; with one, those past the
            // last step that anybody took have nobody.
            evaluation.load[r] += r < pass.activeTokens.size()
                                      ? static_cast<double>(pass.activeTokens[r])
                                  : pass.activeTokens.empty() ? count
                                                              : 0.0;
        }
        tokens += count;
    }
    for (double& share : evaluation.load) {
        share /= tokens;
    }
    evaluation.step = m_step;
    evaluation.valLoss = sum / tokens;
    evaluation.meanDepth /= tokens;
    evaluation.tokens = m_step * tokensPerStep();
    evaluation.flops = m_counted.flops;
    evaluation.trainLoss = m_counted.lossCount > 0
                               ? m_counted.lossSum / static_cast<double>(m_counted.lossCount)
                               : std::nan("");
    m_counted.lossSum = 0;
    m_counted.lossCount = 0;
    return evaluation;
}

} // namespace depthscope::train
