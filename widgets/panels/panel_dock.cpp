// SPDX-License-Identifier: MIT
#include "widgets/panels/panel_dock.h"

#include "widgets/panels/theme_style.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QToolButton>
#include <cmath>

namespace depthscope::panels {

PanelDock::PanelDock(const QString& id, const QString& title, QWidget* parent)
    : QDockWidget(title, parent) {
    setObjectName(QStringLiteral("dock.") + id);
    setAccessibleName(title);
    auto* head = new QWidget(this);
    head->setObjectName(QStringLiteral("panelHead"));
    m_row = new QHBoxLayout(head);
    m_row->setContentsMargins(12, 6, 8, 2);
    m_row->setSpacing(0);
    m_title = new QLabel(title.toUpper(), head);
    m_title->setObjectName(QStringLiteral("panelTitle"));
    m_title->setAccessibleName(title);
    m_row->addWidget(m_title);
    m_row->addStretch(1);
    setTitleBarWidget(head);
    QToolButton* close = addButton(Icon::Close, tr("Close %1").arg(title));
    connect(close, &QToolButton::clicked, this, &QDockWidget::close);
}

QToolButton* PanelDock::addButton(Icon which, const QString& name) {
    auto* button = new QToolButton(titleBarWidget() ? titleBarWidget() : this);
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setAutoRaise(true);
    button->setObjectName(QStringLiteral("headButton"));
    const int closing = m_buttons.empty() ? m_row->count() : m_row->count() - 1;
    m_row->insertWidget(closing, button);
    m_buttons.emplace_back(button, which);
    return button;
}

void PanelDock::paintEvent(QPaintEvent* event) {
    QDockWidget::paintEvent(event);
    if (isFloating()) {
        QPainter painter(this);
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void PanelDock::setMarked(bool marked) {
    if (marked != isMarked()) {
        m_title->setProperty("marked", marked);
        m_title->style()->unpolish(m_title);
        m_title->style()->polish(m_title);
    }
}

bool PanelDock::isMarked() const {
    return m_title->property("marked").toBool();
}

void PanelDock::setTheme(const scene::Theme& theme) {
    m_title->setFont(titleFont(theme));
    const int side = static_cast<int>(std::lround(14 * theme.zoom));
    scene::Theme quiet = theme;
    quiet.text = theme.muted;
    for (const auto& [button, which] : m_buttons) {
        button->setIcon(icon(which, quiet));
        button->setIconSize({side, side});
    }
}

} // namespace depthscope::panels
