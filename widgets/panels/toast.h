// SPDX-License-Identifier: MIT
// A short notice at the bottom of the window that disappears by itself and moves nothing.
// GUI thread; the window it lies on owns it.
#pragma once

#include <QLabel>
#include <QTimer>

namespace depthscope::panels {

class Toast : public QLabel {
    Q_OBJECT

public:
    explicit Toast(QWidget* window);

    void showMessage(const QString& message);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void place();

    QTimer m_leave;
};

} // namespace depthscope::panels
