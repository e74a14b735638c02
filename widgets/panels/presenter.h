// SPDX-License-Identifier: MIT
// The window as a lecture needs it: the text or the pictures, their depth, SAVED / LOST and the
// sliders, large, on the whole screen and without bars; and back to exactly the layout and the
// state of the window that were there before. GUI thread; the window owns it.
#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QSize>

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

    [[nodiscard]] const QByteArray& geometryBefore() const { return m_geometry; }

Q_SIGNALS:
    void changed(bool on);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void enter();
    void leave();
    void fitZoom();

    MainWindow& m_window;
    DockBoard& m_docks;
    QByteArray m_layout;   ///< of before
    QByteArray m_geometry; ///< of before
    Qt::WindowStates m_state;
    QSize m_size;
    double m_zoom = 1; ///< of before
    QList<QWidget*> m_bars;
    bool m_on = false;
    bool m_returns = false; ///< to the size of before, which the window does not have yet
};

} // namespace depthscope::panels
