// SPDX-License-Identifier: MIT
#include "engine/session/autoencoder_jobs.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/evaluate/image_metrics.h"
#include "engine/evaluate/reconstruction_score.h"
#include "engine/session/clip_score_job.h"
#include "engine/session/own_context.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <chrono>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

constexpr trace::Ratio kFramesPerSecond{8, 1}; // of procedural clips

/// Of own frames: the autoencoder's size, one frame at least.
spec::VideoSpec framesWanted(const spec::AutoencoderSpec& spec) {
    spec::VideoSpec wanted;
    wanted.clip = spec.clip;
    wanted.contextFrames = 1;
    return wanted;
}

std::string clipsName(const AutoencoderSlot& slot, const runtime::ClipChoice& choice) {
    return choice.name.empty() ? slot.info->clip->clips : choice.name;
}

// ---- sample ------------------------------------------------------------------------------------

class ReconstructionJob final : public Job {
public:
    ReconstructionJob(Workspace& workspace,
                      JobId id,
                      runtime::VideoSampleRequest request,
                      Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(autoencoderIn(workspace, m_request.role))
        , m_run(workspace.nextRun++) {
        requireNoRouting(*m_slot, m_request.routing);
        requireCount(m_request.count);
        if (m_request.generate || m_request.classNumber >= 0) {
            throw Error(
                ErrorCode::Usage,
                fmt::format("{} is an autoencoder, which does not draw clips", m_slot->info->name),
                "It reconstructs clips: omit --generate and --class, or open a video_dit or "
                "more_dit.");
        }
        m_report.job = m_id;
        m_report.psnr = m_report.psnrCopy = std::numeric_limits<double>::quiet_NaN();
    }

    /// A clip.
    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        if (!hasFrames()) {
            return true;
        }
        const c10::NoGradGuard noGrad;
        const data::Clip clip = clipAt(m_done);
        const at::Tensor truth = evaluate::batchOf(std::span(&clip, 1)).pixels;
        const Clock::time_point start = Clock::now();
        const models::Autoencoder& model = *m_slot->model;
        const at::Tensor made = model.decode(model.encode(truth.to(model.device())))
                                    .to(at::kCPU, at::kFloat)
                                    .clamp(-1, 1);
        const std::chrono::duration<double, std::milli> took = Clock::now() - start;
        m_report.milliseconds += took.count();
        if (m_done == 0) {
            publishSteps(truth[0], made[0], took.count());
        }
        add(truth, made);
        return ++m_done < m_request.count || finish();
    }

private:
    [[nodiscard]] const spec::AutoencoderSpec& spec() const { return m_slot->model->spec(); }

    [[nodiscard]] bool isOwn() const { return !m_request.context.empty(); }

    /// False: those of an own video are still being read.
    bool hasFrames() {
        if (m_request.own.file.empty() || isOwn()) {
            return true;
        }
        const spec::VideoSpec wanted = framesWanted(spec());
        std::shared_ptr<const OwnContext>& known = m_workspace.context;
        if (!known || !known->isOf(m_request.own, wanted)) {
            if (!m_reader) {
                m_reader.emplace(m_request.own, wanted);
            }
            if (!m_reader->isDone()) {
                m_publish(runtime::JobProgress{m_id, m_reader->progress(), -1,
                                               fmt::format("reading {}", m_request.own.file)});
                return false;
            }
            known = m_reader->take();
        }
        m_request.context = known->frames;
        m_rate = known->rate;
        return true;
    }

    [[nodiscard]] data::Clip clipAt(std::int64_t number) const {
        if (isOwn()) {
            return ownClip(m_request.context, framesWanted(spec()));
        }
        const runtime::ClipChoice& clips = m_request.clips;
        return proceduralClips(clipsName(*m_slot, clips), spec(), clips.seed)
            ->clip(clips.first + static_cast<std::uint64_t>(number));
    }

    // ---- traces of the first clip --------------------------------------------------------------

