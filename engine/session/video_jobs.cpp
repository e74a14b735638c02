// SPDX-License-Identifier: MIT
// What is asked of a loaded video model: clips, measures, size.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/evaluate/clip_score.h"
#include "engine/evaluate/depth_probe.h"
#include "engine/evaluate/image_metrics.h"
#include "engine/generate/clip_sampler.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"
#include "engine/session/video_family.h"
#include "engine/session/video_tracing.h"
#include "engine/spec/video_macs.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kMostClips = 4096;

/// Clips of the request, of the model's size.
std::shared_ptr<const data::ProceduralClips> clipsOf(const VideoSlot& slot,
                                                     const runtime::ClipChoice& choice) {
    const std::string name = choice.name.empty() ? trainedClips(slot.info->recipe) : choice.name;
    return proceduralClips(name, slot.model->spec(), choice.seed);
}

void checkCount(std::int64_t count) {
    if (count < 1 || count > kMostClips) {
        throw Error(ErrorCode::Usage, fmt::format("count is {}", count),
                    fmt::format("Must be from 1 to {}.", kMostClips));
    }
}

void requirePrediction(const spec::VideoSpec& spec, const runtime::VideoSampleRequest& request) {
    if (request.generate || spec.contextFrames == 0) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: a context has no effect where all frames are drawn",
                                request.context.name),
                    spec.contextFrames == 0 ? "This model was trained without context frames."
                                            : "Leave out either the context or the wish to draw "
                                              "all frames.");
    }
}

generate::FlowSolver solverOf(bool heun) {
    return heun ? generate::FlowSolver::Heun : generate::FlowSolver::Euler;
}

// ---- sample ------------------------------------------------------------------------------------

