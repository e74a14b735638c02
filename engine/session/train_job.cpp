// SPDX-License-Identifier: MIT
// Training: prepare tokenizer and corpus, then optimiser steps with validation and checkpoints,
// then the finished model folder. Killed at any moment, `resume` goes on from the last checkpoint.
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/folder_lock.h"
#include "engine/data/corpus.h"
#include "engine/io/model_folder.h"
#include "engine/models/initialise.h"
#include "engine/nn/memory.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/session/training_corpus.h"
#include "engine/session/training_trace.h"
#include "engine/spec/recipe.h"
#include "engine/tokenizers/tokenizer_files.h"
#include "engine/train/metrics.h"
#include "engine/train/report.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <algorithm>
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
        if (!m_trainer || m_stepping || m_trainer->stepsDone() <= m_savedStep) {
            return;
        }
        try {
            m_trainer->dropStep();
            saveCheckpoint(secondsNow());
        } catch (const std::exception&) {
            m_publish(runtime::JobProgress{m_id, 0, -1, "the last steps could not be saved"});
        }
    }

    bool step() override {
        useThreads(m_workspace.backgroundThreads);
        if (!m_trainer) {
            prepare();
            return true;
        }
        if (m_report) {
            return report();
        }
        const std::int64_t last = m_trainer->preset().steps;
        const bool whole = m_trainer->stepsDone() >= last || trainOnce();
        const bool outOfTime = m_request.minutes > 0 && secondsNow() > m_request.minutes * 60;
        if (!whole && !outOfTime) {
            return true;
        }
        m_trainer->dropStep();
        const bool done = m_trainer->stepsDone() >= last;
        if (done || outOfTime || m_trainer->stepsDone() % m_trainer->preset().evaluateEvery == 0) {
            evaluate(done);
        }
        if (done) {
            finish();
        }
        return done || !outOfTime;
    }

