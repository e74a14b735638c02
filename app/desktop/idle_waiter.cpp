// SPDX-License-Identifier: MIT
#include "app/desktop/idle_waiter.h"

#include "widgets/lab/lab_controller.h"

namespace depthscope::desktop {

namespace {

constexpr int kAskMilliseconds = 15;
/// A wake-up that is on its way, and the paint after it, need a few turns of the event loop.
constexpr int kQuietTimes = 4;

} // namespace

IdleWaiter::IdleWaiter(const lab::LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    m_timer.setInterval(kAskMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &IdleWaiter::ask);
}

void IdleWaiter::start(double seconds, For what) {
    m_what = what;
    m_seconds = seconds;
    m_quiet = 0;
    m_since.start();
    m_timer.start();
}

void IdleWaiter::ask() {
    const bool quiet = m_lab.idle() && (m_what == For::Lab || !m_lab.hasTasks());
    m_quiet = quiet ? m_quiet + 1 : 0;
    if (m_quiet >= kQuietTimes) {
        m_timer.stop();
        Q_EMIT idle();
    } else if (static_cast<double>(m_since.elapsed()) > 1000 * m_seconds) {
        m_timer.stop();
        Q_EMIT timedOut();
    }
}

} // namespace depthscope::desktop
