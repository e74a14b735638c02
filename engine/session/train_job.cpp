// SPDX-License-Identifier: MIT
// Training: prepare tokenizer and corpus, then optimiser steps with validation and checkpoints,
// then the finished model folder. Killed at any moment, `resume` goes on from the last checkpoint.
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/folder_lock.h"
#include "engine/base/text.h"
#include "engine/data/corpus.h"
#include "engine/io/model_folder.h"
#include "engine/models/initialise.h"
#include "engine/nn/memory.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/session/training_corpus.h"
#include "engine/session/training_trace.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/recipe.h"
#include "engine/tokenizers/tokenizer_files.h"
#include "engine/train/event_file.h"
#include "engine/train/language_objective.h"
#include "engine/train/report.h"
#include "engine/train/training_run.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

class TrainJob final : public Job {
public:
    TrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    TrainJob(const TrainJob&) = delete;
    TrainJob& operator=(const TrainJob&) = delete;

    /// Stopped between two evaluations: what was learned since the last one is kept.
    ~TrainJob() override {
        try {
            if (m_run) {
                m_run->saveRest();
            }
        } catch (const std::exception&) {
            m_publish(runtime::JobProgress{m_id, 0, -1, "the last steps could not be saved"});
        }
    }

    bool step() override {
        useThreads(m_workspace.backgroundThreads);
        if (!m_run) {
            prepare();
            return true;
        }
        if (m_report) {
            return report();
        }
        if (!m_run->isDone()) {
            trainOnce();
        }
        const bool outOfTime = m_request.minutes > 0 && m_run->seconds() > m_request.minutes * 60;
        if (!outOfTime && !m_run->isEvaluationDue()) {
            return true;
        }
        evaluate();
        if (m_run->isDone()) {
            finish();
        }
        return m_run->isDone() || !outOfTime;
    }

private:
    [[nodiscard]] std::filesystem::path folder() const { return m_request.outFolder; }

    [[nodiscard]] std::filesystem::path checkpoint() const {
        return folder() / "checkpoint.safetensors";
    }

    void prepare() {
        spec::Preset preset = spec::findPreset(m_request.preset);
        std::error_code ignored; // a folder that cannot be is refused when it is made
        const bool started = std::filesystem::exists(checkpoint(), ignored);
        refuseUnasked(started);
        if (started) {
            train::applyCheckpointRecipe(checkpoint(),
                                         preset); // what is asked for beside it must agree
        }
        spec::changeRecipe(preset, m_request.recipe);
        if (m_request.steps > 0) {
            preset.steps = m_request.steps;
        }
        if (m_request.seed > 0) {
            preset.seed = m_request.seed;
        }
        const models::Initialisation method = models::parseInitialisation(m_request.init);
        requireMemory(preset);
        checkTraining(m_request, preset);
        std::error_code error;
        if (std::filesystem::is_directory(folder(), error)) {
            m_lock.emplace(folder()); // minutes before anything is written there
        }
        std::optional<io::LoadedModel> source;
        if (!started && !m_request.initFrom.empty()) {
            source = io::loadModel(m_request.initFrom, {});
        }
        preset.autocast = preset.autocast || m_workspace.dtype == at::kBFloat16;
        m_publish(runtime::JobProgress{m_id, 0, -1, "reading the training text"});
        runtime::TrainRequest requested = m_request;
        if (started) {
            requested.initFrom.clear(); // the folder has its tokenizer
        }
        m_data = prepareTraining(requested, preset);
        m_objective.emplace(preset, m_data.corpus, m_workspace.device);
        if (source) { // before the run, whose moving average starts at the weights
            models::initialiseFrom(*source->model, m_objective->model(), method, preset.seed);
        }
        train::RunSettings settings;
        settings.checkpoint = checkpoint();
        settings.circumstances = circumstances();
        m_run.emplace(train::trainerSettings(preset), *m_objective, std::move(settings));
        nn::resetPeakMemory(m_workspace.device);
        if (started) {
            resume();
        }
        claimFolder(started);
        m_events.emplace(folder(), wallTime());
    }

    /// All inputs are checked: from here on files are written.
    void claimFolder(bool started) {
        makeFolder(folder());
        if (!m_lock) {
            m_lock.emplace(folder());
        }
        if (!started && std::filesystem::exists(checkpoint())) {
            throw Error(ErrorCode::Usage,
                        fmt::format("another training has just written {}", checkpoint().string()),
                        "Choose another --out folder, or add --resume.");
        }
        tokenizers::writeTokenizer(m_data.tokenizerFiles, folder());
        m_data.tokenizerFiles = tokenizers::tokenizerFiles(folder()); // for best/
    }

    void refuseUnasked(bool started) const {
        if (started && !m_request.resume) {
            throw Error(ErrorCode::Usage, fmt::format("{} already exists", checkpoint().string()),
                        "Add --resume to continue it, or choose another --out folder.");
        }
    }

    /// Better than a machine that swaps until somebody kills it.
    void requireMemory(const spec::Preset& preset) const {
        const double needed = spec::trainingBytes(
            preset, spec::parameterCount(spec::plannedParameters(preset.model)));
        const double there = nn::physicalBytes(m_workspace.device);
        if (needed > there) {
            const auto gibibytes = [](double bytes) {
                return fmt::format("{} GiB", std::lround(bytes / 1073741824.0));
            };
            throw Error(ErrorCode::OutOfMemory,
                        fmt::format("training {} needs about {} ({} sequences of {} tokens at a "
                                    "time); this device has {}",
                                    preset.name, gibibytes(needed), preset.batch, preset.sequence,
                                    gibibytes(there)),
                        "Choose a smaller preset, or a machine with more memory.");
        }
    }

