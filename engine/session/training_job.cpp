// SPDX-License-Identifier: MIT
#include "engine/session/training_job.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/nn/memory.h"
#include "engine/session/threads.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <cmath>

namespace depthscope::session {

namespace {

double wallTime() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace

void TrainingJob::saveRest() noexcept {
    if (m_run && !m_run->saveRest()) {
        m_publish(runtime::JobProgress{m_id, 0, -1, "the last steps could not be saved"});
    }
}

bool TrainingJob::step() {
    useThreads(m_workspace.backgroundThreads);
    if (!m_run) {
        const bool started = isStarted();
        if (gather(started)) {
            prepare(started);
        }
        return true;
    }
    if (m_finished) {
        return writeReport();
    }
    if (!m_run->isDone()) {
        trainOnce();
    }
    const bool outOfTime = m_request.minutes > 0 && m_run->seconds() > m_request.minutes * 60;
    if (!outOfTime && !m_run->isEvaluationDue()) {
        return true;
    }
    evaluate();
    if (m_run->isDone()) {
        say(1, "writing the model");
        finish();
        m_finished = true;
    }
    return m_run->isDone() || !outOfTime;
}

void TrainingJob::say(double fraction, const std::string& what) const {
    m_publish(runtime::JobProgress{m_id, fraction, -1, what});
}

void TrainingJob::lock() {
    std::error_code error;
    if (!m_lock && std::filesystem::is_directory(folder(), error)) {
        m_lock.emplace(folder()); // minutes before anything is written there
    }
}

/// A checkpoint is there, and may be resumed.
bool TrainingJob::isStarted() const {
    std::error_code ignored; // a folder that cannot be is refused when it is made
    const bool started = std::filesystem::exists(checkpoint(), ignored);
    if (started && !m_request.resume) {
        throw Error(ErrorCode::Usage, fmt::format("{} already exists", checkpoint().string()),
                    "Add --resume to continue it, or choose another --out folder.");
    }
    return started;
}

void TrainingJob::prepare(bool started) {
    const train::TrainerSettings settings = begin(started);
    train::RunSettings run;
    run.checkpoint = checkpoint();
    run.circumstances = circumstances(settings.autocast);
    m_run.emplace(settings, objective(), std::move(run));
    nn::resetPeakMemory(m_workspace.device);
    if (started) {
        resume();
    }
    claimFolder(started);
    m_events.emplace(folder(), wallTime());
}

/// All inputs are checked: from here on files are written.
void TrainingJob::claimFolder(bool started) {
    makeFolder(folder());
    lock();
    if (!started && std::filesystem::exists(checkpoint())) {
        throw Error(ErrorCode::Usage,
                    fmt::format("another training has just written {}", checkpoint().string()),
                    "Choose another --out folder, or add --resume.");
    }
    claimed();
}

void TrainingJob::requireMemory(const std::string& name,
                                double bytes,
                                const std::string& samples) const {
    const double there = nn::physicalBytes(m_workspace.device);
    if (bytes > there) {
        const auto gibibytes = [](double count) {
            return fmt::format("{} GiB", std::lround(count / 1073741824.0));
        };
        throw Error(ErrorCode::OutOfMemory,
                    fmt::format("training {} needs about {} ({} at a time); this device has {}",
                                name, gibibytes(bytes), samples, gibibytes(there)),
                    "Choose a smaller preset, or a machine with more memory.");
    }
}

void TrainingJob::resume() {
    m_run->resume();
    if (!m_run->differences().empty()) {
        say(0, fmt::format("resumed, but not bit for bit: {}", m_run->differences().front()));
    }
}

/// What a run must share with the one that it resumes to go on bit for bit.
std::map<std::string, std::string> TrainingJob::circumstances(bool autocast) const {
    return {{"device", m_workspace.device.str()},
            {"threads", std::to_string(m_workspace.backgroundThreads)},
            {"kernels", at::get_cpu_capability()},
            {"libtorch", TORCH_VERSION},
            {"autocast", autocast ? "bfloat16" : "none"}};
}

void TrainingJob::trainOnce() {
    m_run->advance();
    constexpr std::chrono::seconds kReportEvery(2);
    const Clock::time_point now = Clock::now();
    if (now - m_lastTold < kReportEvery) {
        return;
    }
    m_lastTold = now;
    m_publish(runtime::JobProgress{
        m_id, static_cast<double>(m_run->stepsDone()) / static_cast<double>(m_run->steps()),
        m_run->secondsLeft(), fmt::format("step {} of {}", m_run->stepsDone(), m_run->steps())});
}

void TrainingJob::evaluate() {
    runtime::TrainReport report;
    report.tokensPerSecond = m_run->tokensPerSecond();
    const train::Evaluation& evaluation = m_run->evaluate();
    report.job = m_id;
    report.step = evaluation.step;
    report.steps = m_run->steps();
    report.trainLoss = evaluation.trainLoss;
    report.valLoss = evaluation.metric("val_loss");
    report.peakBytes = nn::memoryUse(m_workspace.device).peak;
    report.seconds = evaluation.seconds;
    fill(evaluation, report);
    keep(evaluation);
    m_publish(report);
    if (m_request.trace) {
        publishTrace();
    }
}

/// The last checkpoint, the best weights, and the curve in both forms.
void TrainingJob::keep(const train::Evaluation& evaluation) {
    m_run->save();
    if (m_run->isBest()) {
        withMeasured([this] { saveBest(folder() / "best"); });
    }
    AtomicFile csv(folder() / "metrics.csv");
    csv.write(train::curveCsv(m_run->curve()));
    csv.commit();
    const double now = wallTime();
    if (std::isfinite(evaluation.trainLoss)) {
        m_events->scalar("loss/train", evaluation.step, now, evaluation.trainLoss);
    }
    for (const train::Metric& metric : evaluation.metrics) {
        m_events->scalar(train::eventTag(metric.name), evaluation.step, now, metric.value);
    }
    m_events->flush();
}

bool TrainingJob::writeReport() {
    double fraction = 0;
    if (report(fraction)) {
        constexpr std::chrono::milliseconds kReportEvery(200);
        if (Clock::now() - m_lastTold > kReportEvery) {
            m_lastTold = Clock::now();
            say(fraction, "scoring the finished model");
        }
        return true;
    }
    AtomicFile file(folder() / "training.json");
    file.write(reportText());
    file.commit();
    return false;
}

} // namespace depthscope::session
