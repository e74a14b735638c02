// SPDX-License-Identifier: MIT
// Reports when the laboratory has no pending work and the window has settled. Polls, since no
// single event means "nothing more will come". GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace depthscope::lab {
class LabController;
}

namespace depthscope::desktop {

class IdleWaiter : public QObject {
    Q_OBJECT

public:
    explicit IdleWaiter(const lab::LabController& lab, QObject* parent = nullptr);

    /// Only the laboratory, or also trainings and measurements.
    enum class For { Lab, Tasks };

    void start(double seconds, For what = For::Lab);

Q_SIGNALS:
    void idle();
    void timedOut();

private:
    void ask();

    const lab::LabController& m_lab;
    QTimer m_timer;
    QElapsedTimer m_since;
    double m_seconds = 0;
    For m_what = For::Lab;
    int m_quiet = 0; ///< consecutive checks without pending work
};

} // namespace depthscope::desktop
