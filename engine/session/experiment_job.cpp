// SPDX-License-Identifier: MIT
// An experiment, cell after cell: train for a fixed processor time, score the finished model, keep
// the result. Killed at any moment, `resume` goes on with the cell at its last checkpoint.
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/evaluate/regret.h"
#include "engine/evaluate/text_score.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/session/training_corpus.h"
#include "engine/spec/language_weights.h"
#include "engine/trace/graded_classes.h"
#include "engine/train/experiment.h"
#include "engine/train/language_objective.h"
#include "engine/train/training_run.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>

namespace depthscope::session {

namespace {

/// The rules that a finished model is scored under: name on the page, rule asked for.
std::vector<std::pair<std::string, settings::Rule>> rulesOf(const spec::LanguageSpec& config) {
    using settings::Rule;
    std::vector<std::pair<std::string, Rule>> rules{{"trained", Rule::Model}};
    if (config.hasRouter()) {
        if (config.mor.type == spec::RouterType::Expert) {
            rules.emplace_back("threshold", Rule::Threshold);
            rules.emplace_back("topk", Rule::TopK);
        }
        rules.emplace_back("random", Rule::Random);
        rules.emplace_back("full", Rule::Fixed);
    }
    return rules;
}

class ExperimentJob final : public Job {
public:
    ExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish)
        : m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_experiment(train::findExperiment(m_request.name)) {}

    ExperimentJob(const ExperimentJob&) = delete;
    ExperimentJob& operator=(const ExperimentJob&) = delete;

    /// Stopped in the middle of a cell: its last steps are kept.
    ~ExperimentJob() override {
        try {
            saveRest();
        } catch (const std::exception&) {
            m_publish(runtime::JobProgress{m_id, 0, -1, "the last steps could not be saved"});
        }
    }

    bool step() override {
        // One thread of the CPU: then processor time is the time of the work, whatever else runs.
        useThreads(1);
        if (!m_begun) {
            begin();
        }
        if (!m_run) {
            return nextCell();
        }
        if (!m_run->isDone()) {
            trainOnce();
        } else if (!scoreOnce()) {
            finishCell();
        }
        if (outOfTime()) {
            saveRest();
            publishPage();
            return false;
        }
        return true;
    }

private:
    [[nodiscard]] std::filesystem::path folder() const { return m_request.outFolder; }

    [[nodiscard]] std::filesystem::path checkpointOf(const train::Cell& cell) const {
        return folder() / (cell.name() + ".checkpoint.safetensors");
    }

    [[nodiscard]] std::filesystem::path checkpoint() const { return checkpointOf(*m_cell); }

    [[nodiscard]] bool outOfTime() const {
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - m_start;
        return m_request.minutes > 0 && spent.count() > m_request.minutes * 60;
    }

    void begin() {
        makeFolder(folder());
        m_begun = true;
        for (const train::Cell& cell : m_experiment.cells) {
            m_results.push_back(train::readResult(folder(), cell));
            const bool started =
                m_results.back().has_value() || std::filesystem::exists(checkpointOf(cell));
            if (started && !m_request.resume) {
                throw Error(ErrorCode::Usage,
                            fmt::format("{} already holds results", folder().string()),
                            "Add --resume to continue them, or choose another --out folder.");
            }
        }
    }

    bool nextCell() {
        for (std::size_t i = 0; i < m_results.size(); ++i) {
            const train::Cell& cell = m_experiment.cells[i];
            const bool possible = cell.data == "graded" || !m_request.textFile.empty();
            if (!m_results[i] && possible) {
                m_index = i;
                startCell(cell);
                return true;
            }
        }
        publishPage();
        return false;
    }

    void startCell(const train::Cell& cell) {
        m_cell = &cell;
        prepareData(cell);
        spec::Preset preset = m_experiment.presetOf(cell);
        preset.model.vocabulary = m_data->tokenizer->size();
        m_objective.emplace(preset, m_data->corpus);
        train::RunSettings settings;
        settings.checkpoint = checkpoint();
        settings.clock = train::RunClock::Processor;
        settings.seconds = m_experiment.trainSeconds;
        m_run.emplace(train::trainerSettings(preset), *m_objective, std::move(settings));
        if (std::filesystem::exists(checkpoint())) {
            m_run->resume();
        }
        m_rules = rulesOf(m_objective->model().config());
        m_scores.clear();
        m_scorer.reset();
        m_meter.reset();
    }

    /// Both data sets keep their tokenizer in the out folder, so that all cells read the same ids.
    void prepareData(const train::Cell& cell) {
        if (m_data && m_dataName == cell.data) {
            return;
        }
        const std::filesystem::path place = folder() / cell.data;
        runtime::TrainRequest request;
        request.outFolder = place.string();
        if (cell.data == "graded") {
            request.corpus = "graded";
        } else {
            request.textFile = m_request.textFile;
        }
        spec::Preset preset = m_experiment.presetOf(cell);
        m_data = prepareTraining(request, preset);
        makeFolder(place);
        tokenizers::writeTokenizer(m_data->tokenizerFiles, place);
        m_dataName = cell.data;
    }

    void trainOnce() {
        m_run->advance();
        if (m_run->isEvaluationDue()) {
            const double loss = m_run->evaluate().metric("val_loss");
            m_run->save();
            m_publish(runtime::JobProgress{m_id, progress(), -1,
                                           fmt::format("{}: {} s, validation {:f}", m_cell->name(),
                                                       static_cast<int>(m_run->seconds()), loss)});
        }
    }

    [[nodiscard]] double progress() const {
        return (static_cast<double>(m_index) + m_run->seconds() / m_experiment.trainSeconds) /
               static_cast<double>(m_results.size());
    }

