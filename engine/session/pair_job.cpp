// SPDX-License-Identifier: MIT
// A reference and the routing compared with it, in turns over one sequence: a single pass's time is
// mostly noise where other programs run. A stage at a step, so that a newer request can take over.
#include "engine/session/jobs.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"
#include "engine/session/tracing.h"
#include "engine/session/turns.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <chrono>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

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
        if (!m_turns.isEnough()) {
            return true;
        }
        publish();
        return false;
    }

private:
    void begin() {
        if (!m_prompt) {
            m_prompt = encodeOnce(m_workspace, m_slot, m_request.prompt);
        }
        const models::LanguageModel& model = *m_slot->model;
        m_pass.emplace();
        m_pass->routing = spec::resolveRouting(
            model.config(),
            m_turns.next() == Turns::kReference ? m_request.routing : *m_request.timedWith,
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
        if (m_turns.next() == Turns::kReference) {
            m_step = std::move(traced);
        }
        m_turns.add(m_elapsed.count());
        m_pass.reset();
    }

    void publish() {
        trace::StepTrace& step = *m_step;
        describePass(m_workspace, m_request, *m_prompt, step);
        step.routing.cost.milliseconds = m_turns.median(Turns::kReference);
        step.routing.cost.routedMilliseconds = m_turns.median(Turns::kRouted);
        step.routing.cost.rounds = m_turns.rounds();
        step.routing.cost.roundsSpread = m_turns.spread();
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
    Turns m_turns;
    std::shared_ptr<trace::StepTrace> m_step; ///< of the reference
    Milliseconds m_elapsed{};                 ///< of the pass in flight
    int m_syncs = 0;
};

} // namespace

std::unique_ptr<Job>
makePairJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish) {
    return std::make_unique<PairJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
