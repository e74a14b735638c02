// SPDX-License-Identifier: MIT
#include "widgets/lab/lab_news.h"

namespace depthscope::lab {

namespace {

/// Decoded tokens come faster than a window need be painted: more often would take the engine's
/// time and show no more.
constexpr int kFrameMilliseconds = 40;

/// What is over sooner is not shown as activity.
constexpr int kMomentMilliseconds = 200;

} // namespace

LabNews::LabNews(QObject* parent)
    : QObject(parent) {
    m_activityLater.setSingleShot(true);
    m_activityLater.setInterval(kMomentMilliseconds);
    connect(&m_activityLater, &QTimer::timeout, this, &LabNews::showActivity);
    m_traceLater.setSingleShot(true);
    m_traceLater.setInterval(kFrameMilliseconds);
    connect(&m_traceLater, &QTimer::timeout, this, &LabNews::traceChanged);
}

void LabNews::reportTrace(bool keepComing) {
    if (!keepComing) {
        m_traceLater.stop();
        Q_EMIT traceChanged();
    } else if (!m_traceLater.isActive()) {
        m_traceLater.start();
    }
}

void LabNews::reportActivity() {
    const Activity now = activity();
    if (now == Activity::Routing || now == Activity::Measuring) {
        if (m_shown != now && !m_activityLater.isActive()) {
            m_activityLater.start();
        }
        return;
    }
    m_activityLater.stop();
    showActivity();
}

void LabNews::showActivity() {
    const Activity now = activity();
    if (now != m_shown) {
        m_shown = now;
        Q_EMIT activityChanged();
    }
}

void LabNews::reportProgress(const runtime::JobProgress& news) {
    if (m_activityLater.isActive()) {
        return; // too brief to be shown so far, and then nothing would take its progress away
    }
    Q_EMIT progress(QString::fromStdString(news.what), news.fraction, news.secondsLeft);
}

void LabNews::raise(const QString& title, const Error& error) {
    Q_EMIT errorRaised(title, QString::fromStdString(error.message()),
                       QString::fromStdString(error.hint()));
}

} // namespace depthscope::lab
