// SPDX-License-Identifier: MIT
// An experiment on language models; the rest is experiment_job.h.
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/evaluate/regret.h"
#include "engine/evaluate/text_score.h"
#include "engine/session/experiment_job.h"
#include "engine/session/training_corpus.h"
#include "engine/spec/language_weights.h"
#include "engine/trace/graded_classes.h"
#include "engine/train/experiment.h"
#include "engine/train/language_objective.h"
#include "engine/train/looped_experiment.h"
#include "engine/train/video_experiment.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <cmath>
#include <filesystem>
#include <optional>

namespace depthscope::session {

namespace {

train::Experiment experimentOf(const runtime::ExperimentRequest& request) {
    if (request.name == train::kLooped) {
        return train::looped({.systems = request.systems,
                              .seeds = request.seeds,
                              .minutes = request.trainMinutes,
                              .steps = request.steps});
    }
    return train::findExperiment(request.name);
}

class TextExperimentJob final : public ExperimentJob {
public:
    TextExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish)
        : ExperimentJob(id, std::move(request), std::move(publish))
        , m_experiment(experimentOf(m_request)) {
        refuseChoices();
    }

    TextExperimentJob(const TextExperimentJob&) = delete;
    TextExperimentJob& operator=(const TextExperimentJob&) = delete;

    ~TextExperimentJob() override { saveRest(); }

private:
    [[nodiscard]] bool isLooped() const { return m_experiment.name == train::kLooped; }

    void refuseChoices() const {
        const bool isFixed = !isLooped();
        for (const auto& [name, isRefused] :
             {std::pair{"--clips", !m_request.clips.empty()},
              std::pair{"--text-file", isLooped() && !m_request.textFile.empty()},
              std::pair{"--systems", isFixed && !m_request.systems.empty()},
              std::pair{"--seeds", isFixed && m_request.seeds > 0},
              std::pair{"--train-minutes", isFixed && m_request.trainMinutes > 0},
              std::pair{"--steps", isFixed && m_request.steps > 0}}) {
            if (isRefused) {
                throw Error(ErrorCode::Usage,
                            fmt::format("{} has no effect on {}", name, m_request.name),
                            fmt::format("Omit it, or run {}.", name == std::string("--text-file")
                                                                   ? "mor-small"
                                                                   : train::kMoreDit));
            }
        }
    }

    [[nodiscard]] std::size_t cells() const override { return m_experiment.cells.size(); }

    [[nodiscard]] std::string nameOf(std::size_t cell) const override {
        return m_experiment.cells[cell].name();
    }

    [[nodiscard]] bool readResult(std::size_t cell) override {
        m_results.resize(cells());
        m_results[cell] = train::readResult(folder(), m_experiment.cells[cell]);
        const bool isThere = m_results[cell].has_value();
        if (isThere && !m_results[cell]->budget.empty() &&
            m_results[cell]->budget != m_experiment.budget()) {
            throw Error(ErrorCode::Usage,
                        fmt::format("{}: {} ran with {}, not {}", folder().string(), nameOf(cell),
                                    m_results[cell]->budget, m_experiment.budget()),
                        "Choose another --out folder, or ask for the same as before.");
        }
        return isThere;
    }

    [[nodiscard]] bool isFinished(std::size_t cell) const override {
        return m_results[cell].has_value();
    }

    [[nodiscard]] bool isPossible(std::size_t cell) const override {
        return m_experiment.cells[cell].data == "graded" || !m_request.textFile.empty();
    }

    [[nodiscard]] std::string unit() const override { return "nats per token"; }

    [[nodiscard]] std::string page() const override {
        return isLooped() ? train::loopedResultsPage(m_experiment, m_results)
                          : train::resultsPage(m_experiment, m_results);
    }

