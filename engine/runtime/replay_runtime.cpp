// SPDX-License-Identifier: MIT
#include "engine/runtime/replay_runtime.h"

#include "engine/base/text.h"
#include "engine/recording/reader.h"
#include "engine/runtime/clip_pictures.h"

#include <optional>
#include <utility>

namespace depthscope::runtime {

ReplayRuntime::ReplayRuntime(std::filesystem::path path, Wake wake)
    : m_path(std::move(path))
    , m_events(std::move(wake))
    , m_thread([this](const std::stop_token& stop) { replay(stop); }) {}

JobId ReplayRuntime::submit(Request /*request*/) {
    const JobId job = m_nextId++;
    m_events.push(
        JobEnded{.job = job,
                 .replaced = false,
                 .error = Error(ErrorCode::Usage,
                                "This is a recording: it replays results and computes nothing new",
                                "Choose a model to go live.")});
    return job;
}

void ReplayRuntime::stop(JobId job) {
    if (job == kReading) {
        m_thread.request_stop();
    }
}

void ReplayRuntime::stopAll() {
    m_thread.request_stop();
}

std::vector<Event> ReplayRuntime::drain() {
    return m_events.drain();
}

std::shared_ptr<const recording::Recording> ReplayRuntime::recording() const {
    const std::scoped_lock lock(m_mutex);
    return m_recording;
}

void ReplayRuntime::replay(const std::stop_token& stop) {
    m_events.push(JobStarted{kReading});
    std::optional<Error> error;
    try {
        auto opened =
            std::make_shared<const recording::Recording>(recording::readRecording(m_path, stop));
        {
            const std::scoped_lock lock(m_mutex);
            m_recording = std::move(opened);
        }
        publish(stop);
    } catch (const Error& thrown) {
        error = thrown;
    } catch (const std::exception& thrown) {
        error = Error(ErrorCode::Internal, fmt::format("{}: {}", m_path.string(), thrown.what()));
    }
    m_events.push(JobEnded{.job = kReading, .replaced = false, .error = std::move(error)});
}

trace::StepPtr ReplayRuntime::shownStep(const trace::StepPtr& step) const {
    try {
        return unpacked(step);
    } catch (const Error& error) {
        throw Error(error.code(),
                    fmt::format("{}: step {}: {}", m_path.string(), step->step, error.message()),
                    error.hint());
    }
}

void ReplayRuntime::publish(const std::stop_token& stop) {
    const std::shared_ptr<const recording::Recording> held = recording();
    if (held->steps.empty()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: the recording contains no steps", m_path.string()),
                    "It was stopped before the first step; record it again.");
    }
    std::shared_ptr<const spec::ModelInfo> shown;
    for (const trace::StepPtr& step : held->steps) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted,
                        fmt::format("{}: stopped before the last step was shown", m_path.string()));
        }
        if (step->key == trace::kMainRun && step->model != shown) {
            shown = step->model;
            m_events.push(ModelLoaded{.job = kReading, .role = ModelRole::Main, .model = shown});
        }
        m_events.push(StepPublished{kReading, shownStep(step)}, stop);
    }
}

} // namespace depthscope::runtime
