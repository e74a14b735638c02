// SPDX-License-Identifier: MIT
#include "engine/train/flow_objective.h"

#include "engine/base/random.h"
#include "engine/evaluate/clip_score.h"
#include "engine/evaluate/depth_probe.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/aligned_routing.h"
#include "engine/models/patchify.h"
#include "engine/nn/memory.h"
#include "engine/spec/video_macs.h"
#include "engine/train/checkpoint_recipe.h"
#include "engine/train/draws.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <optional>
#include <utility>

namespace depthscope::train {

using models::VideoModel;

namespace {

constexpr int kTime = 2;

VideoModel newModel(const spec::VideoPreset& preset, at::Device device) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    models::VideoWeights weights = models::randomVideoWeights(preset.model, preset.seed);
    models::convertWeights(preset.model, weights, device, at::kFloat);
    for (const models::DistinctWeight& weight : models::weightsOf(preset.model, weights)) {
        weight.tensor.set_requires_grad(!weight.key.ends_with(".balance"));
    }
    return {preset.model, std::move(weights)};
}

/// Whether micro-batch t predicts from clean frames.
bool hasContext(const spec::VideoPreset& preset, std::int64_t t) {
    constexpr std::uint64_t kKey = 0x636f6e74657874ULL;
    constexpr std::uint32_t kParts = 1U << 24U;
    SplitMix random(batchKey(preset.seed, t) ^ kKey);
    return preset.model.contextFrames > 0 &&
           static_cast<double>(random.below(kParts)) < preset.contextShare * kParts;
}

/// Forward and backward of a micro-batch, in FLOPs.
double flopsOf(const spec::VideoPreset& preset, bool predicts) {
    constexpr double kOperations = 2.0, kForwardAndBackward = 3.0;
    const spec::VideoSpec& spec = preset.model;
    const double macs = predicts ? spec::videoMacs(spec, spec::contextSide(spec)).total() +
                                       spec::videoMacs(spec, spec::targetSide(spec)).total()
                                 : spec::videoMacs(spec, spec::wholeClip(spec)).total();
    return kOperations * kForwardAndBackward * macs * static_cast<double>(preset.batch);
}

} // namespace

FlowObjective::FlowObjective(spec::VideoPreset preset, ClipSets clips, at::Device device)
    : m_preset(std::move(preset))
    , m_clips(std::move(clips))
    , m_model(newModel(m_preset, device)) {}

std::vector<Weight> FlowObjective::weights() {
    std::vector<Weight> weights;
    for (models::DistinctWeight& weight : models::weightsOf(m_preset.model, m_model.weights())) {
        const double rate = weight.tensor.requires_grad() ? 1.0 : 0.0;
        weights.push_back({std::move(weight.key), std::move(weight.tensor), rate});
    }
    return weights;
}

FlowObjective::Draw FlowObjective::draw(const MicroBatch& batch) const {
    const spec::VideoSpec& spec = m_preset.model;
    const std::vector<std::uint32_t> drawn =
        drawRows(batchKey(m_preset.seed, batch.index), m_clips.count, m_preset.batch, batch.share);
    const evaluate::ClipBatch clips =
        evaluate::batchOf(m_clips.training, std::vector<std::uint64_t>(drawn.begin(), drawn.end()));
    at::Generator generator =
        at::make_generator<at::CPUGeneratorImpl>(passSeed(m_preset.seed, batch.index, batch.share));
    const at::Device device = m_model.device();
    const std::int64_t given = hasContext(m_preset, batch.index) ? spec.contextFrames : 0;
    const at::Tensor pixels = clips.pixels.to(device);
    Draw made;
    if (given > 0) {
        made.context = pixels.narrow(kTime, 0, given);
    }
    made.clean =
        models::patchify(pixels.narrow(kTime, given, spec.clip.frames - given), spec.patch);
    // Logit-normal (Esser et al. 2024), then shifted towards noise.
    const at::Tensor normal = at::randn({m_preset.batch}, generator, at::TensorOptions(at::kFloat));
    made.t = models::shiftedTime(at::sigmoid(normal), m_preset.timeShift).to(device);
    made.noise = at::randn(made.clean.sizes(), generator, at::TensorOptions(at::kFloat)).to(device);
    if (spec.classes > 0) {
        const at::Tensor dropped =
            at::rand({m_preset.batch}, generator, at::TensorOptions(at::kFloat))
                .lt(m_preset.labelDrop);
        made.labels = clips.labels.masked_fill(dropped, spec.classes).to(device);
    }
    return made;
}

FlowObjective::Errors FlowObjective::errorsOf(const Draw& draw,
                                              const models::SidePass& pass) const {
    const spec::VideoSpec& spec = m_preset.model;
    if (spec.prediction == spec::Prediction::V) {
        const at::Tensor squares =
            (pass.output.to(at::kFloat) - (draw.noise - draw.clean)).square().mean(-1);
        return {squares.mean(), squares.detach()};
    }
    at::Tensor base;
    if (spec.residual && draw.context.defined()) {
        base = models::lastFramePatches(spec, draw.context, spec.clip.frames - spec.contextFrames);
    }
    const at::Tensor noisy = models::noised(draw.clean, draw.noise, draw.t);
    const at::Tensor clean = models::cleanOf(spec, {pass.output, noisy, draw.t, base});
    const at::Tensor weight = draw.t.pow(-2).clamp_max(m_preset.weightCap);
    const at::Tensor squares = (clean - draw.clean).square().mean(-1);
    return {(squares.mean(1) * weight).mean(), squares.detach()};
}

