// SPDX-License-Identifier: MIT
// What the laboratory tells the window, and how often: activities that are over in a moment are not
// told, traces of a generation at most once a frame. The base of LabController. GUI thread; throws
// nothing.
#pragma once

#include "engine/base/error.h"
#include "engine/runtime/event.h"
#include "widgets/lab/job_book.h"

#include <QObject>
#include <QString>
#include <QTimer>

namespace depthscope::lab {

class LabNews : public QObject {
    Q_OBJECT

public:
    [[nodiscard]] virtual Activity activity() const = 0;

    /// The same without what is over in a moment.
    [[nodiscard]] Activity shownActivity() const { return m_shown; }

Q_SIGNALS:
    void traceChanged();
    void settingsChanged();
    void settingsInForce(quint64 revision);
    void promptChanged();
    void cursorChanged();
    void modelChanged();
    void sourceChanged();
    void statusChanged(const depthscope::runtime::EngineStatus& status);
    /// Of shownActivity().
    void activityChanged();
    void progress(const QString& what, double fraction, double secondsLeft);
    void noticeRaised(const QString& message);
    void errorRaised(const QString& title, const QString& message, const QString& hint);
    /// What an error of this title complained of has since been done.
    void errorSettled(const QString& title);
    void recordingSaved(const QString& file);
    /// Progress, reports and the end of a task.
    void taskEvent(const depthscope::runtime::Event& event);
    void trainingChanged();
    void clipChanged();

protected:
    explicit LabNews(QObject* parent);

    /// After anything that may change activity().
    void reportActivity();
    /// `keepComing`: more steps follow at once; one signal then stands for all of a frame.
    void reportTrace(bool keepComing);
    void reportProgress(const runtime::JobProgress& news);
    void raise(const QString& title, const Error& error);

private:
    void showActivity();

    Activity m_shown = Activity::Idle;
    QTimer m_activityLater;
    QTimer m_traceLater;
};

} // namespace depthscope::lab
