// SPDX-License-Identifier: MIT
// One pass over one sequence, a stage at a step, so that a newer request can take over between
// stages.
#include "engine/models/looped.h"
#include "engine/session/jobs.h"
#include "engine/session/pass_snapshot.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"
#include "engine/session/tracing.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <chrono>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

class PassJob final : public Job {
public:
    PassJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.requireLanguage(m_request.role)) {}

    bool step() override {
        const c10::NoGradGuard noGrad;
        useThreads(m_workspace.interactiveThreads);
        if (!m_pass) {
            begin();
            return true;
        }
        const Clock::time_point start = Clock::now();
        if (m_exitLosses != nullptr) {
            chooseAgain();
        } else {
            m_stages.runStage(*m_slot->model, *m_pass);
        }
        m_elapsed += Clock::now() - start;
        if (m_pass->stage == m_snapshotStage) {
            remember();
        }
        if (m_pass->stage < m_slot->model->stages()) {
            return true;
        }
        finish();
        return false;
    }

private:
    void begin() {
        m_prompt = encodeOnce(m_workspace, m_slot, m_request.prompt);
        const models::LanguageModel& model = *m_slot->model;
        spec::ResolvedRouting routing =
            spec::resolveRouting(model.config(), m_request.routing, spec::RoutingUse::Pass);
        routing.seed = m_workspace.options.seed;
        m_snapshotStage =
            snapshotStage(model, routing, static_cast<std::int64_t>(m_prompt->ids.size()));
        m_pass.emplace();
        m_cache = model.makeCache(routing.settings.kv);
        if (m_snapshotStage == 0 || !resume(routing)) {
            m_pass->ids = models::idsRow(m_prompt->ids, m_workspace.device);
            m_pass->losses = m_request.losses;
        }
        m_pass->routing = std::move(routing);
        m_pass->cache = &*m_cache;
    }

    /// Starts from the remembered state if it is of this model and text, and as deep as wanted
    /// where it is the state after all recursions.
    bool resume(const spec::ResolvedRouting& routing) {
        const std::shared_ptr<const PassSnapshot> snapshot = m_workspace.snapshot;
        const bool isOfAll = m_slot->model->config().isLooped();
        if (snapshot == nullptr || snapshot->slot != m_slot ||
            (isOfAll && snapshot->pass.routing.depth != routing.depth) ||
            snapshot->pass.routing.settings.kv != routing.settings.kv ||
            settings::keptRecursions(snapshot->pass.routing.settings) !=
                settings::keptRecursions(routing.settings) ||
            snapshot->losses != m_request.losses ||
            (snapshot->prompt != m_prompt && snapshot->prompt->ids != m_prompt->ids)) {
            return false;
        }
        m_pass = snapshot->pass;
        m_pass->depth = snapshot->pass.depth.clone();
        m_cache = snapshot->cache;
        m_elapsed = snapshot->elapsed;
        m_stages = snapshot->stages;
        if (routing.settings.rule == settings::Rule::Exit && !m_request.logits) {
            m_exitLosses = snapshot->exitLosses;
        }
        return true;
    }

    /// The exits of another threshold among the recursions that have run; no head for answers whose
    /// loss is known.
    void chooseAgain() {
        const models::LanguageModel& model = *m_slot->model;
        models::chooseExits({model.config(), model.weights(), *m_pass});
        m_pass->nll = m_exitLosses->of(model, m_pass->depth);
        m_pass->stage = model.stages();
    }

    void remember() {
        auto snapshot = std::make_shared<PassSnapshot>();
        snapshot->slot = m_slot;
        snapshot->prompt = m_prompt;
        snapshot->losses = m_request.losses;
        snapshot->pass = *m_pass;
        snapshot->pass.depth = m_pass->depth.clone();
        snapshot->cache = *m_cache;
        snapshot->elapsed = m_elapsed;
        snapshot->stages = m_stages;
        if (m_slot->model->config().isLooped() && m_pass->ids.size(1) > 1) {
            snapshot->exitLosses = std::make_shared<ExitLosses>(*m_pass);
        }
        m_workspace.snapshot = std::move(snapshot);
    }

    void finish() {
        const Clock::time_point start = Clock::now();
        const auto tokens = static_cast<std::int64_t>(m_prompt->ids.size());
        std::shared_ptr<trace::StepTrace> step =
            traceOf({&m_slot->model->config(), m_slot->info, &*m_pass, 0, tokens, m_request.logits,
                     &m_stages});
        m_elapsed += Clock::now() - start;
        describePass(m_workspace, m_request, *m_prompt, *step);
        step->routing.cost.milliseconds =
            std::chrono::duration<double, std::milli>(m_elapsed).count();
        m_workspace.syncs += static_cast<std::uint64_t>(step->routing.cost.syncs);
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::PassRequest m_request;
    Publish m_publish;
    std::shared_ptr<const LanguageSlot> m_slot;
    std::shared_ptr<const EncodedPrompt> m_prompt;
    std::optional<models::Pass> m_pass;
    std::optional<nn::KvCache> m_cache;
    std::shared_ptr<ExitLosses> m_exitLosses; ///< of the pass that is resumed; null: not so
    int m_snapshotStage = 0; ///< stage after which the pass is remembered; 0: never
    Clock::duration m_elapsed{};
    generate::StageClock m_stages;
};

} // namespace

std::unique_ptr<Job>
makePassJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish) {
    return std::make_unique<PassJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
