// SPDX-License-Identifier: MIT
// Generation: a prefill step, then one token a step, each published as its own StepTrace.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/tokens.h"
#include "engine/generate/generator.h"
#include "engine/generate/sampler.h"
#include "engine/session/jobs.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"
#include "engine/session/tracing.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

class GenerateJob final : public Job {
public:
    GenerateJob(Workspace& workspace, JobId id, runtime::GenerateRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.requireLanguage(runtime::ModelRole::Main))
        , m_sampler(m_request.generation)
        , m_run(workspace.nextRun++) {}

    bool step() override {
        const c10::NoGradGuard noGrad;
        const int most = m_workspace.interactiveThreads;
        useThreads(m_generator ? decodingThreads(m_slot->model->config(), most) : most);
        if (!m_generator) {
            begin();
            return m_request.generation.count > 0;
        }
        decode();
        return !m_ended && m_done < m_request.generation.count;
    }

private:
    void begin() {
        settings::LabSettings requested;
        requested.generation = m_request.generation;
        settings::checkRanges(requested);
        EncodedPrompt prompt = encodePrompt(*m_slot, m_request.prompt);
        if (m_request.generation.stopAtEos && m_slot->model->config().eosTokens.empty()) {
            prompt.addNotice("this model defines no end-of-text token, so nothing stops the "
                             "generation early");
        }
        spec::ResolvedRouting routing = spec::resolveRouting(
            m_slot->model->config(), m_request.routing, spec::RoutingUse::Generation);
        routing.seed = m_workspace.options.seed;
        m_generator.emplace(*m_slot->model, std::move(routing), m_request.generation.useCache,
                            m_request.trace);
        const Clock::time_point start = Clock::now();
        m_began = start;
        const models::Pass& pass = m_generator->prefill(prompt.ids);
        std::shared_ptr<trace::StepTrace> step = traced(pass, 0);
        m_last = m_generator->choose(m_sampler);
        step->kind = trace::StepKind::Prefill;
        attachPrompt(*step, std::move(prompt));
        measure(*step, start);
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    /// Runs the token chosen last, publishes what the routing did to it, and chooses the next.
    void decode() {
        const Clock::time_point start = Clock::now();
        const generate::Choice token = m_last;
        const std::int64_t position = m_generator->tokens();
        const models::Pass& pass = m_generator->feed(token.id);
        ++m_done;
        m_ended = m_request.generation.stopAtEos && endsText(token.id);
        m_last = m_generator->choose(m_sampler);
        if (!m_request.trace) {
            publishBare(token, start);
            return;
        }
        std::shared_ptr<trace::StepTrace> step = traced(pass, position);
        step->kind = trace::StepKind::Decode;
        trace::TextContent& text = step->makeText();
        text.ids = {token.id};
        text.nll = {token.nll};
        if (position >= m_slot->model->config().context) {
            step->notice = pastContextNotice(m_slot->model->config().context);
        }
        addPiece(text, token.id);
        measure(*step, start);
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    [[nodiscard]] bool endsText(std::int32_t token) const {
        const std::vector<std::int64_t>& ends = m_slot->model->config().eosTokens;
        return std::ranges::find(ends, token) != ends.end();
    }

    std::string pastContextNotice(std::int64_t context) const {
        return fmt::format("the text is longer than the {} tokens of the context: {}", context,
                           m_slot->model->config().isMoreFamily()
                               ? fmt::format("from here on each token sees the last {}, recomputed "
                                             "each time",
                                             context)
                               : "positions from here on are untrained");
    }

    std::shared_ptr<trace::StepTrace> traced(const models::Pass& pass, std::int64_t firstToken) {
        return traceOf({&m_slot->model->config(), m_slot->info, &pass, firstToken,
                        m_generator->tokens(), false, &m_generator->stages()});
    }

    void addPiece(trace::TextContent& text, std::int32_t id) const {
        if (m_slot->tokenizer != nullptr) {
            data::appendPiece(*m_slot->tokenizer, id, text.text, text.pieceEnds);
        }
    }

    /// Its place in the run, and what it took since `start`.
    void measure(trace::StepTrace& step, Clock::time_point start) {
        step.run = m_run;
        step.step = m_step++;
        step.revision = m_request.revision;
        step.routing.cost.syncs += 1; // the logits for the sampler
        step.routing.cost.milliseconds =
            std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        step.routing.cost.beganMilliseconds =
            std::chrono::duration<double, std::milli>(start - m_began).count();
        m_workspace.syncs += static_cast<std::uint64_t>(step.routing.cost.syncs);
    }

    /// Without tracing only the token is told: the difference is what tracing costs.
    void publishBare(const generate::Choice& token, Clock::time_point start) {
        auto step = std::make_shared<trace::StepTrace>();
        step->kind = trace::StepKind::Decode;
        step->model = m_slot->info;
        step->routing.cost.traced = false;
        trace::TextContent& text = step->makeText();
        text.ids = {token.id};
        addPiece(text, token.id);
        measure(*step, start);
        m_publish(runtime::StepPublished{m_id, std::move(step)});
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::GenerateRequest m_request;
    Publish m_publish;
    std::shared_ptr<const LanguageSlot> m_slot;
    generate::Sampler m_sampler;
    std::optional<generate::Generator> m_generator;
    generate::Choice m_last; ///< chosen, not yet run
    bool m_ended = false;
    Clock::time_point m_began;
    std::uint64_t m_run;
    std::uint32_t m_step = 0;
    int m_done = 0;
};

} // namespace

std::unique_ptr<Job>
makeGenerateJob(Workspace& workspace, JobId id, runtime::GenerateRequest request, Publish publish) {
    return std::make_unique<GenerateJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
