// SPDX-License-Identifier: MIT
// Scores the loaded model on a text file, a window a step.
#include "engine/base/error.h"
#include "engine/serve/score.h"
#include "engine/session/jobs.h"
#include "engine/session/thread_scope.h"
#include "engine/trace/difficulty.h"

#include <cmath>
#include <optional>

namespace depthscope::session {

namespace {

class ScoreJob final : public Job {
public:
    ScoreJob(Workspace& workspace, JobId id, runtime::ScoreRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.require(runtime::Slot::Main)) {}

    bool step() override {
        const ThreadScope threads(m_workspace.backgroundThreads);
        if (!m_scorer) {
            begin();
            return true;
        }
        if (m_scorer->step()) {
            m_publish(runtime::JobProgress{m_id, m_scorer->fraction(), -1, "scoring"});
            return true;
        }
        publishReport();
        return false;
    }

private:
    void begin() {
        if (m_slot->tokenizer == nullptr) {
            throw Error(ErrorCode::BadInput,
                        m_slot->info->folder + ": no tokenizer, so text cannot be scored",
                        "Put the model's tokenizer.json into the folder.");
        }
        m_tokens = data::tokenizeFile(*m_slot->tokenizer, m_request.textFile);
        for (const std::int32_t id : m_tokens.ids) {
            m_bytes += static_cast<double>(m_slot->tokenizer->bytes(id).size());
        }
        if (m_tokens.ids.size() < 2) {
            throw Error(ErrorCode::BadInput, m_request.textFile + ": fewer than two tokens",
                        "Give a longer text.");
        }
        const models::ModelConfig& config = m_slot->model->config();
        models::ResolvedRouting routing =
            models::resolveRouting(config, m_request.routing, models::RoutingUse::Pass);
        routing.seed = m_workspace.options.seed;
        m_scorer.emplace(*m_slot->model, m_tokens, std::move(routing), config.context);
    }

    void publishReport() {
        const serve::Score& score = m_scorer->score();
        const auto tokens = static_cast<double>(score.tokens);
        const auto all = static_cast<double>(score.depthTokens);
        runtime::ScoreReport report;
        report.job = m_id;
        report.tokens = score.tokens;
        report.nll = score.nllSum / tokens;
        report.bitsPerCharacter =
            report.nll / std::log(2.0) / (m_bytes / static_cast<double>(m_tokens.ids.size()));
        report.meanDepth = score.depthSum / all;
        report.decisionAccuracy =
            score.accuracyWindows > 0
                ? score.accuracySum / static_cast<double>(score.accuracyWindows)
                : std::nan("");
        report.deadTokenRatio = score.deadTokenRatio();
        report.flopsPerToken = score.flopsSum / all;
        addLoad(score, report);
        m_publish(report);
    }

    /// routing.md 3.5: load by destination; only token-choice balances it.
    void addLoad(const serve::Score& score, runtime::ScoreReport& report) const {
        const bool token = m_slot->info->router == trace::RouterKind::Token;
        report.maxVio = std::nan("");
        report.entropy = std::nan("");
        if (!token) {
            return;
        }
        double most = 0;
        double entropy = 0;
        for (const std::int64_t count : score.depthCounts) {
            const double share =
                static_cast<double>(count) / static_cast<double>(score.depthTokens);
            most = std::max(most, share);
            entropy -= share * std::log(share + 1e-10); // an empty depth adds 0
        }
        report.maxVio = most * static_cast<double>(score.depthCounts.size() - 1) -
                        1.0; // depth 0 is no destination
        report.entropy = entropy;
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::ScoreRequest m_request;
    Publish m_publish;
    std::shared_ptr<const ModelSlot> m_slot;
    data::Tokens m_tokens;
    double m_bytes = 0;
    std::optional<serve::Scorer> m_scorer;
};

} // namespace

std::unique_ptr<Job>
makeScoreJob(Workspace& workspace, JobId id, runtime::ScoreRequest request, Publish publish) {
    return std::make_unique<ScoreJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
