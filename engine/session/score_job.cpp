// SPDX-License-Identifier: MIT
// Scores the loaded model on a text file, a window a step: first, where asked, the threshold that
// reaches a mean depth, last the routing regret.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/tokens.h"
#include "engine/evaluate/regret.h"
#include "engine/evaluate/text_score.h"
#include "engine/session/jobs.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"
#include "engine/trace/graded_classes.h"
#include "engine/trace/statistics.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

namespace depthscope::session {

namespace {

class ScoreJob final : public Job {
public:
    ScoreJob(Workspace& workspace, JobId id, runtime::ScoreRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.requireLanguage(m_request.role)) {}

    bool step() override {
        useThreads(m_workspace.backgroundThreads);
        if (m_tokens.ids.empty()) {
            begin();
            return true;
        }
        if (m_trial) {
            calibrate();
            return true;
        }
        if (!m_scored) {
            m_scored = !m_scorer->step();
            m_publish(runtime::JobProgress{m_id, m_scorer->fraction(), -1, "scoring"});
            return true;
        }
        if (m_meter && m_meter->step()) {
            m_publish(runtime::JobProgress{
                m_id, static_cast<double>(m_meter->regret().depthTokens) / m_request.regretTokens,
                -1, "trying every depth for every token"});
            return true;
        }
        publishReport();
        return false;
    }

private:
    void begin() {
        const spec::LanguageSpec& config = m_slot->model->config();
        if (m_request.regretTokens > 0 && !config.hasRouter()) {
            throw Error(
                ErrorCode::Usage,
                fmt::format("{} has no router whose regret could be measured", m_slot->info->name),
                "Omit --regret, or score a MoR model.");
        }
        static_cast<void>(m_slot->requireTokenizer()); // characters count in bits, also of ids
        readTokens();
        if (m_tokens.ids.size() < 2) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: fewer than two tokens",
                                    m_request.textFile.empty() ? "the text" : m_request.textFile),
                        "Give a longer text.");
        }
        m_routing = spec::resolveRouting(config, m_request.routing, spec::RoutingUse::Pass);
        m_routing.seed = m_workspace.options.seed;
        if (m_request.meanDepth > 0) {
            beginCalibration(config);
        } else {
            beginScore();
        }
    }

    /// The whole text: it is scored window by window.
    void readTokens() {
        const runtime::Prompt& prompt = m_request.prompt;
        if (!m_request.textFile.empty()) {
            m_tokens = data::tokenizeFile(*m_slot->tokenizer, m_request.textFile);
        } else if (prompt.ids.empty()) {
            m_tokens = data::tokenize(*m_slot->tokenizer, {prompt.text, prompt.classes.ranges});
        } else {
            checkIds(*m_slot, prompt.ids);
            m_tokens.ids = prompt.ids;
        }
    }

    void beginScore() {
        const spec::LanguageSpec& config = m_slot->model->config();
        m_scorer.emplace(*m_slot->model, m_tokens, m_routing, config.context);
        if (m_request.regretTokens > 0) {
            const auto count =
                std::min(m_tokens.ids.size(), static_cast<std::size_t>(m_request.regretTokens));
            m_meter.emplace(*m_slot->model, std::span(m_tokens.ids).first(count), m_routing,
                            evaluate::kRegretWindow);
        }
    }

    void beginCalibration(const spec::LanguageSpec& config) {
        const settings::Rule rule = m_routing.settings.rule;
        const double deepest = config.recursions();
        if (rule != settings::Rule::Threshold && rule != settings::Rule::Aux) {
            throw Error(ErrorCode::Usage, "a mean depth needs a threshold rule",
                        "Add --routing threshold (or aux, where the model has such a router).");
        }
        if (m_request.meanDepth < 1 || m_request.meanDepth > deepest) {
            throw Error(ErrorCode::Usage,
                        fmt::format("the mean depth must be from 1 to {}", config.recursions()),
                        "Choose a depth that the model can reach.");
        }
        constexpr std::size_t kSample = 4096; // enough for three digits of depth
        m_sample = m_tokens;
        m_sample.ids.resize(std::min(m_sample.ids.size(), kSample));
        m_sample.classes.clear();
        beginTrial();
    }

    void beginTrial() {
        m_routing.settings.tau = m_trials == 0   ? 1.0
                                 : m_trials == 1 ? 0.0
                                                 : sigmoid(0.5 * (m_lowLogit + m_highLogit));
        m_trial.emplace(*m_slot->model, m_sample, m_routing, m_slot->model->config().context);
    }

    static double sigmoid(double logit) { return 1.0 / (1.0 + std::exp(-logit)); }

    /// The ends first, then bisection of the logit, since scores can lie close to 0 and 1: the mean
    /// depth falls as the threshold rises. The nearest tried is taken.
    void calibrate() {
        if (m_trial->step()) {
            return;
        }
        const evaluate::TextScore& score = m_trial->score();
        const double depth = score.depthSum / static_cast<double>(score.depthTokens);
        const double miss = std::abs(depth - m_request.meanDepth);
        if (m_trials == 0 || miss < m_bestMiss) {
            m_bestMiss = miss;
            m_bestTau = m_routing.settings.tau;
        }
        if (m_trials >= 2) {
            (depth > m_request.meanDepth ? m_lowLogit : m_highLogit) =
                0.5 * (m_lowLogit + m_highLogit);
        }
        constexpr int kTrials = 20;
        const bool reached = miss == 0;
        m_publish(runtime::JobProgress{
            m_id, static_cast<double>(++m_trials) / kTrials, -1,
            fmt::format("threshold {:f} reaches depth {:f}", m_routing.settings.tau, depth)});
        if (m_trials < kTrials && !reached) {
            beginTrial();
            return;
        }
        m_routing.settings.tau = m_bestTau;
        m_trial.reset();
        beginScore();
    }

    void publishReport() {
        const evaluate::TextScore& score = m_scorer->score();
        const auto tokens = static_cast<double>(score.tokens);
        const auto all = static_cast<double>(score.depthTokens);
        runtime::ScoreReport report;
        report.job = m_id;
        report.tokens = score.tokens;
        report.nll = score.nllSum / tokens;
        report.bitsPerCharacter =
            report.nll / std::log(2.0) / data::charactersPerToken(*m_slot->tokenizer, m_tokens.ids);
        report.meanDepth = score.depthSum / all;
        report.decisionAccuracy =
            score.accuracyTokens > 0 ? score.accuracySum / static_cast<double>(score.accuracyTokens)
                                     : std::nan("");
        report.deadTokenRatio = score.deadTokenRatio();
        report.flopsPerToken = score.flopsSum / all;
        const bool threshold = m_routing.settings.rule == settings::Rule::Threshold ||
                               m_routing.settings.rule == settings::Rule::Aux;
        report.tau = threshold ? m_routing.settings.tau : std::nan("");
        report.regret = m_meter ? m_meter->regret().perToken() : std::nan("");
        report.regretAtEqualCost = m_meter ? m_meter->regret().perTokenAtEqualCost() : std::nan("");
        report.losses = score.losses;
        addActive(score, report);
        addLoad(score, report);
        addClasses(score, report);
        m_publish(report);
    }

    void addClasses(const evaluate::TextScore& score, runtime::ScoreReport& report) const {
        const trace::ClassSetPtr& set = m_request.prompt.classes.set;
        for (std::size_t c = 0; set && c < set->names.size(); ++c) {
            const evaluate::TextScore::Class& entry = score.classes.at(c);
            if (entry.tokens > 0) {
                const auto count = static_cast<double>(entry.tokens);
                report.classes.push_back(
                    {set->names[c], entry.tokens, entry.nllSum / count, entry.depthSum / count});
            }
        }
    }

    /// Tokens that go deeper than r ran recursion r + 1.
    static void addActive(const evaluate::TextScore& score, runtime::ScoreReport& report) {
        std::int64_t active = score.depthTokens;
        report.activeTokens = {active};
        for (std::size_t depth = 0; depth + 1 < score.depthCounts.size(); ++depth) {
            active -= score.depthCounts[depth];
            report.activeTokens.push_back(active);
        }
    }

    /// docs/routing.md 3.5: load by destination; only token-choice balances it.
    void addLoad(const evaluate::TextScore& score, runtime::ScoreReport& report) const {
        const bool token = m_slot->info->router == spec::RouterKind::Token;
        report.maxVio = std::nan("");
        report.entropy = std::nan("");
        if (!token) {
            return;
        }
        std::vector<double> shares;
        for (const std::int64_t count : std::span(score.depthCounts).subspan(1)) {
            shares.push_back(static_cast<double>(count) / static_cast<double>(score.depthTokens));
        }
        report.maxVio = trace::maxViolation(shares); // depth 0 is no destination
        report.entropy = trace::entropy(shares);
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::ScoreRequest m_request;
    Publish m_publish;
    std::shared_ptr<const LanguageSlot> m_slot;
    data::Tokens m_tokens;
    data::Tokens m_sample; ///< for the calibration
    spec::ResolvedRouting m_routing;
    double m_lowLogit = -30, m_highLogit = 17; ///< beyond, fp32 scores are 0 and 1
    double m_bestTau = 0, m_bestMiss = 0;
    int m_trials = 0;
    bool m_scored = false;
    std::optional<evaluate::TextScorer> m_trial;
    std::optional<evaluate::RegretMeter> m_meter;
    std::optional<evaluate::TextScorer> m_scorer;
};

} // namespace

std::unique_ptr<Job>
makeScoreJob(Workspace& workspace, JobId id, runtime::ScoreRequest request, Publish publish) {
    return std::make_unique<ScoreJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