models::SideInput FlowObjective::inputOf(const Draw& draw, const MicroBatch& batch) const {
    models::SideInput input;
    input.labels = draw.labels;
    input.patterns.losses = input.recursion.losses = true;
    const std::uint64_t first = passSeed(m_preset.seed, batch.index, batch.share);
    for (std::int64_t b = 0; b < m_preset.batch; ++b) { // of the random controls
        input.patterns.seeds.push_back(first + static_cast<std::uint64_t>(b));
    }
    input.recursion.seeds = input.patterns.seeds;
    return input;
}

at::Tensor FlowObjective::routingLoss(const models::SidePass& target,
                                      const models::SidePass* context,
                                      const at::Tensor& errors) const {
    const spec::VideoSpec& spec = m_preset.model;
    at::Tensor sum;
    const auto add = [&sum](const at::Tensor& loss, double coefficient) {
        if (loss.defined() && coefficient > 0) {
            sum = sum.defined() ? sum + loss * coefficient : loss * coefficient;
        }
    };
    for (const models::SidePass* pass : {&target, context}) {
        if (pass == nullptr) {
            continue;
        }
        if (spec.patterns) {
            add(pass->patterns.balance, spec.patterns->balanceCoefficient);
        }
        if (spec.recursion) {
            add(pass->routed.routerLosses.balance, spec.recursion->balanceCoefficient);
            add(pass->routed.routerLosses.z, spec.recursion->zCoefficient);
        }
    }
    if (spec.recursion) {
        add(models::alignedLoss(target.routed.rankings, errors),
            spec.recursion->alignedCoefficient);
    }
    return sum;
}

void FlowObjective::addShares(const models::SidePass& pass) {
    const at::Tensor& shares = pass.patterns.shares;
    if (shares.defined()) {
        const at::Tensor counted = shares * static_cast<double>(pass.side.grid.count());
        m_shares = m_shares.defined() ? m_shares + counted : counted;
    }
}

Loss FlowObjective::loss(const MicroBatch& batch) {
    const Draw drawn = draw(batch);
    const bool predicts = drawn.context.defined();
    models::ContextMemory memory;
    std::optional<models::SidePass> before;
    if (predicts) {
        models::SideInput context = inputOf(drawn, batch);
        context.patches = models::patchify(drawn.context, m_preset.model.patch);
        context.noise = at::zeros_like(drawn.t);
        before = m_model.runContext(context, memory);
        addShares(*before);
    }
    models::SideInput target = inputOf(drawn, batch);
    target.patches = models::noised(drawn.clean, drawn.noise, drawn.t);
    target.noise = drawn.t;
    const models::SidePass pass = m_model.runTarget(target, predicts ? &memory : nullptr);
    addShares(pass);
    const Errors errors = errorsOf(drawn, pass);
    const at::Tensor routing = routingLoss(pass, before ? &*before : nullptr, errors.tokens);
    Loss loss;
    loss.value = errors.loss;
    loss.total =
        (routing.defined() ? loss.value + routing : loss.value) / static_cast<double>(batch.parts);
    loss.flops = flopsOf(m_preset, predicts);
    return loss;
}

void FlowObjective::stepped(std::int64_t /*microBatches*/) {
    at::Tensor& balance = m_model.weights().patterns.balance;
    if (m_shares.defined() && balance.defined() && m_preset.model.patterns->biasRate > 0) {
        models::balancePatterns(balance, m_shares / m_shares.sum(),
                                m_preset.model.patterns->biasRate);
    }
    m_shares = at::Tensor();
}

double FlowObjective::depthAuc() const {
    evaluate::DepthProbing probing;
    probing.clips = m_preset.validationClips;
    probing.batch = m_preset.batch;
    evaluate::DepthProbe probe(m_model, m_clips.validation, probing);
    while (probe.step()) {
    }
    return probe.figures().auc.at(static_cast<std::size_t>(trace::PatchClass::Motion));
}

std::vector<Metric> FlowObjective::evaluate() {
    evaluate::ClipScoring scoring;
    scoring.clips = m_preset.validationClips;
    scoring.batch = m_preset.batch;
    scoring.weightCap = m_preset.weightCap;
    const evaluate::ClipScore score = evaluate::scoreClips(m_model, m_clips.validation, scoring);
    std::vector<Metric> metrics{{"val_loss", score.weightedLoss, "weighted squared error"}};
    for (std::size_t i = 0; i < score.flowLoss.size(); ++i) {
        metrics.push_back(
            {"flow_loss[" + std::to_string(i + 1) + "]", score.flowLoss[i], "squared error"});
    }
    if (m_preset.model.contextFrames > 0) {
        metrics.push_back({"psnr_prediction", score.psnrPrediction, "dB"});
        metrics.push_back({"psnr_copy_last", score.psnrCopyLast, "dB"});
        metrics.push_back({"share_above_copy", score.shareAboveCopy, "share"});
    }
    if (m_preset.model.recursion && m_preset.model.recursion->hasRouter() &&
        !m_clips.validation(0).cover.empty()) {
        metrics.push_back({"depth_auc", depthAuc(), "of depth against motion"});
    }
    return metrics;
}

std::vector<Trait> FlowObjective::traits() const {
    std::vector<Trait> traits{
        {"preset", m_preset.name}, {"seed", std::to_string(m_preset.seed)}, {"data", m_clips.name}};
    addRecipe(spec::recipeFields(m_preset), traits);
    return traits;
}

std::uint64_t validationSeed(std::uint64_t seed) {
    return SplitMix(seed ^ 0x76616c6964617465ULL).next();
}

void applyCheckpointRecipe(const std::filesystem::path& checkpoint, spec::VideoPreset& preset) {
    applyStoredRecipe(checkpoint, preset);
}

} // namespace depthscope::train
