// SPDX-License-Identifier: MIT
// The experiment more-dit; the rest is experiment_job.h.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/nn/memory.h"
#include "engine/session/experiment_job.h"
#include "engine/session/video_cell_score.h"
#include "engine/session/video_clips.h"
#include "engine/train/flow_objective.h"
#include "engine/train/motion_objective.h"
#include "engine/train/video_experiment.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <c10/core/GradMode.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace depthscope::session {

namespace {

constexpr int kTime = 2;
/// Seeds of clips that no training sees: held out, and those that the feature network learns.
constexpr std::uint64_t kHeldOut = 0x68656c64206f7574ULL;
constexpr std::uint64_t kOfFeatures = 0x6665617475726573ULL;
/// Clips of the held-out source: the curve's come first, then the finished models', then those of
/// the other set of real frames.
constexpr std::uint64_t kFirstScored = 96, kFirstReal = 8192;

class VideoExperimentJob final : public ExperimentJob {
public:
    VideoExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish)
        : ExperimentJob(id, std::move(request), std::move(publish))
        , m_experiment(train::moreDit({.clips = m_request.clips,
                                       .systems = m_request.systems,
                                       .seeds = m_request.seeds,
                                       .minutes = m_request.trainMinutes,
                                       .steps = m_request.steps}))
        , m_results(m_experiment.cells.size()) {
        if (!m_request.textFile.empty()) {
            throw Error(ErrorCode::Usage,
                        fmt::format("--text-file has no effect on {}", m_request.name),
                        "Video models learn from clips: leave it out.");
        }
        m_heldOut = clipsOf(kHeldOut);
    }

    VideoExperimentJob(const VideoExperimentJob&) = delete;
    VideoExperimentJob& operator=(const VideoExperimentJob&) = delete;

    ~VideoExperimentJob() override {
        saveRest();
        if (m_motionRun && !m_motionRun->saveRest()) {
            m_publish(
                runtime::JobProgress{m_id, 0, -1, "the network of F-dist could not be saved"});
        }
    }

private:
    [[nodiscard]] std::size_t cells() const override { return m_experiment.cells.size(); }

    [[nodiscard]] std::string nameOf(std::size_t cell) const override {
        return m_experiment.cells[cell].name();
    }

    [[nodiscard]] bool readResult(std::size_t cell) override {
        m_results[cell] = train::readVideoResult(folder(), m_experiment, m_experiment.cells[cell]);
        return m_results[cell].has_value();
    }

    [[nodiscard]] bool isFinished(std::size_t cell) const override {
        return m_results[cell].has_value();
    }

    [[nodiscard]] std::string unit() const override { return "weighted squared error"; }

    [[nodiscard]] train::VideoFindings findings() const {
        return {m_experiment, m_results, m_report};
    }

    [[nodiscard]] std::string page() const override { return train::videoResultsPage(findings()); }

    void writeMore() const override {
        write("results.json", train::videoResultsJson(findings()));
        write("curves.csv", train::videoCurvesCsv(findings()));
    }

    [[nodiscard]] const spec::VideoSpec& shape() const {
        return m_experiment.systems.front().preset.model;
    }

    [[nodiscard]] evaluate::ClipSource clipsOf(std::uint64_t seed) const {
        return sourceOf(proceduralClips(m_experiment.clips, shape(), seed));
    }

    /// True frames of held-out clips, those that a model would predict.
    [[nodiscard]] at::Tensor realFrames(std::uint64_t first) const {
        std::vector<std::uint64_t> numbers(static_cast<std::size_t>(m_experiment.scoredClips));
        std::iota(numbers.begin(), numbers.end(), first);
        const at::Tensor pixels = evaluate::batchOf(m_heldOut, numbers).pixels;
        const std::int64_t given = shape().contextFrames;
        return pixels.narrow(kTime, given, pixels.size(kTime) - given);
    }

    /// The network behind F-dist: a few steps of its training at a time.
    [[nodiscard]] bool prepareOnce() override {
        if (!m_motion) {
            beginFeatures();
            return true;
        }
        if (!m_motionRun->isDone()) {
            m_motionRun->advance();
            tell(0, fmt::format("network of F-dist: step {} of {}", m_motionRun->stepsDone(),
                                m_motionRun->steps()));
            if (m_motionRun->isEvaluationDue()) {
                static_cast<void>(m_motionRun->evaluate());
                m_motionRun->save();
            }
            return true;
        }
        finishFeatures();
        return false;
    }