private:
    [[nodiscard]] std::filesystem::path folder() const { return m_request.outFolder; }

    [[nodiscard]] std::filesystem::path checkpoint() const {
        return folder() / "checkpoint.safetensors";
    }

    [[nodiscard]] double secondsNow() const {
        return m_secondsBefore + std::chrono::duration<double>(Clock::now() - m_start).count();
    }

    void prepare() {
        spec::Preset preset = spec::findPreset(m_request.preset);
        std::error_code ignored; // a folder that cannot be is refused when it is made
        const bool started = std::filesystem::exists(checkpoint(), ignored);
        refuseUnasked(started);
        if (started) {
            train::takeRecipe(checkpoint(), preset); // what is asked for beside it must agree
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
        std::error_code fault;
        if (std::filesystem::is_directory(folder(), fault)) {
            m_lock.emplace(folder()); // minutes before anything is written there
        }
        std::optional<io::LoadedModel> source;
        if (!started && !m_request.initFrom.empty()) {
            source = io::loadModel(m_request.initFrom, {});
        }
        preset.autocast = preset.autocast || m_workspace.dtype == at::kBFloat16;
        m_publish(runtime::JobProgress{m_id, 0, -1, "reading the training text"});
        runtime::TrainRequest asked = m_request;
        if (started) {
            asked.initFrom.clear(); // the folder has its tokenizer
        }
        m_data = prepareTraining(asked, preset);
        m_trainer.emplace(preset, m_data.corpus, m_workspace.device);
        nn::resetPeakMemory(m_workspace.device);
        if (source) {
            models::initialiseFrom(*source->model, m_trainer->model(), method, preset.seed);
        }
        if (started) {
            resume();
        }
        claimFolder(started);
        m_events.emplace(folder(), wallTime());
        m_start = Clock::now();
        m_stepStart = m_start;
    }

    /// All inputs are checked: from here on files are written.
    void claimFolder(bool started) {
        makeFolder(folder());
        if (!m_lock) {
            m_lock.emplace(folder());
        }
        if (!started && std::filesystem::exists(checkpoint())) {
            throw Error(ErrorCode::Usage,
                        "another training has just written " + checkpoint().string(),
                        "Choose another --out folder, or add --resume.");
        }
        tokenizers::writeTokenizer(m_data.tokenizerFiles, folder());
        m_data.tokenizerFiles = tokenizers::tokenizerFiles(folder()); // for best/
    }

    void refuseUnasked(bool started) const {
        if (started && !m_request.resume) {
            throw Error(ErrorCode::Usage, checkpoint().string() + " is there already",
                        "Add --resume to go on with it, or choose another --out folder.");
        }
    }

    /// Better than a machine that swaps until somebody kills it.
    void requireMemory(const spec::Preset& preset) const {
        const double needed = spec::trainingBytes(preset);
        const double there = nn::physicalBytes(m_workspace.device);
        if (needed > there) {
            const auto gibibytes = [](double bytes) {
                return std::to_string(std::lround(bytes / 1073741824.0)) + " GiB";
            };
            throw Error(ErrorCode::OutOfMemory,
                        "training " + preset.name + " needs about " + gibibytes(needed) + " (" +
                            std::to_string(preset.batch) + " sequences of " +
                            std::to_string(preset.sequence) +
                            " tokens at a time); this device has " + gibibytes(there),
                        "Choose a smaller preset, or a machine with more memory.");
        }
    }

    void resume() {
        auto before = m_trainer->restore(checkpoint());
        m_secondsBefore = std::strtod(before["seconds"].c_str(), nullptr);
        m_firstStep = m_trainer->stepsDone();
        m_savedStep = m_firstStep;
        m_history = train::parseCurve(before["curve"]);
        for (const auto& [key, value] : circumstances()) {
            if (before[key] != value) {
                m_differences.push_back(key + " was " + before[key] + ", is " + value);
            }
        }
        if (!m_differences.empty()) {
            m_publish(runtime::JobProgress{
                m_id, 0, -1, "resumed, but not bit for bit: " + m_differences.front()});
        }
    }

    /// What a run must share with the one that it resumes to go on bit for bit.
    [[nodiscard]] std::map<std::string, std::string> circumstances() const {
        return {{"device", m_workspace.device.str()},
                {"threads", std::to_string(m_workspace.backgroundThreads)},
                {"kernels", at::get_cpu_capability()},
                {"libtorch", TORCH_VERSION},
                {"autocast", m_trainer->preset().autocast ? "bfloat16" : "none"}};
    }

    static double wallTime() {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    }

    /// A micro-batch. True: a step is whole.
    bool trainOnce() {
        m_stepping = true; // stays so when the step throws: its state is not worth keeping
        const bool whole = m_trainer->advance();
        m_stepping = false;
        constexpr std::chrono::seconds kTellEvery(2);
        const Clock::time_point now = Clock::now();
        if (now - m_lastTold < kTellEvery) {
            return whole;
        }
        m_lastTold = now;
        const auto done = static_cast<double>(m_trainer->stepsDone() - m_firstStep);
        const auto all = static_cast<double>(m_trainer->preset().steps);
        const double each =
            std::chrono::duration<double>(now - m_start).count() / std::max(1.0, done);
        const auto at = static_cast<double>(m_trainer->stepsDone());
        m_publish(runtime::JobProgress{m_id, at / all, each * (all - at),
                                       "step " + std::to_string(m_trainer->stepsDone()) + " of " +
                                           std::to_string(m_trainer->preset().steps)});
        return whole;
    }

    void evaluate(bool last) {
        const double stepSeconds =
            std::chrono::duration<double>(Clock::now() - m_stepStart).count();
        const std::int64_t steps = m_trainer->stepsDone() - m_evaluatedStep;
        if (last) {
            m_trainer->adoptAverage();
        }
        train::Evaluation evaluation = m_trainer->evaluate();
        evaluation.seconds = secondsNow();
        runtime::TrainReport report;
        report.job = m_id;
        report.step = evaluation.step;
        report.steps = m_trainer->preset().steps;
        report.trainLoss = evaluation.trainLoss;
        report.valLoss = evaluation.valLoss;
        const std::int64_t counted =
            m_evaluatedStep == 0 ? m_trainer->stepsDone() - m_firstStep : steps;
        report.tokensPerSecond =
            static_cast<double>(counted * m_trainer->tokensPerStep()) / stepSeconds;
        report.peakBytes = nn::memoryUse(m_workspace.device).peak;
        report.seconds = secondsNow();
        const bool early = m_trainer->stepsDone() <= 2 * m_trainer->preset().evaluateEvery;
        if (early || last) {
            m_sample = train::sampleText(*m_trainer, *m_data.tokenizer, m_data.corpus);
            report.sample = m_sample;
        }
        report.meanDepth = evaluation.meanDepth;
        report.load = evaluation.load;
        m_history.push_back(evaluation);
        keep(evaluation);
        m_publish(report);
        if (m_request.trace) {
            publishTrace();
        }
        m_evaluatedStep = m_trainer->stepsDone();
        m_stepStart = Clock::now();
    }

    void publishTrace() {
        if (m_info == nullptr) {
            m_info = io::describe(m_trainer->model(), folder(), {});
        }
        auto step =
            traceValidation(m_trainer->model(), m_info, m_data, m_trainer->preset().sequence);
        step->run = m_workspace.nextRun++;
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    void saveCheckpoint(double seconds) {
        std::map<std::string, std::string> extra = circumstances();
        extra["seconds"] = std::to_string(seconds);
        extra["curve"] = train::curveText(m_history);
        m_trainer->saveCheckpoint(checkpoint(), extra);
        m_savedStep = m_trainer->stepsDone();
    }

    /// The last checkpoint, the best weights, and the curve in both forms.
    void keep(const train::Evaluation& evaluation) {
        saveCheckpoint(evaluation.seconds);
        const auto better = [](const train::Evaluation& a, const train::Evaluation& b) {
            return a.valLoss < b.valLoss;
        };
        if (std::min_element(m_history.begin(), m_history.end(), better)->step == evaluation.step) {
            io::saveModel(m_trainer->model(), folder() / "best", at::kFloat);
            tokenizers::writeTokenizer(m_data.tokenizerFiles, folder() / "best");
        }
        AtomicFile csv(folder() / "metrics.csv");
        csv.write(train::curveCsv(m_history));
        csv.commit();
        const double now = wallTime();
        if (std::isfinite(evaluation.trainLoss)) {
            m_events->scalar("loss/train", evaluation.step, now, evaluation.trainLoss);
        }
        m_events->scalar("loss/validation", evaluation.step, now, evaluation.valLoss);
        m_events->scalar("routing/mean_depth", evaluation.step, now, evaluation.meanDepth);
        for (std::size_t r = 0; r < evaluation.load.size(); ++r) {
            m_events->scalar("routing/load_" + std::to_string(r + 1), evaluation.step, now,
                             evaluation.load[r]);
        }
        m_events->flush();
    }

    void finish() {
        m_publish(runtime::JobProgress{m_id, 1, -1, "writing the model"});
        io::saveModel(m_trainer->model(), folder(), at::kBFloat16);
        m_report.emplace(train::TrainingRecord{*m_trainer, m_data.corpus, m_data.source,
                                               m_data.dataHash, m_history, m_sample, secondsNow(),
                                               m_workspace.backgroundThreads, m_differences});
    }

    bool report() {
        if (m_report->step()) {
            constexpr std::chrono::milliseconds kTellEvery(200);
            if (Clock::now() - m_lastTold > kTellEvery) {
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
    std::optional<train::Trainer> m_trainer;
    std::shared_ptr<const spec::ModelInfo> m_info; ///< for steps that are published
    std::vector<train::Evaluation> m_history;
    std::optional<train::EventFile> m_events;
    std::vector<std::string> m_differences; ///< from the run that this one resumes
    std::string m_sample;
    std::optional<train::TrainingReport> m_report; ///< of the finished model, in the making
    Clock::time_point m_start, m_stepStart, m_lastTold;
    double m_secondsBefore = 0; ///< of the runs that this one resumes
    std::int64_t m_firstStep = 0;
    std::int64_t m_evaluatedStep = 0;
    std::int64_t m_savedStep = 0; ///< of the checkpoint on disk
    bool m_stepping = false;
};

} // namespace

std::unique_ptr<Job>
makeTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish) {
    return std::make_unique<TrainJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
