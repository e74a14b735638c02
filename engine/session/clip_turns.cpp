// SPDX-License-Identifier: MIT
#include "engine/session/clip_turns.h"

#include "engine/base/quantile.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <utility>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

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
    m_sampler.emplace(m_model, m_samplings[m_turns.next()], m_start);
    for (auto& times : m_times) {
        times.resize(static_cast<std::size_t>(m_sampler->steps()));
    }
}

void ClipTurns::step() {
    const Turns::Which ran = m_turns.next();
    const Clock::time_point start = Clock::now();
    if (!m_sampler) {
        m_sampler.emplace(m_model, m_samplings[ran], m_start);
    }
    const auto at = static_cast<std::size_t>(m_sampler->stepsDone());
    m_sampler->step();
    waitFor(m_model.device());
    const Milliseconds took = Clock::now() - start;
    m_times[ran][at].push_back(took.count());
    m_elapsed += took.count();
    if (m_sampler->isDone()) {
        m_sampler.reset();
        m_turns.add(std::exchange(m_elapsed, 0));
    }
}

bool ClipTurns::isDone() const {
    return !m_sampler && m_turns.isEnough();
}

void ClipTurns::addTo(trace::StepCost& cost, std::size_t step) const {
    cost.milliseconds = quantile(m_times[Turns::kReference].at(step), 0.5);
    cost.routedMilliseconds = quantile(m_times[Turns::kRouted].at(step), 0.5);
    cost.rounds = m_turns.rounds();
    cost.roundsSpread = m_turns.spread();
}

} // namespace depthscope::session
