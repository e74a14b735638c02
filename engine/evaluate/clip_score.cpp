// SPDX-License-Identifier: MIT
#include "engine/evaluate/clip_score.h"

#include "engine/data/patch_truth.h"
#include "engine/evaluate/image_metrics.h"
#include "engine/models/flow.h"
#include "engine/models/patchify.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace depthscope::evaluate {

namespace {

constexpr int kTime = 2;
/// Seeds of the noise of measured clips, by their number.
constexpr std::uint64_t kNoiseSeed = 0x636c697073636f72ULL;

/// Mean squared error of each clip in squares of 0..1: [B] double.
at::Tensor errorsOf(const at::Tensor& frames, const at::Tensor& truth) {
    constexpr double kRange = 2.0; // -1 to 1
    const at::Tensor difference = (frames.clamp(-1, 1) - truth) / kRange;
    return difference.to(at::kDouble).square().flatten(1).mean(1).cpu();
}

std::vector<std::uint64_t> numbersFrom(std::uint64_t first, std::int64_t count) {
    std::vector<std::uint64_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

/// Routes as sampling does; `first` is the number of the first clip.
void follow(models::SideInput& input, const generate::ClipSampling& sampling, std::uint64_t first) {
    input.patterns = sampling.patterns;
    input.recursion = sampling.recursion;
    for (const std::uint64_t number : numbersFrom(first, input.patches.size(0))) {
        input.patterns.seeds.push_back(kNoiseSeed + number);
    }
    input.recursion.seeds = input.patterns.seeds;
}

/// How much the target patches of each clip truly change, [B, N].
at::Tensor motionOf(const spec::VideoSpec& spec, const std::vector<data::Clip>& clips) {
    const std::int64_t tokens = spec.gridOf(spec.clip.frames - spec.contextFrames).count();
    std::vector<at::Tensor> rows;
    for (const data::Clip& clip : clips) {
        const std::vector<float> change =
            data::patchChange(clip, {static_cast<std::int32_t>(spec.patch.frames),
                                     static_cast<std::int32_t>(spec.patch.rows),
                                     static_cast<std::int32_t>(spec.patch.columns)});
        // The target side has the last patches of the clip.
        const at::Tensor all = at::tensor(at::ArrayRef<float>(change));
        rows.push_back(all.narrow(0, all.numel() - tokens, tokens));
    }
    return at::stack(rows);
}

double decibels(double error, std::int64_t clips) {
    return psnr(error / static_cast<double>(clips), 1.0);
}

} // namespace

ClipScorer::ClipScorer(const models::VideoModel& model, ClipSource source, ClipScoring scoring)
    : m_model(model)
    , m_source(std::move(source))
    , m_scoring(std::move(scoring)) {}

double ClipScorer::fraction() const {
    return static_cast<double>(m_done) /
           static_cast<double>(std::max<std::int64_t>(1, m_scoring.clips));
}

bool ClipScorer::step() {
    const c10::NoGradGuard noGrad;
    const std::int64_t count = std::min(m_scoring.batch, m_scoring.clips - m_done);
    if (count <= 0) {
        return false;
    }
    std::vector<data::Clip> clips;
    for (const std::uint64_t number :
         numbersFrom(m_scoring.firstClip + static_cast<std::uint64_t>(m_done), count)) {
        clips.push_back(m_source(number));
    }
    const at::Tensor pixels = batchOf(clips).pixels.to(m_model.device());
    const generate::ClipSampling sampling = samplingOf(clips);
    if (m_model.spec().contextFrames > 0) {
        predict(clips, pixels, sampling);
    }
    if (m_scoring.flow) {
        measureFlow(pixels, sampling);
    }
    m_done += count;
    return m_done < m_scoring.clips;
}

generate::ClipSampling ClipScorer::samplingOf(const std::vector<data::Clip>& clips) const {
    generate::ClipSampling sampling = m_scoring.sampling;
    if (m_scoring.oracle) {
        sampling.recursion.rankBy = motionOf(m_model.spec(), clips).to(m_model.device());
    }
    return sampling;
}

void ClipScorer::predict(const std::vector<data::Clip>& clips,
                         const at::Tensor& pixels,
                         const generate::ClipSampling& sampling) {
    const spec::VideoSpec& spec = m_model.spec();
    const std::int64_t given = spec.contextFrames, wanted = spec.clip.frames - given;
    generate::ClipStart start;
    start.context = pixels.narrow(kTime, 0, given);
    const std::uint64_t first = m_scoring.firstClip + static_cast<std::uint64_t>(m_done);
    for (const std::uint64_t number : numbersFrom(first, std::ssize(clips))) {
        start.seeds.push_back(kNoiseSeed + number);
    }
    generate::ClipSampler sampler(m_model, sampling, start);
    while (!sampler.isDone()) {
        sampler.step();
    }
    const at::Tensor frames = sampler.frames();
    if (m_scoring.predicted) {
        m_scoring.predicted(frames);
    }
    const at::Tensor truth = pixels.narrow(kTime, given, wanted);
    const at::Tensor predicted = errorsOf(frames, truth);
    const at::Tensor copied = errorsOf(start.context.narrow(kTime, given - 1, 1), truth);
    const at::Tensor averaged = errorsOf(start.context.mean(kTime, true), truth);
    m_predicted += predicted.sum().item<double>();
    m_copied += copied.sum().item<double>();
    m_averaged += averaged.sum().item<double>();
    m_above += predicted.lt(copied).sum().item<std::int64_t>();
    for (std::size_t i = 0; m_scoring.ground && i < clips.size(); ++i) {
        if (clips[i].objects.empty()) {
            continue;
        }
        const std::vector<std::uint8_t> bytes = bytesOfFrames(frames[static_cast<std::int64_t>(i)]);
        m_physics.add(clips[i], m_scoring.ground(first + i),
                      {bytes, static_cast<std::int32_t>(given)});
    }
}

void ClipScorer::measureFlow(const at::Tensor& pixels, const generate::ClipSampling& sampling) {
    const spec::VideoSpec& spec = m_model.spec();
    const std::int64_t given = spec.contextFrames, wanted = spec.clip.frames - given;
    const at::Tensor clean = models::patchify(pixels.narrow(kTime, given, wanted), spec.patch);
    std::vector<at::Tensor> drawn;
    const std::uint64_t first = m_scoring.firstClip + static_cast<std::uint64_t>(m_done);
    for (const std::uint64_t number : numbersFrom(first, pixels.size(0))) {
        drawn.push_back(
            generate::clipNoise({wanted, spec.clip.rows, spec.clip.columns}, kNoiseSeed + number));
    }
    const at::Tensor noise = models::patchify(at::stack(drawn).to(pixels.device()), spec.patch);
    models::ContextMemory memory;
    at::Tensor base;
    if (given > 0) {
        const at::Tensor context = pixels.narrow(kTime, 0, given);
        models::SideInput input;
        input.patches = models::patchify(context, spec.patch);
        input.noise = at::zeros({pixels.size(0)}, pixels.options());
        follow(input, sampling, first);
        input.recursion.forcedDepth = input.recursion.rankBy = at::Tensor();
        static_cast<void>(m_model.runContext(input, memory));
        base = spec.residual ? models::lastFramePatches(spec, context, wanted) : base;
    }
    const auto rows = static_cast<double>(pixels.size(0));
    for (std::size_t i = 0; i < kFlowLevels.size(); ++i) {
        models::SideInput input;
        input.noise = at::full({pixels.size(0)}, kFlowLevels[i], pixels.options());
        input.patches = models::noised(clean, noise, input.noise);
        follow(input, sampling, first);
        const models::SidePass pass = m_model.runTarget(input, given > 0 ? &memory : nullptr);
        const models::FlowOutput flow{pass.output, input.patches, input.noise, base};
        const at::Tensor velocity = models::velocityOf(spec, flow) - (noise - clean);
        m_flow[i] += velocity.square().mean().item<double>() * rows;
        m_clean[i] += (models::cleanOf(spec, flow) - clean).square().mean().item<double>() * rows;
    }
}

ClipScore ClipScorer::score() const {
    ClipScore score;
    score.clips = m_done;
    const auto clips = static_cast<double>(m_done);
    const bool predicts = m_model.spec().contextFrames > 0 && m_done > 0;
    const double unknown = std::nan("");
    score.psnrPrediction = predicts ? decibels(m_predicted, m_done) : unknown;
    score.psnrCopyLast = predicts ? decibels(m_copied, m_done) : unknown;
    score.psnrContextMean = predicts ? decibels(m_averaged, m_done) : unknown;
    score.shareAboveCopy = predicts ? static_cast<double>(m_above) / clips : unknown;
    const bool isVelocity = m_model.spec().prediction == spec::Prediction::V;
    for (std::size_t i = 0; i < kFlowLevels.size(); ++i) {
        const bool known = m_scoring.flow && m_done > 0;
        score.flowLoss[i] = known ? m_flow[i] / clips : unknown;
        score.cleanLoss[i] = known ? m_clean[i] / clips : unknown;
        const double t = kFlowLevels[i];
        score.weightedLoss +=
            (isVelocity ? score.flowLoss[i]
                        : std::min(1.0 / (t * t), m_scoring.weightCap) * score.cleanLoss[i]) /
            static_cast<double>(kFlowLevels.size());
    }
    score.physics = m_physics.report();
    return score;
}

ClipScore
scoreClips(const models::VideoModel& model, const ClipSource& source, const ClipScoring& scoring) {
    ClipScorer scorer(model, source, scoring);
    while (scorer.step()) {
    }
    return scorer.score();
}

} // namespace depthscope::evaluate
