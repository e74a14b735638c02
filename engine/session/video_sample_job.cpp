// SPDX-License-Identifier: MIT
// Clips drawn from a video model, or predictions of what follows the first frames of clips: a
// denoising step at a time, each published as a trace.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/patch_truth.h"
#include "engine/generate/clip_sampler.h"
#include "engine/session/autoencoder_jobs.h"
#include "engine/session/clip_turns.h"
#include "engine/session/expected_clip.h"
#include "engine/session/jobs.h"
#include "engine/session/own_context.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"
#include "engine/session/video_family.h"
#include "engine/session/video_tracing.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTime = 2;                       // dimension of the frames in [B, 3, T, X, Y]
constexpr trace::Ratio kFramesPerSecond{8, 1}; // of procedural clips
constexpr int kQuietWaits = 10;                // of OwnContextReader, half a second
constexpr double kWorthTelling = 0.5; // seconds, from which a run on screen says how far it is

void requirePrediction(const spec::VideoSpec& spec, const runtime::VideoSampleRequest& request) {
    if (request.generate || spec.contextFrames == 0) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: a context has no effect where all frames are drawn",
                                request.own.file.empty() ? request.context.name : request.own.file),
                    spec.contextFrames == 0 ? "This model was trained without context frames."
                                            : "Leave out either the context or the wish to draw "
                                              "all frames.");
    }
}

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
        requirePossible(*m_slot, m_request.routing, m_request.experts);
        requireCount(m_request.count);
        if (isOwn()) {
            requirePrediction(spec(), m_request);
        }
    }

    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        if (!hasFrames()) {
            return true;
        }
        if (m_turns && !m_turns->isDone()) {
            m_turns->step();
            return true;
        }
        const Clock::time_point start = Clock::now();
        if (!m_sampler && begin()) {
            return true;
        }
        m_noise = m_sampler->noiseLevel();
        m_sampler->step();
        const Clock::duration took = Clock::now() - start;
        m_elapsed += took;
        publishStep(std::chrono::duration<double, std::milli>(took).count());
        if (!m_sampler->isDone()) {
            tellProgress();
            return true;
        }
        finish();
        return false;
    }

