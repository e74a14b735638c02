// SPDX-License-Identifier: MIT
// A short notice that disappears by itself and moves nothing, with at most one thing to do. It lies
// at the foot of the widest column of the window and covers no control. GUI thread; the window it
// lies on owns it.
#pragma once

#include <QFrame>
#include <QRect>
#include <QString>
#include <QTimer>
#include <functional>

class QLabel;
class QPushButton;

namespace depthscope::panels {

class Toast : public QFrame {
    Q_OBJECT

public:
    explicit Toast(QWidget* window);

    void showMessage(const QString& message);
    /// With a button that does something and closes the notice.
    void showMessage(const QString& message, const QString& button, std::function<void()> action);

    /// Which file was saved, and where.
    void showSaved(const QString& file);

    [[nodiscard]] QString text() const;

protected:
    void hideEvent(QHideEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void place();
    void follow();
    [[nodiscard]] QRect panelBelow() const;
    [[nodiscard]] QRect freePlace(QSize size) const;

    QTimer m_leave;
    QTimer m_follow; ///< while it is shown
    QRect m_panel;   ///< that it was placed on
    QLabel* m_text = nullptr;
    QPushButton* m_button = nullptr;
    std::function<void()> m_action;
};

} // namespace depthscope::panels
