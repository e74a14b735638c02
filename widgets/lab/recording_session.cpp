// SPDX-License-Identifier: MIT
#include "widgets/lab/recording_session.h"

#include "engine/base/error.h"
#include "engine/runtime/replay_runtime.h"

#include <QFileInfo>
#include <QMetaObject>
#include <algorithm>
#include <exception>
#include <utility>

namespace depthscope::lab {

RecordingSession::RecordingSession(const Backends& backends, QObject* parent)
    : QObject(parent)
    , m_backends(backends) {}

void RecordingSession::open(const QString& file, runtime::Wake wake) {
    std::unique_ptr<runtime::Runtime> replay =
        m_backends.replay(file.toStdString(), std::move(wake));
    m_replay = std::move(replay);
    m_file = QFileInfo(file).absoluteFilePath();
    m_jobs.clear();
    m_stage = Stage::Opening;
}

void RecordingSession::close() {
    m_replay.reset();
    m_file.clear();
    m_jobs.clear();
    m_stage = Stage::Settled;
}

std::vector<runtime::Event> RecordingSession::drain() {
    return m_replay ? m_replay->drain() : std::vector<runtime::Event>{};
}

std::shared_ptr<const recording::Recording> RecordingSession::recording() const {
    const auto* replay = dynamic_cast<const runtime::ReplayRuntime*>(m_replay.get());
    return replay ? replay->recording() : nullptr;
}

bool RecordingSession::idle() const {
    return m_jobs.empty() && m_stage == Stage::Settled && !m_saving;
}

void RecordingSession::stopReading() {
    if (m_replay) {
        m_replay->stopAll();
    }
}

void RecordingSession::save(const QString& file, recording::Recording recording) {
    m_saving = true; // the one before has ended: waiting for it would stop the window
    const std::vector<trace::StepPtr>& steps = recording.steps;
    const auto newest = std::find_if(steps.rbegin(), steps.rend(), [](const trace::StepPtr& step) {
        return step->key == trace::kMainRun;
    });
    const trace::StepPtr last = newest != steps.rend() ? *newest : nullptr;
    m_saver =
        std::jthread([this, file, last, recording = std::move(recording), write = m_backends.save] {
            QString message;
            QString hint;
            try {
                write(file.toStdString(), recording);
            } catch (const Error& error) {
                message = QString::fromStdString(error.message());
                hint = QString::fromStdString(error.hint());
            } catch (const std::exception& error) {
                message = QString::fromUtf8(error.what());
            }
            QMetaObject::invokeMethod(
                this,
                [this, file, last, message, hint] {
                    m_saving = false;
                    m_savedStep = message.isEmpty() ? last : m_savedStep;
                    Q_EMIT saved(file, message, hint);
                },
                Qt::QueuedConnection);
        });
}

} // namespace depthscope::lab