private:
    [[nodiscard]] const spec::VideoSpec& spec() const { return m_slot->model->spec(); }

    [[nodiscard]] std::int64_t given() const {
        return m_request.generate ? 0 : spec().contextFrames;
    }

    [[nodiscard]] bool isOwn() const {
        return !m_request.context.empty() || !m_request.own.file.empty();
    }

    // ---- beginning -----------------------------------------------------------------------------

    /// False: those of an own video are still being read.
    bool hasFrames() {
        if (m_request.own.file.empty() || !m_request.context.empty()) {
            return true;
        }
        std::shared_ptr<const OwnContext>& known = m_workspace.context;
        if (!known || !known->isOf(m_request.own, spec())) {
            if (!m_reader) {
                m_reader.emplace(m_request.own, spec());
            }
            if (!m_reader->isDone()) {
                if (++m_waits <= kQuietWaits) {
                    return false;
                }
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

    [[nodiscard]] generate::ClipSampling sampling(const settings::RoutingSettings& routing,
                                                  const std::string& experts) const {
        generate::ClipSampling sampling;
        sampling.steps = m_request.steps;
        sampling.solver = generate::solverOf(m_request.heun);
        sampling.guidance = m_request.guidance;
        sampling.keepsContext = m_request.keepContext;
        sampling.patterns.mode = expertsOf(experts);
        sampling.recursion.settings = routing;
        sampling.recursion.trace = true;
        return sampling;
    }

    /// True: turns come first.
    bool begin() {
        generate::ClipStart start;
        for (std::int64_t k = 0; k < m_request.count; ++k) {
            start.seeds.push_back(m_request.seed + static_cast<std::uint64_t>(k));
        }
        start.labels = labels();
        if (given() > 0) {
            drawClips();
            start.context = m_truth.narrow(kTime, 0, given()).to(m_slot->model->device());
        }
        const generate::ClipSampling own = sampling(m_request.routing, m_request.experts);
        if (m_request.timedWith) {
            m_turns.emplace(*m_slot->model, own,
                            sampling(*m_request.timedWith, m_request.timedExperts), start);
        }
        m_sampler.emplace(*m_slot->model, own, std::move(start));
        if (m_request.pictures) {
            m_expected.emplace(m_truth.defined() ? m_truth[0] : at::Tensor(), given());
        }
        if (m_request.pictures && m_request.run == trace::kMainRun && truthFrames() > 0) {
            publishTruth();
        }
        return m_turns.has_value();
    }

    [[nodiscard]] at::Tensor labels() const {
        if (m_request.classNumber < 0) {
            return {};
        }
        if (m_request.classNumber >= spec().classes) {
            throw Error(ErrorCode::Usage, fmt::format("class {}", m_request.classNumber),
                        fmt::format("The model has {} classes, from 0.", spec().classes));
        }
        return at::full({m_request.count}, m_request.classNumber, at::kLong)
            .to(m_slot->model->device());
    }

    void drawClips() {
        const std::vector<data::Clip> clips = known();
        m_truth = evaluate::batchOf(clips).pixels;
        m_classes = data::patchClassesOf(clips.front(), patchShape());
        m_notice = clipNotice();
    }

    /// The clips that the context is taken from: whole ones, or as long as they are known.
    [[nodiscard]] std::vector<data::Clip> known() const {
        if (isOwn()) {
            return std::vector<data::Clip>(static_cast<std::size_t>(m_request.count),
                                           ownClip(m_request.context, spec()));
        }
        const auto clips = clipsOf(*m_slot, m_request.clips);
        std::vector<data::Clip> drawn;
        for (std::int64_t k = 0; k < m_request.count; ++k) {
            drawn.push_back(clips->clip(m_request.clips.first + static_cast<std::uint64_t>(k)));
        }
        return drawn;
    }

    /// Predicted frames whose truth is known.
    [[nodiscard]] std::int64_t truthFrames() const {
        return m_truth.defined() ? m_truth.size(kTime) - given() : 0;
    }

    [[nodiscard]] data::PatchShape patchShape() const {
        const spec::ClipSize& patch = m_slot->info->clip->patch;
        return {patch.frames, patch.height, patch.width};
    }

    [[nodiscard]] std::string clipNotice() const {
        if (isOwn()) {
            return outsideTraining(m_request.context.name, m_slot->info->recipe);
        }
        const std::string& asked = m_request.clips.name;
        const std::string& trained = m_slot->info->clip->clips;
        return asked.empty() || asked == trained
                   ? std::string()
                   : fmt::format("outside training: the model was trained on {}, not on {}",
                                 trained, asked);
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
        step->causal = false;
        return step;
    }

    void publishTruth() {
        auto step = newStep(trace::kTruthRun);
        const spec::Extent3 grid = spec().grid();
        step->routing.layout = {static_cast<std::int32_t>(grid.frames),
                                static_cast<std::int32_t>(grid.rows),
                                static_cast<std::int32_t>(grid.columns)};
        step->routing.depth.assign(static_cast<std::size_t>(grid.count()), 1);
        addClasses(step->routing);
        trace::ClipContent truth;
        truth.contextFrames = static_cast<std::int32_t>(given());
        truth.pictures = picturesOf(m_truth[0]);
        step->content = ofThisRun(std::move(truth));
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    void publishStep(double milliseconds) {
        const models::SidePass& pass = *m_sampler->lastPass();
        auto step = newStep(m_request.run);
        step->step = static_cast<std::uint32_t>(m_sampler->stepsDone() - 1);
        if (spec().recursion) {
            step->settings = pass.routed.routing.settings;
        }
        step->offDistribution = leavesTraining(spec(), m_request.routing, m_request.experts);
        step->notice = m_notice;
        step->routing = routingOf(spec(),
                                  {m_sampler->lastContext(), pass, m_sampler->contextBytes(),
                                   m_noise, m_sampler->madeContext()},
                                  0);
        step->routing.cost.milliseconds = milliseconds;
        if (m_turns) {
            m_turns->addTo(step->routing.cost, step->step);
        }
        addClasses(step->routing);
        if (m_request.pictures) {
            const at::Tensor made =
                m_sampler->isDone() ? m_sampler->frames() : m_sampler->expectedFrames();
            step->content = ofThisRun(m_expected->content(made[0]));
        }
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    void addClasses(trace::RoutingStep& routing) const {
        if (m_classes.size() == routing.places()) {
            routing.classes = m_classes;
            routing.classSet = trace::patchClasses();
        }
    }

    [[nodiscard]] trace::ClipContent ofThisRun(trace::ClipContent clip) const {
        clip.rate = m_rate;
        clip.source = source();
        return clip;
    }

    [[nodiscard]] std::string source() const {
        const runtime::ClipChoice& clips = m_request.clips;
        const std::string noise = fmt::format(
            "noise {}, {} {} steps, guidance {}, label {}", m_request.seed, m_request.steps,
            m_request.heun ? "Heun" : "Euler", m_request.guidance, m_request.classNumber);
        if (!m_request.own.file.empty()) {
            const runtime::ClipFile& own = m_request.own;
            return fmt::format("{}, frame {}, each {}; {}", own.file, own.first, own.every, noise);
        }
        if (isOwn()) {
            return fmt::format("{}; {}", m_request.context.name, noise);
        }
        return given() == 0
                   ? noise
                   : fmt::format("{}, seed {}, clip {}; {}",
                                 clips.name.empty() ? m_slot->info->clip->clips : clips.name,
                                 clips.seed, clips.first, noise);
    }

    // ---- progress and end ----------------------------------------------------------------------

    void tellProgress() {
        const double seconds = std::chrono::duration<double>(m_elapsed).count();
        if (m_request.pictures && seconds < kWorthTelling) {
            return;
        }
        const double fraction = static_cast<double>(m_sampler->stepsDone()) / m_sampler->steps();
        m_publish(runtime::JobProgress{
            m_id, fraction, seconds * (1 / fraction - 1),
            fmt::format("denoising step {} of {}", m_sampler->stepsDone(), m_sampler->steps())});
    }

    void finish() {
        const at::Tensor made = m_sampler->frames().to(at::kCPU, at::kFloat).clamp(-1, 1);
        runtime::VideoSampleReport report;
        report.job = m_id;
        report.contextFrames = given();
        report.psnr = report.psnrCopy = std::numeric_limits<double>::quiet_NaN();
        at::Tensor whole = made;
        if (given() > 0) {
            const at::Tensor context = m_truth.narrow(kTime, 0, given());
            whole = at::cat({context, made}, kTime);
            report.truthFrames = truthFrames();
            if (truthFrames() > 0) {
                const at::Tensor truth = m_truth.narrow(kTime, given(), truthFrames());
                report.psnr = decibels(made.narrow(kTime, 0, truthFrames()), truth);
                report.psnrCopy = decibels(context.narrow(kTime, given() - 1, 1), truth);
            }
        }
        report.notice = m_notice;
        report.frames = whole.size(kTime);
        report.height = whole.size(kTime + 1);
        report.width = whole.size(kTime + 2);
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
    at::Tensor m_truth;                  ///< [B, 3, T, X, Y]; undefined: none
    std::vector<std::uint8_t> m_classes; ///< [N] of the first clip; empty: none known
    std::string m_notice;
    std::optional<OwnContextReader> m_reader;
    int m_waits = 0; ///< for it
    trace::Ratio m_rate = kFramesPerSecond;
    std::optional<generate::ClipSampler> m_sampler;
    std::optional<ExpectedClip> m_expected; ///< of the first clip; none: no pictures are wanted
    std::optional<ClipTurns> m_turns;       ///< of a reference that is timed
    std::uint64_t m_run;                    ///< of the traces
    double m_noise = 1;                     ///< t of the newest step
    Clock::duration m_elapsed{};
};

} // namespace

std::unique_ptr<Job> makeVideoSampleJob(Workspace& workspace,
                                        JobId id,
                                        runtime::VideoSampleRequest request,
                                        Publish publish) {
    if (autoencoderIn(workspace, request.role) != nullptr) {
        return makeReconstructionJob(workspace, id, request, std::move(publish));
    }
    return std::make_unique<VideoSampleJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