    void beginFeatures() {
        train::MotionRecipe recipe;
        recipe.firstFrame = shape().contextFrames;
        recipe.clips = m_experiment.clips;
        recipe.validationClips = m_experiment.scoredClips;
        m_motion.emplace(recipe, clipsOf(kOfFeatures), m_heldOut);
        spec::TrainingRecipe training;
        training.steps = m_experiment.featureSteps;
        training.schedule = {spec::RateShape::Constant, 2e-3, 50, 0};
        training.weightDecay = 0;
        training.evaluateEvery = 250;
        train::RunSettings settings;
        settings.checkpoint = folder() / "features.safetensors";
        settings.clock = train::RunClock::Processor;
        const bool exists = std::filesystem::exists(settings.checkpoint);
        m_motionRun.emplace(train::trainerSettings(training), *m_motion, std::move(settings));
        if (exists) {
            m_motionRun->resume();
        }
    }

    void finishFeatures() {
        const c10::NoGradGuard noGrad;
        const evaluate::MotionFeatures& net = m_motion->net();
        train::FeatureReport report;
        report.hash = net.hash();
        for (const train::Metric& metric : m_motion->evaluate()) {
            for (std::size_t i = 0; i < report.accuracy.size(); ++i) {
                if (metric.name == fmt::format("accuracy[{}]", i + 1)) {
                    report.accuracy.at(i) = metric.value;
                }
            }
        }
        const at::Tensor real = realFrames(kFirstReal);
        report.test = evaluate::selfTest(net, real, realFrames(kFirstScored));
        m_report = report;
        m_yardstick = {m_heldOut,
                       kFirstScored,
                       m_experiment.scoredClips,
                       m_experiment.regretClips,
                       &net,
                       evaluate::gaussianOf(net.features(real))};
    }

    [[nodiscard]] Training start(std::size_t cell) override {
        m_score.reset();
        m_objective.reset();
        m_usedBefore = nn::memoryUse(at::kCPU).used;
        const spec::VideoPreset preset = m_experiment.presetOf(m_experiment.cells[cell]);
        train::ClipSets sets;
        sets.training = clipsOf(preset.seed);
        sets.validation = m_heldOut; // the same for all seeds
        sets.name = preset.clips;
        m_objective.emplace(preset, std::move(sets));
        m_everything = m_experiment.cells[cell].system == train::kMoreSystem;
        return {train::trainerSettings(preset), &*m_objective,
                m_experiment.steps > 0 ? 0 : m_experiment.trainSeconds};
    }

    [[nodiscard]] bool scoreOnce() override {
        if (!m_score) {
            m_score.emplace(*m_objective, m_yardstick, m_usedBefore, m_everything);
        }
        const bool isMore = m_score->step();
        constexpr double kTrained = 0.85;
        tell(kTrained + (1 - kTrained) * m_score->fraction(),
             fmt::format("{}: measuring the model", m_objective->preset().name));
        return isMore;
    }

    void finish(std::size_t cell, const std::vector<train::Evaluation>& curve) override {
        train::VideoResult result;
        result.cell = m_experiment.cells[cell];
        result.budget = m_experiment.budget();
        result.machine = "LibTorch " TORCH_VERSION ", one thread, " + at::get_cpu_capability();
        result.features = m_report->hash;
        result.curve = curve;
        result.figures = m_score->figures();
        train::writeVideoResult(folder(), result);
        m_results[cell] = std::move(result);
        m_score.reset();
    }

    const train::VideoExperiment m_experiment;
    std::vector<std::optional<train::VideoResult>> m_results;
    evaluate::ClipSource m_heldOut;
    std::optional<train::MotionObjective> m_motion;
    std::optional<train::TrainingRun> m_motionRun;
    std::optional<train::FeatureReport> m_report;
    CellYardstick m_yardstick;
    std::int64_t m_usedBefore = 0; ///< bytes of tensors before the cell's own
    std::optional<train::FlowObjective> m_objective;
    bool m_everything = false; ///< every intervention on this cell's model
    std::optional<VideoCellScore> m_score;
};

} // namespace

std::unique_ptr<Job>
makeVideoExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish) {
    return std::make_unique<VideoExperimentJob>(id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
