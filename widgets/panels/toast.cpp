// SPDX-License-Identifier: MIT
#include "widgets/panels/toast.h"

#include <QEvent>
#include <algorithm>

namespace depthscope::panels {

namespace {

constexpr int kMilliseconds = 8000;
constexpr int kAboveFoot = 48;
constexpr int kSideRoom = 64;

} // namespace

Toast::Toast(QWidget* window)
    : QLabel(window) {
    setObjectName(QStringLiteral("toast"));
    setAlignment(Qt::AlignCenter);
    setWordWrap(true);
    hide();
    m_leave.setSingleShot(true);
    m_leave.setInterval(kMilliseconds);
    connect(&m_leave, &QTimer::timeout, this, &QWidget::hide);
    window->installEventFilter(this);
}

void Toast::showMessage(const QString& message) {
    setText(message);
    setAccessibleName(message);
    place();
    show();
    raise();
    m_leave.start();
}

void Toast::place() {
    const QWidget* window = parentWidget();
    const int room = std::max(200, window->width() - 2 * kSideRoom);
    setWordWrap(false);
    const int wanted = sizeHint().width();
    setWordWrap(wanted > room);
    const int width = std::min(wanted, room);
    const int height = hasHeightForWidth() ? heightForWidth(width) : sizeHint().height();
    setGeometry((window->width() - width) / 2, window->height() - kAboveFoot - height, width,
                height);
}

bool Toast::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && isVisible()) {
        place();
    }
    return QLabel::eventFilter(watched, event);
}

void Toast::mousePressEvent(QMouseEvent*) {
    hide();
}

} // namespace depthscope::panels
