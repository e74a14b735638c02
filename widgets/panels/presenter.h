// SPDX-License-Identifier: MIT
// The window as a lecture needs it: the text or the pictures, their depth, SAVED / LOST and the
// sliders, large, without bars; and back to exactly the layout that was there before. GUI thread;
// the window owns it.
#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>

class QWidget;

namespace depthscope::panels {

class DockBoard;
class MainWindow;

class Presenter : public QObject {
    Q_OBJECT

public:
    Presenter(MainWindow& window, DockBoard& docks);

    [[nodiscard]] bool isOn() const { return m_on; }

    void setOn(bool on);

    /// To go back to, and what a later start shows; only while it is on.
    [[nodiscard]] const QByteArray& layoutBefore() const { return m_layout; }

    [[nodiscard]] double zoomBefore() const { return m_zoom; }

Q_SIGNALS:
    void changed(bool on);

private:
    void enter();
    void leave();

    MainWindow& m_window;
    DockBoard& m_docks;
    QByteArray m_layout; ///< of before
    double m_zoom = 1;   ///< of before
    QList<QWidget*> m_bars;
    bool m_on = false;
};

} // namespace depthscope::panels
