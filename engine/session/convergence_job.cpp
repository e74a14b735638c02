// SPDX-License-Identifier: MIT
// What the main model would answer after each recursion of one sequence: a pass of its own, then
// the head on every state, some tokens at a step, so that a newer request can take over.
#include "engine/data/tokens.h"
#include "engine/evaluate/convergence_meter.h"
#include "engine/session/jobs.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"

#include <optional>

namespace depthscope::session {

namespace {

class ConvergenceJob final : public Job {
public:
    ConvergenceJob(Workspace& workspace,
                   JobId id,
                   runtime::ConvergenceRequest request,
                   Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.requireLanguage(runtime::ModelRole::Main)) {}

    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        if (!m_meter) {
            begin();
            return true;
        }
        if (m_meter->step()) {
            m_publish(runtime::JobProgress{m_id, m_meter->fraction(), -1,
                                           "reading predictions after each recursion"});
            return true;
        }
        publish();
        return false;
    }

private:
    void begin() {
        const auto prompt = encodeOnce(m_workspace, m_slot, m_request.prompt);
        spec::ResolvedRouting routing = spec::resolveRouting(
            m_slot->model->config(), m_request.routing, spec::RoutingUse::Pass);
        routing.seed = m_workspace.options.seed;
        m_meter.emplace(*m_slot->model, prompt->ids, std::move(routing));
    }

    void addPieces(trace::Convergence& convergence) const {
        for (const std::int32_t id : convergence.best) {
            std::string& piece = convergence.pieces[id];
            if (piece.empty()) {
                std::vector<std::uint32_t> ends;
                data::appendPiece(*m_slot->tokenizer, id, piece, ends);
            }
        }
    }

    void publish() {
        auto convergence = std::make_shared<trace::Convergence>(m_meter->take());
        convergence->model = m_slot->info;
        if (m_slot->tokenizer != nullptr) {
            addPieces(*convergence);
        }
        m_publish(runtime::ConvergenceReport{m_id, std::move(convergence)});
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::ConvergenceRequest m_request;
    Publish m_publish;
    std::shared_ptr<const LanguageSlot> m_slot;
    std::optional<evaluate::ConvergenceMeter> m_meter;
};

} // namespace

std::unique_ptr<Job> makeConvergenceJob(Workspace& workspace,
                                        JobId id,
                                        runtime::ConvergenceRequest request,
                                        Publish publish) {
    return std::make_unique<ConvergenceJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
