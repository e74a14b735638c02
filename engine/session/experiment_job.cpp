// SPDX-License-Identifier: MIT
#include "engine/session/experiment_job.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/session/threads.h"

#include <algorithm>

namespace depthscope::session {

namespace {

/// Of a cell's progress; the rest is scoring.
constexpr double kTrainingShare = 0.85;

} // namespace

bool ExperimentJob::step() {
    // One thread of the CPU: then processor time is the time of the work, whatever else runs.
    useThreads(1);
    if (!m_lock) {
        begin();
    }
    if (!m_prepared) {
        m_prepared = !prepareOnce();
    } else if (!m_run) {
        if (!nextCell()) {
            publishPage();
            return false;
        }
    } else if (!m_run->isDone()) {
        trainOnce();
    } else if (!scoreOnce()) {
        finishCell();
    }
    if (outOfTime()) {
        saveRest();
        publishPage();
        return false;
    }
    return true;
}

std::filesystem::path ExperimentJob::checkpoint(std::size_t cell) const {
    return folder() / (nameOf(cell) + ".checkpoint.safetensors");
}

bool ExperimentJob::outOfTime() const {
    const std::chrono::duration<double> spent = Clock::now() - m_start;
    return m_request.minutes > 0 && spent.count() > m_request.minutes * 60;
}

void ExperimentJob::begin() {
    makeFolder(folder());
    m_lock.emplace(folder());
    for (std::size_t cell = 0; cell < cells(); ++cell) {
        const bool started = readResult(cell) || std::filesystem::exists(checkpoint(cell));
        if (started && !m_request.resume) {
            throw Error(ErrorCode::Usage,
                        fmt::format("{} already holds results", folder().string()),
                        "Add --resume to continue them, or choose another --out folder.");
        }
    }
}

bool ExperimentJob::nextCell() {
    for (std::size_t cell = 0; cell < cells(); ++cell) {
        if (!isFinished(cell) && isPossible(cell)) {
            startCell(cell);
            return true;
        }
    }
    return false;
}

void ExperimentJob::startCell(std::size_t cell) {
    m_cell = cell;
    const Training training = start(cell);
    m_seconds = training.seconds;
    train::RunSettings settings;
    settings.checkpoint = checkpoint(cell);
    settings.clock = train::RunClock::Processor;
    settings.seconds = training.seconds;
    m_run.emplace(training.trainer, *training.objective, std::move(settings));
    if (std::filesystem::exists(checkpoint(cell))) {
        m_run->resume();
    }
}

void ExperimentJob::trainOnce() {
    m_run->advance();
    const double share = m_seconds > 0 ? m_run->seconds() / m_seconds
                                       : static_cast<double>(m_run->stepsDone()) /
                                             static_cast<double>(m_run->steps());
    if (m_run->isEvaluationDue()) {
        const double loss = m_run->evaluate().metric("val_loss");
        m_run->save();
        m_lastTold = {};
        tell(share * kTrainingShare,
             fmt::format("{}: {} steps, {} s, validation {:f}", nameOf(m_cell), m_run->stepsDone(),
                         static_cast<int>(m_run->seconds()), loss));
    } else {
        tell(share * kTrainingShare,
             fmt::format("{}: {} steps, {} s", nameOf(m_cell), m_run->stepsDone(),
                         static_cast<int>(m_run->seconds())));
    }
    if (m_run->isDone()) {
        m_lastTold = {};
        tell(kTrainingShare, fmt::format("{}: measuring the model", nameOf(m_cell)));
    }
}

void ExperimentJob::tell(double share, const std::string& what) {
    constexpr std::chrono::seconds kTellEvery(2);
    const Clock::time_point now = Clock::now();
    if (now - m_lastTold < kTellEvery) {
        return;
    }
    m_lastTold = now;
    const runtime::ExperimentReport done = tally();
    const double fraction = (done.done + std::clamp(share, 0.0, 1.0)) / std::max(1, done.cells);
    m_firstFraction = m_firstFraction.value_or(fraction);
    const double made = fraction - *m_firstFraction;
    const std::chrono::duration<double> spent = now - m_start;
    const double left = made > 0 ? spent.count() / made * (1 - fraction) : -1;
    m_publish(runtime::JobProgress{m_id, fraction, left, what});
}

void ExperimentJob::saveRest() noexcept {
    if (m_run && !m_run->saveRest()) {
        m_publish(runtime::JobProgress{m_id, 0, -1, "the last steps could not be saved"});
    }
}

void ExperimentJob::finishCell() {
    finish(m_cell, m_run->curve());
    runtime::ExperimentReport report = tally();
    report.cell = nameOf(m_cell);
    report.valLoss = m_run->curve().back().metric("val_loss");
    m_run.reset();
    std::error_code ignored;
    std::filesystem::remove(checkpoint(m_cell), ignored);
    m_publish(report);
}

runtime::ExperimentReport ExperimentJob::tally() const {
    runtime::ExperimentReport report;
    report.job = m_id;
    report.unit = unit();
    report.cells = static_cast<int>(cells());
    for (std::size_t cell = 0; cell < cells(); ++cell) {
        report.done += isFinished(cell) ? 1 : 0;
    }
    return report;
}

void ExperimentJob::write(const std::string& name, const std::string& text) const {
    AtomicFile file(folder() / name);
    file.write(text);
    file.commit();
}

void ExperimentJob::publishPage() {
    runtime::ExperimentReport report = tally();
    report.page = page();
    write("results.md", report.page);
    writeMore();
    m_publish(report);
}

} // namespace depthscope::session
