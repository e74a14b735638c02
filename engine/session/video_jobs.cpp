// SPDX-License-Identifier: MIT
// What is measured of a loaded video model: predictions of held-out clips, size, where depth goes.
#include "engine/evaluate/clip_score.h"
#include "engine/evaluate/depth_probe.h"
#include "engine/session/autoencoder_jobs.h"
#include "engine/session/clip_score_job.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"
#include "engine/session/video_family.h"
#include "engine/spec/video_macs.h"

#include <optional>

namespace depthscope::session {

namespace {

// ---- score -------------------------------------------------------------------------------------

class VideoScoreJob final : public ClipScoreJob<evaluate::ClipScorer> {
public:
    VideoScoreJob(Workspace& workspace,
                  JobId id,
                  runtime::VideoScoreRequest request,
                  Publish publish)
        : ClipScoreJob(workspace, id, std::move(request), std::move(publish))
        , m_slot(requireVideo(workspace, runtime::ModelRole::Main)) {
        requirePossible(*m_slot, m_request.routing, m_request.experts);
        const auto clips = clipsOf(*m_slot, m_request.clips);
        evaluate::ClipScoring scoring;
        scoring.clips = m_request.count;
        scoring.firstClip = m_request.clips.first;
        scoring.sampling.steps = m_request.steps;
        scoring.sampling.solver = generate::solverOf(m_request.heun);
        scoring.sampling.recursion.settings = m_request.routing;
        scoring.sampling.patterns.mode = expertsOf(m_request.experts);
        scoring.ground = [clips](std::uint64_t index) { return clips->ground(index); };
        m_scorer.emplace(*m_slot->model, sourceOf(clips), std::move(scoring));
    }

private:
    [[nodiscard]] runtime::VideoScoreReport report() const override {
        const evaluate::ClipScore score = m_scorer->score();
        runtime::VideoScoreReport report;
        report.clips =
            m_request.clips.name.empty() ? m_slot->info->clip->clips : m_request.clips.name;
        report.count = score.clips;
        report.psnrPrediction = score.psnrPrediction;
        report.psnrCopyLast = score.psnrCopyLast;
        report.psnrContextMean = score.psnrContextMean;
        report.shareAboveCopy = score.shareAboveCopy;
        for (std::size_t i = 0; i < score.flowLoss.size(); ++i) {
            report.flowLoss.emplace_back(evaluate::kFlowLevels[i], score.flowLoss[i]);
        }
        const evaluate::PhysicsReport& physics = score.physics;
        report.figures = {{"measured", static_cast<double>(physics.measured), "objects in frames"},
                          {"hidden", static_cast<double>(physics.hidden), "objects in frames"},
                          {"lost", static_cast<double>(physics.lost), "objects in frames"},
                          {"centroid_median", physics.centroidMedian, "px"},
                          {"centroid_p90", physics.centroidHigh, "px"},
                          {"area_p10", physics.areaLow, "of the truth"},
                          {"area_median", physics.areaMedian, "of the truth"},
                          {"area_p90", physics.areaHigh, "of the truth"},
                          {"colour_rms", physics.colourMedian, "of 0..1"}};
        return report;
    }

    std::shared_ptr<const VideoSlot> m_slot;
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
            m_clips = m_slot->info->clip->clips;
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

std::unique_ptr<Job> makeVideoScoreJob(Workspace& workspace,
                                       JobId id,
                                       runtime::VideoScoreRequest request,
                                       Publish publish) {
    if (autoencoderIn(workspace, runtime::ModelRole::Main) != nullptr) {
        return makeReconstructionScoreJob(workspace, id, request, std::move(publish));
    }
    return std::make_unique<VideoScoreJob>(workspace, id, std::move(request), std::move(publish));
}

std::unique_ptr<Job> makeVideoProbeJob(Workspace& workspace, JobId id, Publish publish) {
    if (autoencoderIn(workspace, runtime::ModelRole::Main) != nullptr) {
        return makeAutoencoderProbeJob(workspace, id, std::move(publish));
    }
    return std::make_unique<VideoProbeJob>(workspace, id, std::move(publish));
}

} // namespace depthscope::session
