// SPDX-License-Identifier: MIT
// A reference and the routing compared with it, in turns over one sequence: a single pass's time is
// mostly noise where other programs run. A stage at a step, so that a newer request can take over.
#include "engine/base/quantile.h"
#include "engine/session/jobs.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"
#include "engine/session/tracing.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <array>
#include <chrono>
#include <limits>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// Enough for a steady median; long passes take fewer, noise is small beside them.
constexpr std::size_t kRounds = 9;
constexpr Milliseconds kBudget(1000);
/// Fewer have no quartiles to speak of.
constexpr std::size_t kLeastForSpread = 4;

/// Half the interquartile range of `other` against `reference`, round by round, in percent.
float spreadOf(const std::vector<double>& reference, const std::vector<double>& other) {
    if (other.size() < kLeastForSpread) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    std::vector<double> shares;
    for (std::size_t round = 0; round < other.size(); ++round) {
        shares.push_back(100 * other[round] / reference[round]);
    }
    return static_cast<float>((quantile(shares, 0.75) - quantile(shares, 0.25)) / 2);
}

class PairJob final : public Job {
public:
    PairJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.requireLanguage(runtime::ModelRole::Main)) {}

    bool step() override {
        const c10::NoGradGuard noGrad;
        useThreads(m_workspace.interactiveThreads);
        if (!m_pass) {
            begin();
            return true;
        }
        const Clock::time_point start = Clock::now();
        m_slot->model->runStage(*m_pass);
        const bool ended = m_pass->stage == m_slot->model->stages();
        auto traced = ended ? trace() : nullptr; // waits for the device
        m_elapsed += Clock::now() - start;
        if (!ended) {
            return true;
        }
        keep(std::move(traced));
        const bool bothRan = m_times[kReference].size() == m_times[kRouted].size();
        if (!bothRan || (m_times[kRouted].size() < kRounds && m_spent < kBudget)) {
            return true;
        }
        publish();
        return false;
    }

private:
    enum Which : std::uint8_t { kReference, kRouted };

    /// The first of a round is the last of the one before, so that neither always follows the
    /// other.
    [[nodiscard]] Which which() const {
        const std::size_t done = m_times[kReference].size() + m_times[kRouted].size();
        return (done + 1) / 2 % 2 == 0 ? kReference : kRouted;
    }

    void begin() {
        if (!m_prompt) {
            m_prompt = encodeOnce(m_workspace, m_slot, m_request.prompt);
        }
        const models::LanguageModel& model = *m_slot->model;
        m_pass.emplace();
        m_pass->routing = spec::resolveRouting(
            model.config(), which() == kReference ? m_request.routing : *m_request.timedWith,
            spec::RoutingUse::Pass);
        m_pass->routing.seed = m_workspace.options.seed;
        m_cache = model.makeCache(m_pass->routing.settings.kv);
        m_pass->cache = &*m_cache;
        m_pass->ids = models::idsRow(m_prompt->ids, m_workspace.device);
        m_elapsed = {};
    }

    [[nodiscard]] std::shared_ptr<trace::StepTrace> trace() const {
        const auto tokens = static_cast<std::int64_t>(m_prompt->ids.size());
        return traceOf(
            {&m_slot->model->config(), m_slot->info, &*m_pass, 0, tokens, m_request.logits});
    }

    void keep(std::shared_ptr<trace::StepTrace> traced) {
        m_syncs += traced->routing.cost.syncs;
        m_spent += m_elapsed;
        const Which ran = which();
        m_times[ran].push_back(m_elapsed.count());
        if (ran == kReference) {
            m_step = std::move(traced);
        }
        m_pass.reset();
    }

    void publish() {
        trace::StepTrace& step = *m_step;
        describePass(m_workspace, m_request, *m_prompt, step);
        step.routing.cost.milliseconds = quantile(m_times[kReference], 0.5);
        step.routing.cost.routedMilliseconds = quantile(m_times[kRouted], 0.5);
        step.routing.cost.rounds = static_cast<int>(m_times[kRouted].size());
        step.routing.cost.roundsSpread = spreadOf(m_times[kReference], m_times[kRouted]);
        m_workspace.syncs += static_cast<std::uint64_t>(m_syncs);
        m_publish(runtime::StepPublished{m_id, std::move(m_step)});
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::PassRequest m_request;
    Publish m_publish;
    std::shared_ptr<const LanguageSlot> m_slot;
    std::shared_ptr<const EncodedPrompt> m_prompt;
    std::optional<models::Pass> m_pass;
    std::optional<nn::KvCache> m_cache;
    std::array<std::vector<double>, 2> m_times; ///< ms, by Which
    std::shared_ptr<trace::StepTrace> m_step;   ///< of the reference
    Milliseconds m_elapsed{};                   ///< of the pass in flight
    Milliseconds m_spent{};
    int m_syncs = 0;
};

} // namespace

std::unique_ptr<Job>
makePairJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish) {
    return std::make_unique<PairJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
