// SPDX-License-Identifier: MIT
// Training of a language model: tokenizer and corpus, and what is particular to text. The rest is
// training_job.h. A preset of a video model becomes another job.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/corpus.h"
#include "engine/io/model_folder.h"
#include "engine/models/initialise.h"
#include "engine/session/training_corpus.h"
#include "engine/session/training_job.h"
#include "engine/session/training_trace.h"
#include "engine/spec/autoencoder_preset.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/recipe.h"
#include "engine/spec/video_preset.h"
#include "engine/tokenizers/tokenizer_files.h"
#include "engine/train/language_objective.h"
#include "engine/train/report.h"

#include <filesystem>
#include <optional>

namespace depthscope::session {

namespace {

class LanguageTrainJob final : public TrainingJob {
public:
    using TrainingJob::TrainingJob;

    ~LanguageTrainJob() override { saveRest(); }

    LanguageTrainJob(const LanguageTrainJob&) = delete;
    LanguageTrainJob& operator=(const LanguageTrainJob&) = delete;

private:
    train::TrainerSettings begin(bool started) override {
        spec::Preset preset = spec::findPreset(m_request.preset);
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
        requireMemory(preset.name,
                      spec::trainingBytes(
                          preset, spec::parameterCount(spec::plannedParameters(preset.model))),
                      fmt::format("{} sequences of {} tokens", preset.batch, preset.sequence));
        checkTraining(m_request, preset);
        lock();
        std::optional<io::LoadedModel> source;
        if (!started && !m_request.initFrom.empty()) {
            source = io::loadModel(m_request.initFrom, {});
        }
        preset.autocast = preset.autocast || m_workspace.dtype == at::kBFloat16;
        say(0, "reading the training text");
        runtime::TrainRequest requested = m_request;
        if (started) {
            requested.initFrom.clear(); // the folder has its tokenizer
        }
        m_data = prepareTraining(requested, preset);
        m_objective.emplace(preset, m_data.corpus, m_workspace.device);
        if (source) {
            models::initialiseFrom(*source->model, m_objective->model(), method, preset.seed);
        }
        return train::trainerSettings(preset);
    }

    train::Objective& objective() override { return *m_objective; }

    void claimed() override {
        tokenizers::writeTokenizer(m_data.tokenizerFiles, folder());
        m_data.tokenizerFiles = tokenizers::tokenizerFiles(folder()); // for best/
    }

    void fill(const train::Evaluation& evaluation, runtime::TrainReport& report) override {
        if (run().stepsDone() <= 2 * m_objective->preset().evaluateEvery || run().isDone()) {
            m_sample = train::sampleText(m_objective->model(), *m_data.tokenizer, m_data.corpus);
            report.sample = m_sample;
        }
        report.meanDepth = evaluation.metric("mean_depth");
        report.activeShares = evaluation.series("load");
    }

    void publishTrace() override {
        if (m_info == nullptr) {
            m_info = io::describe(m_objective->model(), folder(), {});
        }
        auto step =
            traceValidation(m_objective->model(), m_info, m_data, m_objective->preset().sequence);
        step->run = m_workspace.nextRun++;
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    void saveBest(const std::filesystem::path& best) override {
        io::saveModel(m_objective->model(), best, at::kFloat);
        tokenizers::writeTokenizer(m_data.tokenizerFiles, best);
    }

    void finish() override {
        io::saveModel(m_objective->model(), folder(), at::kBFloat16);
        m_report.emplace(train::TrainingRecord{
            *m_objective, m_data.corpus, m_data.source, m_data.dataHash, run().curve(), m_sample,
            run().seconds(), m_workspace.backgroundThreads, run().differences()});
    }

    bool report(double& fraction) override {
        const bool isMore = m_report->step();
        fraction = m_report->fraction();
        return isMore;
    }

    [[nodiscard]] std::string reportText() const override { return m_report->text(); }

    TrainingData m_data;
    std::optional<train::LanguageObjective> m_objective;
    std::shared_ptr<const spec::ModelInfo> m_info; ///< for steps that are published
    std::string m_sample;
    std::optional<train::TrainingReport> m_report; ///< of the finished model, in the making
};

} // namespace

std::unique_ptr<Job>
makeTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish) {
    if (spec::findVideoPreset(request.preset) != nullptr ||
        spec::findAutoencoderPreset(request.preset) != nullptr) {
        return makeVideoTrainJob(workspace, id, std::move(request), std::move(publish));
    }
    return std::make_unique<LanguageTrainJob>(workspace, id, std::move(request),
                                              std::move(publish));
}

} // namespace depthscope::session
