// SPDX-License-Identifier: MIT
#include "widgets/panels/toast.h"

#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/panel_dock.h"

#include <QAbstractButton>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabBar>
#include <algorithm>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr int kMilliseconds = 8000;
constexpr int kFollowMilliseconds = 100;
constexpr int kAboveFoot = 16;
constexpr int kSideRoom = 16;
constexpr int kLeastWidth = 200;
constexpr int kLeastHeight = 120; ///< with its head, and two lines over it
constexpr int kStep = 8;

/// What answers the pointer where it is pressed; of instruments those that are all control.
bool isControl(const QWidget& widget) {
    if (const auto* panel = qobject_cast<const InstrumentPanel*>(&widget)) {
        return panel->instrument().traits().axis == instruments::Axis::Overview;
    }
    return qobject_cast<const QAbstractButton*>(&widget) ||
           qobject_cast<const QAbstractSlider*>(&widget) ||
           qobject_cast<const QAbstractSpinBox*>(&widget) ||
           qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QLineEdit*>(&widget) ||
           qobject_cast<const QTabBar*>(&widget);
}

QRect areaIn(const QWidget& window, const QWidget& widget) {
    return {widget.mapTo(&window, QPoint()), widget.size()};
}

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
    m_follow.setInterval(kFollowMilliseconds);
    connect(&m_follow, &QTimer::timeout, this, &Toast::follow);
    connect(m_button, &QPushButton::clicked, this, [this] {
        hide();
        m_action();
    });
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
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
    m_follow.start();
}

void Toast::showSaved(const QString& file) {
    const QFileInfo info(file);
    showMessage(
        tr("Saved %1 in %2.").arg(info.fileName(), QDir::toNativeSeparators(info.absolutePath())));
}

QString Toast::text() const {
    return m_text->text();
}

/// Of the column of the largest one the lowest that is no control; the window where none is in
/// sight.
QRect Toast::panelBelow() const {
    QList<QRect> panels;
    for (const PanelDock* dock : parentWidget()->findChildren<PanelDock*>()) {
        if (dock->isVisible() && !dock->isFloating() && !isControl(*dock->widget()) &&
            parentWidget()->rect().contains(dock->geometry())) {
            panels << dock->geometry();
        }
    }
    if (panels.isEmpty()) {
        return parentWidget()->rect();
    }
    const QRect largest = *std::ranges::max_element(
        panels, {}, [](const QRect& panel) { return panel.width() * panel.height(); });
    const auto isLow = [](const QRect& panel) { return panel.height() < kLeastHeight; };
    panels.removeIf([&](const QRect& panel) {
        return panel.left() != largest.left() || (isLow(panel) && panel != largest);
    });
    return *std::ranges::max_element(panels, {}, &QRect::bottom);
}

/// At the foot of the panel; above what would be covered, where it has controls there.
QRect Toast::freePlace(QSize size) const {
    const QWidget* window = parentWidget();
    QList<QRect> taken;
    for (const QWidget* widget : window->findChildren<QWidget*>()) {
        if (widget->isVisible() && widget->window() == window && !isAncestorOf(widget) &&
            isControl(*widget)) {
            taken << areaIn(*window, *widget);
        }
    }
    const QRect foot(m_panel.center().x() - size.width() / 2,
                     m_panel.bottom() - kAboveFoot - size.height(), size.width(), size.height());
    const auto isFree = [&](const QRect& place) {
        return std::ranges::none_of(taken,
                                    [&](const QRect& each) { return each.intersects(place); });
    };
    for (QRect place = foot; place.top() > m_panel.top(); place.translate(0, -kStep)) {
        if (isFree(place)) {
            return place;
        }
    }
    return foot;
}

void Toast::place() {
    m_panel = panelBelow();
    const int room = std::max(kLeastWidth, m_panel.width() - 2 * kSideRoom);
    m_text->setWordWrap(false);
    layout()->activate();
    const int wanted = sizeHint().width();
    m_text->setWordWrap(wanted > room);
    const int width = std::min(wanted, room);
    const int height = hasHeightForWidth() ? heightForWidth(width) : sizeHint().height();
    setGeometry(freePlace({width, height}));
}

/// Panels come, go and move under it.
void Toast::follow() {
    if (panelBelow() != m_panel) {
        place();
    } else if (const QRect free = freePlace(size()); free != geometry()) {
        setGeometry(free);
    }
    if (parentWidget()->children().constLast() != this) {
        raise();
    }
}

void Toast::hideEvent(QHideEvent* event) {
    QFrame::hideEvent(event);
    m_follow.stop();
}

void Toast::mousePressEvent(QMouseEvent*) {
    hide();
}

} // namespace depthscope::panels