class VideoSampleJob final : public Job {
public:
    VideoSampleJob(Workspace& workspace,
                   JobId id,
                   runtime::VideoSampleRequest request,
                   Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(requireVideo(workspace, m_request.role))
        , m_run(workspace.nextRun++) {
        requirePossible(*m_slot, m_request.routing);
        checkCount(m_request.count);
        if (!m_request.context.empty()) {
            requirePrediction(m_slot->model->spec(), m_request);
        }
    }

    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        const Clock::time_point start = Clock::now();
        if (!m_sampler) {
            begin();
        }
        m_noise = m_sampler->noiseLevel();
        m_sampler->step();
        const Clock::duration took = Clock::now() - start;
        m_elapsed += took;
        publishTrace(std::chrono::duration<double, std::milli>(took).count());
        if (!m_sampler->isDone()) {
            const double fraction =
                static_cast<double>(m_sampler->stepsDone()) / m_sampler->steps();
            m_publish(runtime::JobProgress{
                m_id, fraction,
                std::chrono::duration<double>(m_elapsed).count() * (1 / fraction - 1),
                fmt::format("denoising step {} of {}", m_sampler->stepsDone(),
                            m_sampler->steps())});
            return true;
        }
        finish();
        return false;
    }

private:
    /// The routing of the first clip at this step; a model that routes nothing has none.
    void publishTrace(double milliseconds) {
        const spec::VideoSpec& spec = m_slot->model->spec();
        if (!spec.isMore()) {
            return;
        }
        const models::SidePass& pass = *m_sampler->lastPass();
        auto step = std::make_shared<trace::StepTrace>();
        step->run = m_run;
        step->step = static_cast<std::uint32_t>(m_sampler->stepsDone() - 1);
        step->model = m_slot->info;
        step->settings = pass.routed.routing.settings;
        if (step->settings.rule == settings::Rule::Model) { // no stack, so nothing to route
            step->settings.rule = settings::Rule::Fixed;
            step->settings.kv = settings::KvPolicy::Recursion;
        }
        step->causal = false;
        step->routing = routingOf(spec,
                                  {m_sampler->lastContext(), pass, m_sampler->contextBytes(),
                                   m_noise, m_sampler->madeContext()},
                                  0);
        step->routing.cost.milliseconds = milliseconds;
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    /// The clips that the context is taken from: whole ones, or as long as they are known.
    [[nodiscard]] std::vector<data::Clip> known() const {
        if (!m_request.context.empty()) {
            return std::vector<data::Clip>(static_cast<std::size_t>(m_request.count),
                                           ownClip(m_request.context, m_slot->model->spec()));
        }
        const auto clips = clipsOf(*m_slot, m_request.clips);
        std::vector<data::Clip> drawn;
        for (std::int64_t k = 0; k < m_request.count; ++k) {
            drawn.push_back(clips->clip(m_request.clips.first + static_cast<std::uint64_t>(k)));
        }
        return drawn;
    }

    [[nodiscard]] std::int64_t given() const {
        return m_request.generate ? 0 : m_slot->model->spec().contextFrames;
    }

    void begin() {
        constexpr int kTime = 2;
        const spec::VideoSpec& spec = m_slot->model->spec();
        generate::ClipSampling sampling;
        sampling.steps = m_request.steps;
        sampling.solver = solverOf(m_request.heun);
        sampling.guidance = m_request.guidance;
        sampling.keepsContext = m_request.keepContext;
        sampling.recursion.settings = m_request.routing;
        sampling.recursion.trace = true;
        generate::ClipStart start;
        for (std::int64_t k = 0; k < m_request.count; ++k) {
            start.seeds.push_back(m_request.seed + static_cast<std::uint64_t>(k));
        }
        if (m_request.classNumber >= 0) {
            if (m_request.classNumber >= spec.classes) {
                throw Error(ErrorCode::Usage, fmt::format("class {}", m_request.classNumber),
                            fmt::format("The model has {} classes, from 0.", spec.classes));
            }
            start.labels = at::full({m_request.count}, m_request.classNumber, at::kLong)
                               .to(m_slot->model->device());
        }
        if (given() > 0) {
            m_truth = evaluate::batchOf(known()).pixels;
            start.context = m_truth.narrow(kTime, 0, given()).to(m_slot->model->device());
        }
        m_sampler.emplace(*m_slot->model, sampling, std::move(start));
    }

    void finish() {
        constexpr int kTime = 2;
        const at::Tensor made = m_sampler->frames().to(at::kCPU, at::kFloat).clamp(-1, 1);
        runtime::VideoSampleReport report;
        report.job = m_id;
        report.contextFrames = given();
        report.psnr = report.psnrCopy = std::nan("");
        at::Tensor whole = made;
        if (given() > 0) {
            const at::Tensor context = m_truth.narrow(kTime, 0, given());
            whole = at::cat({context, made}, kTime);
            report.truthFrames = m_truth.size(kTime) - given();
            const at::Tensor truth = m_truth.narrow(kTime, given(), report.truthFrames);
            const auto decibels = [&](const at::Tensor& frames) {
                constexpr double kRange = 2.0; // -1 to 1
                return evaluate::psnr((frames - truth).square().mean().item<double>(), kRange);
            };
            if (report.truthFrames > 0) {
                report.psnr = decibels(made.narrow(kTime, 0, report.truthFrames));
                report.psnrCopy = decibels(context.narrow(kTime, given() - 1, 1));
            }
        }
        if (!m_request.context.empty()) {
            report.notice = outsideTraining(m_request.context.name, m_slot->info->recipe);
        }
        report.frames = whole.size(2);
        report.height = whole.size(3);
        report.width = whole.size(4);
        for (std::int64_t k = 0; k < whole.size(0); ++k) {
            report.clips.push_back(evaluate::bytesOfFrames(whole[k]));
        }
        report.steps = m_sampler->steps();
        report.milliseconds = std::chrono::duration<double, std::milli>(m_elapsed).count();
        report.contextBytes = m_sampler->contextBytes();
        m_publish(std::move(report));
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::VideoSampleRequest m_request;
    Publish m_publish;
    std::shared_ptr<const VideoSlot> m_slot;
    at::Tensor m_truth; ///< [B, 3, T, X, Y]; undefined: none
    std::optional<generate::ClipSampler> m_sampler;
    std::uint64_t m_run; ///< of the traces
    double m_noise = 1;  ///< t of the newest step
    Clock::duration m_elapsed{};
};

// ---- score -------------------------------------------------------------------------------------

class VideoScoreJob final : public Job {
public:
    VideoScoreJob(Workspace& workspace,
                  JobId id,
                  runtime::VideoScoreRequest request,
                  Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(requireVideo(workspace, runtime::ModelRole::Main)) {
        requirePossible(*m_slot, m_request.routing);
        checkCount(m_request.count);
        const auto clips = clipsOf(*m_slot, m_request.clips);
        evaluate::ClipScoring scoring;
        scoring.clips = m_request.count;
        scoring.firstClip = m_request.clips.first;
        scoring.sampling.steps = m_request.steps;
        scoring.sampling.solver = solverOf(m_request.heun);
        scoring.sampling.recursion.settings = m_request.routing;
        scoring.ground = [clips](std::uint64_t index) { return clips->ground(index); };
        m_scorer.emplace(*m_slot->model, sourceOf(clips), std::move(scoring));
    }

    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        const bool isMore = m_scorer->step();
        m_publish(runtime::JobProgress{m_id, m_scorer->fraction(), -1, "measuring clips"});
        if (!isMore) {
            finish();
        }
        return isMore;
    }

private:
    void finish() {
        const evaluate::ClipScore score = m_scorer->score();
        runtime::VideoScoreReport report;
        report.job = m_id;
        report.clips = m_request.clips.name.empty() ? trainedClips(m_slot->info->recipe)
                                                    : m_request.clips.name;
        report.count = score.clips;
        report.psnrPrediction = score.psnrPrediction;
        report.psnrCopyLast = score.psnrCopyLast;
        report.psnrContextMean = score.psnrContextMean;
        report.shareAboveCopy = score.shareAboveCopy;
        for (std::size_t i = 0; i < score.flowLoss.size(); ++i) {
            report.flowLoss.emplace_back(evaluate::kFlowLevels[i], score.flowLoss[i]);
        }
        const evaluate::PhysicsReport& physics = score.physics;
        report.physics = {{"measured", static_cast<double>(physics.measured), "objects in frames"},
                          {"hidden", static_cast<double>(physics.hidden), "objects in frames"},
                          {"lost", static_cast<double>(physics.lost), "objects in frames"},
                          {"centroid_median", physics.centroidMedian, "px"},
                          {"centroid_p90", physics.centroidHigh, "px"},
                          {"area_p10", physics.areaLow, "of the truth"},
                          {"area_median", physics.areaMedian, "of the truth"},
                          {"area_p90", physics.areaHigh, "of the truth"},
                          {"colour_rms", physics.colourMedian, "of 0..1"}};
        m_publish(std::move(report));
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::VideoScoreRequest m_request;
    Publish m_publish;
    std::shared_ptr<const VideoSlot> m_slot;
    std::optional<evaluate::ClipScorer> m_scorer;
};

// ---- probe -------------------------------------------------------------------------------------

std::vector<runtime::NamedValue> namedMacs(const spec::VideoMacs& macs) {
    constexpr const char* kUnit = "multiply-accumulates";
    return {{"total", macs.total(), kUnit},
            {"embed", macs.embed, kUnit},
            {"entry", macs.entry, kUnit},
            {"pattern_experts", macs.patterns, kUnit},
            {"recursion", macs.recursion, kUnit},
            {"exit", macs.exit, kUnit},
            {"head", macs.head, kUnit}};
}

/// Sizes at once; where depth goes, clips at a time.
class VideoProbeJob final : public Job {
public:
    VideoProbeJob(Workspace& workspace, JobId id, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_publish(std::move(publish))
        , m_slot(requireVideo(workspace, runtime::ModelRole::Main)) {
        if (m_slot->model->spec().isMore()) {
            constexpr std::uint64_t kSeed = 1;
            m_clips = trainedClips(m_slot->info->recipe);
            m_probe.emplace(*m_slot->model,
                            sourceOf(proceduralClips(m_clips, m_slot->model->spec(), kSeed)),
                            evaluate::DepthProbing{});
        }
    }

    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        if (m_probe && m_probe->step()) {
            m_publish(runtime::JobProgress{m_id, m_probe->fraction(), -1, "looking at clips"});
            return true;
        }
        finish();
        return false;
    }

private:
    void finish() {
        const spec::VideoSpec& spec = m_slot->model->spec();
        runtime::VideoProbeReport report;
        report.job = m_id;
        report.parameters = m_slot->info->parameters;
        report.macs = namedMacs(spec::videoMacs(spec, spec::wholeClip(spec)));
        if (spec.contextFrames > 0) {
            report.contextMacs = namedMacs(spec::videoMacs(spec, spec::contextSide(spec)));
            report.targetMacs = namedMacs(spec::videoMacs(spec, spec::targetSide(spec)));
        }
        if (m_probe) {
            addDepth(m_probe->figures(), report);
        }
        m_publish(std::move(report));
    }

    void addDepth(const evaluate::DepthFigures& figures, runtime::VideoProbeReport& report) const {
        report.clips = m_clips;
        report.depthHistogram = figures.depthShares;
        for (std::size_t kind = 0; kind < figures.auc.size(); ++kind) {
            const std::string& name = trace::patchClasses()->names.at(kind);
            report.depthByClass.push_back({name, figures.depthByClass.at(kind), "recursions"});
            report.auc.push_back({name, figures.auc.at(kind), "of depth against the class"});
        }
        for (int e = 0; m_slot->model->spec().patterns && e < spec::kPatterns; ++e) {
            report.expertShare.push_back(
                {std::string(spec::toString(static_cast<spec::Pattern>(e))),
                 figures.expertShares.at(static_cast<std::size_t>(e)), "share"});
        }
    }

    Workspace& m_workspace;
    JobId m_id;
    Publish m_publish;
    std::shared_ptr<const VideoSlot> m_slot;
    std::string m_clips; ///< name
    std::optional<evaluate::DepthProbe> m_probe;
};

} // namespace

std::unique_ptr<Job> makeVideoSampleJob(Workspace& workspace,
                                        JobId id,
                                        runtime::VideoSampleRequest request,
                                        Publish publish) {
    return std::make_unique<VideoSampleJob>(workspace, id, std::move(request), std::move(publish));
}

std::unique_ptr<Job> makeVideoScoreJob(Workspace& workspace,
                                       JobId id,
                                       runtime::VideoScoreRequest request,
                                       Publish publish) {
    return std::make_unique<VideoScoreJob>(workspace, id, std::move(request), std::move(publish));
}

std::unique_ptr<Job> makeVideoProbeJob(Workspace& workspace, JobId id, Publish publish) {
    return std::make_unique<VideoProbeJob>(workspace, id, std::move(publish));
}

} // namespace depthscope::session