    void resume() {
        m_run->resume();
        if (!m_run->differences().empty()) {
            m_publish(runtime::JobProgress{
                m_id, 0, -1,
                fmt::format("resumed, but not bit for bit: {}", m_run->differences().front())});
        }
    }

    /// What a run must share with the one that it resumes to go on bit for bit.
    [[nodiscard]] std::map<std::string, std::string> circumstances() const {
        return {{"device", m_workspace.device.str()},
                {"threads", std::to_string(m_workspace.backgroundThreads)},
                {"kernels", at::get_cpu_capability()},
                {"libtorch", TORCH_VERSION},
                {"autocast", m_objective->preset().autocast ? "bfloat16" : "none"}};
    }

    static double wallTime() {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    }

    void trainOnce() {
        m_run->advance();
        constexpr std::chrono::seconds kReportEvery(2);
        const Clock::time_point now = Clock::now();
        if (now - m_lastTold < kReportEvery) {
            return;
        }
        m_lastTold = now;
        m_publish(runtime::JobProgress{
            m_id, static_cast<double>(m_run->stepsDone()) / static_cast<double>(m_run->steps()),
            m_run->secondsLeft(),
            fmt::format("step {} of {}", m_run->stepsDone(), m_run->steps())});
    }

    void evaluate() {
        runtime::TrainReport report;
        report.tokensPerSecond = m_run->tokensPerSecond();
        const train::Evaluation& evaluation = m_run->evaluate();
        report.job = m_id;
        report.step = evaluation.step;
        report.steps = m_run->steps();
        report.trainLoss = evaluation.trainLoss;
        report.valLoss = evaluation.metric("val_loss");
        report.peakBytes = nn::memoryUse(m_workspace.device).peak;
        report.seconds = evaluation.seconds;
        if (m_run->stepsDone() <= 2 * m_objective->preset().evaluateEvery || m_run->isDone()) {
            m_sample = train::sampleText(m_objective->model(), *m_data.tokenizer, m_data.corpus);
            report.sample = m_sample;
        }
        report.meanDepth = evaluation.metric("mean_depth");
        report.activeShares = evaluation.series("load");
        keep(evaluation);
        m_publish(report);
        if (m_request.trace) {
            publishTrace();
        }
    }

    void publishTrace() {
        if (m_info == nullptr) {
            m_info = io::describe(m_objective->model(), folder(), {});
        }
        auto step =
            traceValidation(m_objective->model(), m_info, m_data, m_objective->preset().sequence);
        step->run = m_workspace.nextRun++;
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    /// The last checkpoint, the best weights, and the curve in both forms.
    void keep(const train::Evaluation& evaluation) {
        m_run->save();
        if (m_run->isBest()) {
            io::saveModel(m_objective->model(), folder() / "best", at::kFloat);
            tokenizers::writeTokenizer(m_data.tokenizerFiles, folder() / "best");
        }
        AtomicFile csv(folder() / "metrics.csv");
        csv.write(train::curveCsv(m_run->curve()));
        csv.commit();
        const double now = wallTime();
        if (std::isfinite(evaluation.trainLoss)) {
            m_events->scalar("loss/train", evaluation.step, now, evaluation.trainLoss);
        }
        for (const train::Metric& metric : evaluation.metrics) {
            m_events->scalar(train::eventTag(metric.name), evaluation.step, now, metric.value);
        }
        m_events->flush();
    }

    void finish() {
        m_publish(runtime::JobProgress{m_id, 1, -1, "writing the model"});
        io::saveModel(m_objective->model(), folder(), at::kBFloat16);
        m_report.emplace(train::TrainingRecord{
            *m_objective, m_data.corpus, m_data.source, m_data.dataHash, m_run->curve(), m_sample,
            m_run->seconds(), m_workspace.backgroundThreads, m_run->differences()});
    }

    bool report() {
        if (m_report->step()) {
            constexpr std::chrono::milliseconds kReportEvery(200);
            if (Clock::now() - m_lastTold > kReportEvery) {
                m_lastTold = Clock::now();
                m_publish(runtime::JobProgress{m_id, m_report->fraction(), -1,
                                               "scoring the finished model"});
            }
            return true;
        }
        AtomicFile file(folder() / "training.json");
        file.write(m_report->text());
        file.commit();
        return false;
    }

    Workspace& m_workspace;
    std::optional<FolderLock> m_lock; ///< of the out folder
    JobId m_id;
    runtime::TrainRequest m_request;
    Publish m_publish;
    TrainingData m_data;
    std::optional<train::LanguageObjective> m_objective;
    std::optional<train::TrainingRun> m_run;
    std::shared_ptr<const spec::ModelInfo> m_info; ///< for steps that are published
    std::optional<train::EventFile> m_events;
    std::string m_sample;
    std::optional<train::TrainingReport> m_report; ///< of the finished model, in the making
    Clock::time_point m_lastTold;
};

} // namespace

std::unique_ptr<Job>
makeTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish) {
    return std::make_unique<TrainJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
