// SPDX-License-Identifier: MIT
// How long the GUI thread keeps a timer waiting. GUI thread; owned by a bench.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <vector>

namespace depthscope::desktop {

class Heartbeat : public QObject {
    Q_OBJECT

public:
    static constexpr int kMilliseconds = 5;

    explicit Heartbeat(QObject* parent = nullptr)
        : QObject(parent) {
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(kMilliseconds);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            m_beats.push_back(static_cast<double>(m_since.nsecsElapsed()) / 1e6);
            m_since.restart();
        });
    }

    /// Forgets what was measured before.
    void start() {
        m_beats.clear();
        m_since.start();
        m_timer.start();
    }

    void stop() { m_timer.stop(); }

    /// Milliseconds between two beats since start().
    [[nodiscard]] const std::vector<double>& beats() const { return m_beats; }

private:
    QTimer m_timer;
    QElapsedTimer m_since;
    std::vector<double> m_beats;
};

} // namespace depthscope::desktop