    [[nodiscard]] std::shared_ptr<trace::StepTrace> newStep(const trace::RunKey& key) const {
        auto step = std::make_shared<trace::StepTrace>();
        step->key = key;
        step->run = m_run;
        step->revision = m_request.revision;
        step->model = m_slot->info;
        step->settings.rule = settings::Rule::Fixed;
        step->settings.kv = settings::KvPolicy::Recursion;
        step->notice = m_report.notice;
        return step;
    }

    void publishSteps(const at::Tensor& truth, const at::Tensor& made, double milliseconds) {
        m_report.notice =
            isOwn() ? outsideTraining(m_request.context.name, m_slot->info->recipe)
            : clipsName(*m_slot, m_request.clips) == m_slot->info->clip->clips
                ? std::string()
                : fmt::format("outside training: the model was trained on {}, not on {}",
                              m_slot->info->clip->clips, m_request.clips.name);
        constexpr double kOperations = 2.0; // of a multiply-accumulate
        const spec::Extent3 grid = spec().latentGrid();
        trace::RoutingStep routing;
        routing.layout = {static_cast<std::int32_t>(truth.size(1)),
                          static_cast<std::int32_t>(grid.rows),
                          static_cast<std::int32_t>(grid.columns)};
        routing.depth.assign(static_cast<std::size_t>(truth.size(1) * grid.rows * grid.columns), 1);
        if (m_request.pictures && m_request.run == trace::kMainRun) {
            auto known = newStep(trace::kTruthRun);
            known->routing = routing;
            known->content = clipOf(truth, std::nullopt);
            m_publish(runtime::StepPublished{m_id, std::move(known)});
        }
        auto step = newStep(m_request.run);
        step->routing = std::move(routing);
        step->routing.cost.milliseconds = milliseconds;
        step->routing.cost.flops = step->routing.cost.fullFlops =
            kOperations * spec::autoencoderMacs(spec()).total() *
            static_cast<double>(truth.size(1)) / static_cast<double>(spec().clip.frames);
        if (m_request.pictures) {
            step->content = clipOf(made, decibels(made, truth));
        }
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    [[nodiscard]] trace::ClipContent clipOf(const at::Tensor& frames,
                                            std::optional<double> psnr) const {
        trace::ClipContent clip;
        clip.rate = m_rate;
        clip.source = isOwn()
                          ? m_request.context.name
                          : fmt::format("{}, seed {}, clip {}", clipsName(*m_slot, m_request.clips),
                                        m_request.clips.seed, m_request.clips.first);
        clip.pictures = picturesOf(frames);
        clip.psnr = psnr.value_or(clip.psnr);
        return clip;
    }

    // ---- progress and end ----------------------------------------------------------------------

    /// [1, 3, T, X, Y] each.
    void add(const at::Tensor& truth, const at::Tensor& made) {
        constexpr int kTime = 2, kRows = 3, kColumns = 4;
        m_error += (made - truth).square().mean().item<double>();
        m_report.frames = m_report.truthFrames = truth.size(kTime);
        m_report.height = truth.size(kRows);
        m_report.width = 2 * truth.size(kColumns);
        if (!m_request.pictures) { // else they are in the steps
            m_report.clips.push_back(evaluate::bytesOfFrames(at::cat({truth, made}, kColumns)[0]));
        }
        m_publish(runtime::JobProgress{
            m_id, static_cast<double>(m_done + 1) / static_cast<double>(m_request.count), -1,
            "reconstructing clips"});
    }

    /// False: nothing is left to do.
    bool finish() {
        constexpr double kRange = 2; // of pixels: -1 to 1
        m_report.psnr = evaluate::psnr(m_error / static_cast<double>(m_done), kRange);
        m_publish(std::move(m_report));
        return false;
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::VideoSampleRequest m_request;
    Publish m_publish;
    std::shared_ptr<const AutoencoderSlot> m_slot;
    std::uint64_t m_run;
    std::optional<OwnContextReader> m_reader;
    trace::Ratio m_rate = kFramesPerSecond;
    std::int64_t m_done = 0; ///< clips
    double m_error = 0;      ///< sum over clips
    runtime::VideoSampleReport m_report;
};

// ---- score -------------------------------------------------------------------------------------

class ReconstructionScoreJob final : public ClipScoreJob<evaluate::ReconstructionScorer> {
public:
    ReconstructionScoreJob(Workspace& workspace,
                           JobId id,
                           runtime::VideoScoreRequest request,
                           Publish publish)
        : ClipScoreJob(workspace, id, std::move(request), std::move(publish))
        , m_slot(autoencoderIn(workspace, runtime::ModelRole::Main)) {
        requireNoRouting(*m_slot, m_request.routing);
        evaluate::ReconstructionScoring scoring;
        scoring.clips = m_request.count;
        scoring.firstClip = m_request.clips.first;
        m_scorer.emplace(*m_slot->model,
                         sourceOf(proceduralClips(clipsName(*m_slot, m_request.clips),
                                                  m_slot->model->spec(), m_request.clips.seed)),
                         scoring);
    }

private:
    [[nodiscard]] runtime::VideoScoreReport report() const override {
        const evaluate::ReconstructionScore score = m_scorer->score();
        const double unknown = std::numeric_limits<double>::quiet_NaN();
        runtime::VideoScoreReport report;
        report.clips = clipsName(*m_slot, m_request.clips);
        report.count = score.clips;
        report.psnrPrediction = report.psnrCopyLast = report.psnrContextMean = unknown;
        report.shareAboveCopy = unknown;
        report.figures = {{"psnr_reconstruction", score.psnr, "dB"},
                          {"psnr_bicubic", score.psnrControl, "dB"},
                          {"ssim_reconstruction", score.ssim, "SSIM"},
                          {"ssim_bicubic", score.ssimControl, "SSIM"},
                          {"share_above_bicubic", score.shareAboveControl, "of the clips"}};
        return report;
    }

    std::shared_ptr<const AutoencoderSlot> m_slot;
};

// ---- probe -------------------------------------------------------------------------------------

class AutoencoderProbeJob final : public Job {
public:
    AutoencoderProbeJob(Workspace& workspace, JobId id, Publish publish)
        : m_id(id)
        , m_publish(std::move(publish))
        , m_slot(autoencoderIn(workspace, runtime::ModelRole::Main)) {}

    bool step() override {
        constexpr const char* kUnit = "multiply-accumulates";
        const spec::AutoencoderMacs macs = spec::autoencoderMacs(m_slot->model->spec());
        runtime::VideoProbeReport report;
        report.job = m_id;
        report.parameters = m_slot->info->parameters;
        report.macs = {{"total", macs.total(), kUnit},
                       {"encoder", macs.encoder, kUnit},
                       {"decoder", macs.decoder, kUnit}};
        m_publish(std::move(report));
        return false;
    }

private:
    JobId m_id;
    Publish m_publish;
    std::shared_ptr<const AutoencoderSlot> m_slot;
};

} // namespace

std::unique_ptr<Job> makeReconstructionJob(Workspace& workspace,
                                           JobId id,
                                           const runtime::VideoSampleRequest& request,
                                           Publish publish) {
    return std::make_unique<ReconstructionJob>(workspace, id, request, std::move(publish));
}

std::unique_ptr<Job> makeReconstructionScoreJob(Workspace& workspace,
                                                JobId id,
                                                const runtime::VideoScoreRequest& request,
                                                Publish publish) {
    return std::make_unique<ReconstructionScoreJob>(workspace, id, request, std::move(publish));
}

std::unique_ptr<Job> makeAutoencoderProbeJob(Workspace& workspace, JobId id, Publish publish) {
    return std::make_unique<AutoencoderProbeJob>(workspace, id, std::move(publish));
}

} // namespace depthscope::session
