// SPDX-License-Identifier: MIT
#include "engine/session/clip_turns.h"

#include "engine/base/quantile.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <utility>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// As for the passes of a text (pair_job.cpp).
constexpr std::size_t kRounds = 9;
constexpr Milliseconds kBudget(1000);

void waitFor(at::Device device) {
    if (!device.is_cpu()) {
        c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
    }
}

} // namespace

ClipTurns::ClipTurns(const models::VideoModel& model,
                     generate::ClipSampling reference,
                     generate::ClipSampling routed,
                     generate::ClipStart start)
    : m_model(model)
    , m_samplings{std::move(reference), std::move(routed)}
    , m_start(std::move(start)) {
    m_sampler.emplace(m_model, m_samplings[which()], m_start);
    for (auto& times : m_times) {
        times.resize(static_cast<std::size_t>(m_sampler->steps()));
    }
}

/// The first of a round is the last of the one before, so that neither always follows the other.
ClipTurns::Which ClipTurns::which() const {
    return (m_rounds[kReference] + m_rounds[kRouted] + 1) / 2 % 2 == 0 ? kReference : kRouted;
}

void ClipTurns::step() {
    const Which ran = which();
    const Clock::time_point start = Clock::now();
    if (!m_sampler) {
        m_sampler.emplace(m_model, m_samplings[ran], m_start);
    }
    const auto at = static_cast<std::size_t>(m_sampler->stepsDone());
    m_sampler->step();
    waitFor(m_model.device());
    const Milliseconds took = Clock::now() - start;
    m_times[ran][at].push_back(took.count());
    m_spent += took;
    if (m_sampler->isDone()) {
        m_sampler.reset();
        ++m_rounds[ran];
    }
}

bool ClipTurns::isDone() const {
    return !m_sampler && m_rounds[kReference] == m_rounds[kRouted] &&
           (m_rounds[kRouted] >= kRounds || m_spent >= kBudget);
}

void ClipTurns::addTo(trace::StepCost& cost, std::size_t step) const {
    cost.milliseconds = quantile(m_times[kReference].at(step), 0.5);
    cost.routedMilliseconds = quantile(m_times[kRouted].at(step), 0.5);
    cost.rounds = static_cast<int>(m_rounds[kRouted]);
}

} // namespace depthscope::session
