// SPDX-License-Identifier: MIT
// Many texts generated together: each is answered as it ends.
#include "engine/base/available_memory.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/tokens.h"
#include "engine/generate/batch_generator.h"
#include "engine/nn/memory.h"
#include "engine/session/jobs.h"
#include "engine/session/prompt.h"
#include "engine/session/threads.h"

#include <c10/core/GradMode.h>

#include <chrono>
#include <optional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

runtime::BatchFill fillOf(const generate::BatchFill& fill) {
    return {fill.tokens, fill.mean()};
}

double freeBytes(at::Device device) {
    return device.is_cpu()
               ? availableMemory()
               : nn::physicalBytes(device) - static_cast<double>(nn::memoryUse(device).used);
}

class BatchJob final : public Job {
public:
    BatchJob(Workspace& workspace, JobId id, runtime::BatchRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_slot(workspace.requireLanguage(runtime::ModelRole::Main)) {}

    bool step() override {
        constexpr std::chrono::milliseconds kStep(30);
        const c10::NoGradGuard noGrad;
        useThreads(m_workspace.interactiveThreads);
        const Clock::time_point start = Clock::now();
        if (!m_generator) {
            begin();
        }
        bool more = true;
        while (more && Clock::now() - start < kStep) {
            more = m_generator->step();
        }
        m_seconds += std::chrono::duration<double>(Clock::now() - start).count();
        if (more) {
            publishProgress();
        } else {
            publishLanes();
            publishReport();
        }
        return more;
    }

    void stopped() override {
        if (m_generator) {
            for (generate::BatchResult& result : m_generator->unfinished()) {
                answer(std::move(result), false);
            }
            publishLanes();
        }
    }

private:
    void begin() {
        settings::LabSettings requested;
        requested.generation = m_request.generation;
        settings::checkRanges(requested);
        double& kvBytes = m_request.batch.kvBytes;
        if (kvBytes <= 0) {
            constexpr double kShare = 0.5;
            kvBytes = kShare * freeBytes(m_workspace.device);
        }
        spec::ResolvedRouting routing = spec::resolveRouting(
            m_slot->model->config(), m_request.routing, spec::RoutingUse::Generation);
        m_generator.emplace(*m_slot->model, std::move(routing), m_request.batch,
                            generate::BatchGenerator::Ends{[this] { return nextText(); },
                                                           [this](generate::BatchResult result) {
                                                               answer(std::move(result), true);
                                                           }});
    }

    /// The next one that can be generated; those before it that cannot are answered.
    std::optional<generate::BatchText> nextText() {
        while (m_next < m_request.prompts->size()) {
            const runtime::BatchPrompt& asked = (*m_request.prompts)[m_next++];
            try {
                EncodedPrompt prompt = encodePrompt(*m_slot, asked.prompt);
                requireWhole(prompt);
                settings::GenerationSettings generation = m_request.generation;
                generation.count = asked.tokens;
                generation.seed = asked.seed;
                return generate::BatchText{asked.number, std::move(prompt.ids), generation};
            } catch (const Error& error) {
                generate::BatchResult result;
                result.number = asked.number;
                result.error = error;
                answer(std::move(result), true);
            }
        }
        return std::nullopt;
    }

    void requireWhole(const EncodedPrompt& prompt) const {
        if (prompt.isCut) {
            throw Error(
                ErrorCode::BadInput,
                fmt::format("the prompt must be at most the {} tokens of the model's context",
                            m_slot->info->contextLength),
                "Shorten it.");
        }
    }

    void answer(generate::BatchResult result, bool isWhole) {
        runtime::BatchAnswer answer;
        answer.job = m_id;
        answer.number = result.number;
        answer.isWhole = isWhole;
        answer.error = std::move(result.error);
        answer.hasText = m_slot->tokenizer != nullptr;
        if (answer.hasText) {
            std::vector<std::uint32_t> ends;
            for (const std::int32_t id : result.tokens) {
                data::appendPiece(*m_slot->tokenizer, id, answer.text, ends);
            }
        }
        answer.tokens = std::move(result.tokens);
        answer.depth = std::move(result.depth);
        m_publish(std::move(answer));
        ++m_answered;
    }

    void publishProgress() {
        constexpr std::chrono::seconds kInterval(1);
        if (Clock::now() - m_told < kInterval) {
            return;
        }
        m_told = Clock::now();
        publishLanes();
        const std::size_t all = m_request.prompts->size();
        const double done = static_cast<double>(m_answered) / static_cast<double>(all);
        const double left = m_answered > 0 ? m_seconds * (1 - done) / done : -1;
        m_publish(
            runtime::JobProgress{m_id, done, left, fmt::format("{} of {} texts", m_answered, all)});
    }

    void publishLanes() {
        auto lanes = std::make_shared<trace::Lanes>(m_generator->lanes());
        lanes->model = m_slot->info->name;
        m_publish(runtime::LanesReport{m_id, std::move(lanes)});
    }

    void publishReport() {
        const generate::BatchFigures figures = m_generator->figures();
        runtime::BatchReport report;
        report.job = m_id;
        report.tokens = figures.tokens;
        report.seconds = m_seconds;
        report.prefillSeconds = figures.prefillSeconds;
        report.layerSeconds = figures.layerSeconds;
        for (const generate::BatchFill& fill : figures.recursions) {
            report.recursions.push_back(fillOf(fill));
        }
        report.between = fillOf(figures.between);
        report.fullRecursionSeconds = figures.fullRecursionSeconds;
        report.fullBetweenSeconds = figures.fullBetweenSeconds;
        report.kvBytes = figures.kvBytes;
        report.kvReservedBytes = figures.kvReservedBytes;
        report.kvLimitBytes = m_request.batch.kvBytes;
        m_publish(std::move(report));
    }

    Workspace& m_workspace;
    JobId m_id;
    runtime::BatchRequest m_request;
    Publish m_publish;
    std::shared_ptr<const LanguageSlot> m_slot;
    std::optional<generate::BatchGenerator> m_generator;
    std::size_t m_next = 0, m_answered = 0; // prompts
    double m_seconds = 0;
    Clock::time_point m_told = Clock::now();
};

} // namespace

std::unique_ptr<Job>
makeBatchJob(Workspace& workspace, JobId id, runtime::BatchRequest request, Publish publish) {
    return std::make_unique<BatchJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