    [[nodiscard]] Training start(std::size_t cell) override {
        m_cell = &m_experiment.cells[cell];
        prepareData(*m_cell);
        spec::Preset preset = m_experiment.presetOf(*m_cell);
        preset.model.vocabulary = m_data->tokenizer->size();
        m_objective.emplace(preset, m_data->corpus);
        m_rules = &m_experiment.system(m_cell->system).rules;
        m_scores.clear();
        m_scorer.reset();
        m_meter.reset();
        return {train::trainerSettings(preset), &*m_objective,
                m_experiment.steps > 0 ? 0 : m_experiment.trainSeconds};
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

    /// One window of one score; false when all are there.
    [[nodiscard]] bool scoreOnce() override {
        const models::LanguageModel& model = m_objective->model();
        if (m_scores.size() < m_rules->size()) {
            if (!m_scorer) {
                beginScore(model);
            }
            if (!m_scorer->step()) {
                endScore();
            }
            return true;
        }
        if (!model.config().hasRouter() || m_experiment.regretTokens == 0) {
            return false;
        }
        if (!m_meter) {
            const auto& ids = m_data->corpus.validation.ids;
            const auto count =
                std::min(ids.size(), static_cast<std::size_t>(m_experiment.regretTokens));
            m_meter.emplace(model, std::span(ids).first(count), routingOf({}),
                            evaluate::kRegretWindow);
        }
        return m_meter->step();
    }

    [[nodiscard]] spec::ResolvedRouting routingOf(const settings::RoutingSettings& requested) {
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
        m_scorer.emplace(model, m_scored, routingOf((*m_rules)[m_scores.size()].routing),
                         m_objective->preset().sequence);
    }

    void endScore() {
        const evaluate::TextScore& score = m_scorer->score();
        const auto depthTokens = static_cast<double>(score.depthTokens);
        if (m_scores.empty()) {
            m_classDepth = classDepths(score);
        }
        m_scores.push_back({(*m_rules)[m_scores.size()].name,
                            score.nllSum / static_cast<double>(score.tokens),
                            score.depthSum / depthTokens,
                            score.flopsSum / depthTokens,
                            score.accuracyTokens > 0
                                ? score.accuracySum / static_cast<double>(score.accuracyTokens)
                                : std::nan(""),
                            {},
                            classAucs(score)});
        for (const std::int64_t count : score.depthCounts) {
            m_scores.back().depthShares.push_back(static_cast<double>(count) / depthTokens);
        }
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

    static std::vector<std::pair<std::string, double>> classAucs(const evaluate::TextScore& score) {
        std::vector<std::pair<std::string, double>> aucs;
        for (std::size_t c = 0; c < trace::kDifficulties; ++c) {
            if (score.classes[c].tokens > 0) {
                aucs.emplace_back(trace::gradedClasses()->names[c],
                                  score.depthAuc(static_cast<std::uint8_t>(c)));
            }
        }
        return aucs;
    }

    void finish(std::size_t cell, const std::vector<train::Evaluation>& curve) override {
        train::CellResult result;
        result.cell = *m_cell;
        result.budget = m_experiment.budget();
        result.parameters = spec::parameterCount(
            models::countParameters(m_objective->model().config(), m_objective->model().weights()));
        result.curve = curve;
        result.scores = m_scores;
        result.regret = m_meter ? m_meter->regret().perToken() : std::nan("");
        result.regretAtEqualCost = m_meter ? m_meter->regret().perTokenAtEqualCost() : std::nan("");
        result.classDepth = m_classDepth;
        result.machine = "LibTorch " TORCH_VERSION ", one thread, " + at::get_cpu_capability();
        train::writeResult(folder(), result);
        m_results[cell] = std::move(result);
        m_meter.reset();
    }

    const train::Experiment m_experiment;
    std::vector<std::optional<train::CellResult>> m_results;
    std::optional<TrainingData> m_data;
    std::string m_dataName;
    const train::Cell* m_cell = nullptr;
    std::optional<train::LanguageObjective> m_objective;
    const std::vector<train::AskedRule>* m_rules = nullptr; ///< of the cell's system
    data::Tokens m_scored;
    std::optional<evaluate::TextScorer> m_scorer;
    std::vector<train::RuleScore> m_scores;
    std::vector<std::pair<std::string, double>> m_classDepth;
    std::optional<evaluate::RegretMeter> m_meter;
};

} // namespace

std::unique_ptr<Job>
makeExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish) {
    if (request.name == train::kMoreDit) {
        return makeVideoExperimentJob(id, std::move(request), std::move(publish));
    }
    return std::make_unique<TextExperimentJob>(id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
