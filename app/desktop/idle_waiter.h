// SPDX-License-Identifier: MIT
// Tells when the laboratory has nothing outstanding and the window has settled. Asks now and then:
// there is no single event for "nothing more will come". GUI thread.
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

    /// The laboratory alone, or trainings and measurements beside it too.
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
    int m_quiet = 0; ///< times in a row that nothing was outstanding
};

} // namespace depthscope::desktop
