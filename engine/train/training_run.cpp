// SPDX-License-Identifier: MIT
#include "engine/train/training_run.h"

#include "engine/base/text.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace depthscope::train {

namespace {

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

double threadSeconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

TrainingRun::TrainingRun(TrainerSettings trainer, Objective& objective, RunSettings settings)
    : m_settings(std::move(settings))
    , m_trainer(trainer, objective) {}

void TrainingRun::resume() {
    auto before = m_trainer.restore(m_settings.checkpoint);
    m_savedStep = m_firstStep = m_lapStep = m_trainer.stepsDone();
    m_secondsBefore = std::strtod(before["seconds"].c_str(), nullptr);
    m_curve = parseCurve(before["curve"]);
    for (const auto& [key, value] : m_settings.circumstances) {
        if (before[key] != value) {
            m_differences.push_back(fmt::format("{} was {}, is {}", key, before[key], value));
        }
    }
}

void TrainingRun::advance() {
    m_lap = m_lap.value_or(Clock::now());
    m_start = m_start.value_or(*m_lap);
    const double processor = threadSeconds();
    m_stepping = true; // stays so when the step throws
    static_cast<void>(
        m_trainer.advance(m_settings.seconds > 0 ? seconds() / m_settings.seconds : 0));
    m_stepping = false;
    if (m_settings.clock == RunClock::Processor) {
        m_secondsBefore += threadSeconds() - processor;
    }
}

bool TrainingRun::isDone() const {
    return m_trainer.isBetweenSteps() &&
           (stepsDone() >= steps() || (m_settings.seconds > 0 && seconds() >= m_settings.seconds));
}

bool TrainingRun::isEvaluationDue() const {
    return m_trainer.isBetweenSteps() &&
           (isDone() || stepsDone() % m_trainer.settings().evaluateEvery == 0);
}

const Evaluation& TrainingRun::evaluate() {
    m_trainer.dropStep();
    if (isDone()) {
        m_trainer.adoptAverage();
    }
    Evaluation evaluation = m_trainer.evaluate();
    evaluation.seconds = seconds();
    m_lap.reset();
    m_lapStep = stepsDone();
    return m_curve.emplace_back(std::move(evaluation));
}

bool TrainingRun::isBest() const {
    const auto better = [](const Evaluation& a, const Evaluation& b) {
        return a.metric("val_loss") < b.metric("val_loss");
    };
    return std::min_element(m_curve.begin(), m_curve.end(), better)->step == m_curve.back().step;
}

void TrainingRun::save() {
    std::map<std::string, std::string> extra = m_settings.circumstances;
    extra["seconds"] = std::to_string(seconds());
    extra["curve"] = curveText(m_curve);
    m_trainer.saveCheckpoint(m_settings.checkpoint, extra);
    m_savedStep = stepsDone();
}

bool TrainingRun::saveRest() noexcept {
    try {
        if (!m_stepping && stepsDone() > m_savedStep) {
            m_trainer.dropStep();
            save();
        }
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

double TrainingRun::seconds() const {
    return m_secondsBefore +
           (m_settings.clock == RunClock::Wall && m_start ? secondsSince(*m_start) : 0.0);
}

double TrainingRun::tokensPerSecond() const {
    const std::int64_t tokens = (stepsDone() - m_lapStep) * m_trainer.tokensPerStep();
    return tokens > 0 && m_lap ? static_cast<double>(tokens) / secondsSince(*m_lap) : 0.0;
}

double TrainingRun::secondsLeft() const {
    const auto done = static_cast<double>(stepsDone() - m_firstStep);
    const double spent = m_start ? secondsSince(*m_start) : 0.0;
    return spent / std::max(1.0, done) * static_cast<double>(steps() - stepsDone());
}

} // namespace depthscope::train
