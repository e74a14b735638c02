// SPDX-License-Identifier: MIT
// Runs a script in a window through its actions and controls, one step per event-loop iteration.
// GUI thread; owned by the program; idle once the window has gone.
#pragma once

#include "app/desktop/idle_waiter.h"
#include "app/desktop/script.h"

#include <QObject>
#include <QString>
#include <vector>

class QComboBox;
class QWidget;

namespace depthscope::panels {
class MainWindow;
}

namespace depthscope::desktop {

class ScriptRunner : public QObject {
    Q_OBJECT

public:
    ScriptRunner(panels::MainWindow& window, std::vector<Step> steps, QObject* parent = nullptr);

    void start();

Q_SIGNALS:
    void finished();
    /// `index` from 0, and why.
    void failed(qsizetype index, const QString& reason);

private:
    void next();
    void perform(const Step& step);
    void set(const Step& step);
    void setControl(QWidget& control, const QJsonValue& to);
    [[nodiscard]] static int indexIn(const QComboBox& choice, const QString& name);
    [[nodiscard]] QWidget& pressed() const;
    void press(const QString& keys);
    void click(const Step& step);
    void trigger(const QString& name);
    void exportPanel(const Step& step);
    void dump(const QString& file);
    void await(double seconds, bool failsOnError, IdleWaiter::For what = IdleWaiter::For::Lab);
    void fail(const QString& reason);

    panels::MainWindow& m_window;
    std::vector<Step> m_steps;
    std::size_t m_at = 0;
    IdleWaiter m_idle;
    QString m_lastError;
    bool m_waiting = false;
    bool m_failsOnError = false;
    bool m_failed = false;
};

} // namespace depthscope::desktop
