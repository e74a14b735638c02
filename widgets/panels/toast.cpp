// SPDX-License-Identifier: MIT
#include "widgets/panels/toast.h"

#include <QDir>
#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <algorithm>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr int kMilliseconds = 8000;
constexpr int kAboveFoot = 48;
constexpr int kSideRoom = 64;

} // namespace

Toast::Toast(QWidget* window)
    : QFrame(window) {
    setObjectName(QStringLiteral("toast"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(12);
    m_text = new QLabel(this);
    m_button = new QPushButton(this);
    m_button->setObjectName(QStringLiteral("toast.action"));
    m_button->setAccessibleName(tr("What the message offers"));
    row->addWidget(m_text, 1);
    row->addWidget(m_button);
    auto* close = new QPushButton(QStringLiteral("\u00D7"), this);
    close->setObjectName(QStringLiteral("toast.close"));
    close->setAccessibleName(tr("Close the message"));
    close->setFlat(true);
    row->addWidget(close);
    hide();
    m_leave.setSingleShot(true);
    m_leave.setInterval(kMilliseconds);
    connect(&m_leave, &QTimer::timeout, this, &QWidget::hide);
    connect(m_button, &QPushButton::clicked, this, [this] {
        hide();
        m_action();
    });
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    window->installEventFilter(this);
}

void Toast::showMessage(const QString& message) {
    showMessage(message, {}, {});
}

void Toast::showMessage(const QString& message,
                        const QString& button,
                        std::function<void()> action) {
    m_text->setText(message);
    setAccessibleName(message);
    m_button->setText(button);
    if (!button.isEmpty()) {
        m_button->setAccessibleName(button);
    }
    m_button->setVisible(!button.isEmpty());
    m_action = std::move(action);
    place();
    show();
    raise();
    m_leave.start();
}

void Toast::showSaved(const QString& file) {
    const QFileInfo info(file);
    showMessage(
        tr("Saved %1 in %2.").arg(info.fileName(), QDir::toNativeSeparators(info.absolutePath())));
}

QString Toast::text() const {
    return m_text->text();
}

void Toast::place() {
    const QWidget* window = parentWidget();
    const int room = std::max(200, window->width() - 2 * kSideRoom);
    m_text->setWordWrap(false);
    layout()->activate();
    const int wanted = sizeHint().width();
    m_text->setWordWrap(wanted > room);
    const int width = std::min(wanted, room);
    const int height = hasHeightForWidth() ? heightForWidth(width) : sizeHint().height();
    setGeometry((window->width() - width) / 2, window->height() - kAboveFoot - height, width,
                height);
}

bool Toast::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && isVisible()) {
        place();
    }
    return QFrame::eventFilter(watched, event);
}

void Toast::mousePressEvent(QMouseEvent*) {
    hide();
}

} // namespace depthscope::panels