    void saveRest() {
        if (m_run) {
            m_run->saveRest();
        }
    }

    /// One window of one score; false when all are there.
    bool scoreOnce() {
        const models::LanguageModel& model = m_objective->model();
        if (m_scores.size() < m_rules.size()) {
            if (!m_scorer) {
                beginScore(model);
            }
            if (!m_scorer->step()) {
                endScore();
            }
            return true;
        }
        if (!model.config().hasRouter()) {
            return false;
        }
        if (!m_meter) {
            const auto& ids = m_data->corpus.validation.ids;
            const auto count =
                std::min(ids.size(), static_cast<std::size_t>(m_experiment.regretTokens));
            m_meter.emplace(model, std::span(ids).first(count), routingOf(settings::Rule::Model),
                            evaluate::kRegretWindow);
        }
        return m_meter->step();
    }

    [[nodiscard]] spec::ResolvedRouting routingOf(settings::Rule rule) {
        settings::RoutingSettings requested;
        requested.rule = rule;
        spec::ResolvedRouting routing =
            spec::resolveRouting(m_objective->model().config(), requested, spec::RoutingUse::Pass);
        routing.seed = m_cell->seed;
        return routing;
    }

    void beginScore(const models::LanguageModel& model) {
        const data::Tokens& all = m_data->corpus.validation;
        const auto count = static_cast<std::ptrdiff_t>(
            std::min(all.ids.size(), static_cast<std::size_t>(m_experiment.scoredTokens)));
        m_scored = {};
        m_scored.ids.assign(all.ids.begin(), all.ids.begin() + count);
        if (!all.classes.empty()) {
            m_scored.classes.assign(all.classes.begin(), all.classes.begin() + count);
        }
        m_scorer.emplace(model, m_scored, routingOf(m_rules[m_scores.size()].second),
                         m_objective->preset().sequence);
    }

    void endScore() {
        const evaluate::TextScore& score = m_scorer->score();
        const auto depthTokens = static_cast<double>(score.depthTokens);
        if (m_scores.empty()) {
            m_classDepth = classDepths(score);
        }
        m_scores.push_back({m_rules[m_scores.size()].first,
                            score.nllSum / static_cast<double>(score.tokens),
                            score.depthSum / depthTokens, score.flopsSum / depthTokens,
                            score.accuracyTokens > 0
                                ? score.accuracySum / static_cast<double>(score.accuracyTokens)
                                : std::nan("")});
        m_scorer.reset();
    }

    static std::vector<std::pair<std::string, double>>
    classDepths(const evaluate::TextScore& score) {
        std::vector<std::pair<std::string, double>> depths;
        for (std::size_t c = 0; c < trace::kDifficulties; ++c) {
            const evaluate::TextScore::Class& entry = score.classes[c];
            if (entry.tokens > 0) {
                depths.emplace_back(trace::gradedClasses()->names[c],
                                    entry.depthSum / static_cast<double>(entry.tokens));
            }
        }
        return depths;
    }

    void finishCell() {
        train::CellResult result;
        result.cell = *m_cell;
        result.parameters = spec::parameterCount(
            models::countParameters(m_objective->model().config(), m_objective->model().weights()));
        result.curve = m_run->curve();
        result.scores = m_scores;
        result.regret = m_meter ? m_meter->regret().perToken() : std::nan("");
        result.regretAtEqualCost = m_meter ? m_meter->regret().perTokenAtEqualCost() : std::nan("");
        result.classDepth = m_classDepth;
        result.machine = "LibTorch " TORCH_VERSION ", one thread, " + at::get_cpu_capability();
        train::writeResult(folder(), result);
        std::error_code ignored;
        std::filesystem::remove(checkpoint(), ignored);
        const double loss = result.curve.back().metric("val_loss");
        m_results[m_index] = std::move(result);
        m_meter.reset();
        m_run.reset();
        m_objective.reset();
        runtime::ExperimentReport report = tally();
        report.cell = m_cell->name();
        report.valLoss = loss;
        m_publish(report);
    }

    [[nodiscard]] runtime::ExperimentReport tally() const {
        runtime::ExperimentReport report;
        report.job = m_id;
        report.cells = static_cast<int>(m_results.size());
        report.done = static_cast<int>(std::count_if(m_results.begin(), m_results.end(),
                                                     [](const auto& r) { return r.has_value(); }));
        return report;
    }

    void publishPage() {
        runtime::ExperimentReport report = tally();
        report.page = train::resultsPage(m_experiment, m_results);
        AtomicFile file(folder() / "results.md");
        file.write(report.page);
        file.commit();
        m_publish(report);
    }

    JobId m_id;
    runtime::ExperimentRequest m_request;
    Publish m_publish;
    const train::Experiment& m_experiment;
    bool m_begun = false;
    std::vector<std::optional<train::CellResult>> m_results;
    std::optional<TrainingData> m_data;
    std::string m_dataName;
    const train::Cell* m_cell = nullptr;
    std::size_t m_index = 0;
    std::optional<train::LanguageObjective> m_objective;
    std::optional<train::TrainingRun> m_run;
    std::vector<std::pair<std::string, settings::Rule>> m_rules;
    data::Tokens m_scored;
    std::optional<evaluate::TextScorer> m_scorer;
    std::vector<train::RuleScore> m_scores;
    std::vector<std::pair<std::string, double>> m_classDepth;
    std::optional<evaluate::RegretMeter> m_meter;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

} // namespace

std::unique_ptr<Job>
makeExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish) {
    return std::make_unique<ExperimentJob>(id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
