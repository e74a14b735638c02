// SPDX-License-Identifier: MIT
#include "widgets/panels/path_edit.h"

#include <QDir>
#include <QEvent>
#include <QHelpEvent>
#include <QStyleOptionFrame>
#include <QStylePainter>
#include <QToolTip>

namespace depthscope::panels {

namespace {

constexpr int kGap = 2; // as Qt has it between frame and text

} // namespace

QRect PathEdit::room() const {
    QStyleOptionFrame option;
    initStyleOption(&option);
    return style()
        ->subElementRect(QStyle::SE_LineEditContents, &option, this)
        .marginsRemoved(textMargins())
        .adjusted(kGap, 0, -kGap, 0);
}

QString PathEdit::shownText() const {
    return fontMetrics().elidedText(text(), Qt::ElideLeft, room().width());
}

bool PathEdit::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && !text().isEmpty()) {
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                           QDir::toNativeSeparators(text()), this);
        return true;
    }
    return QLineEdit::event(event);
}

/// Without the focus, which would scroll to its cursor.
void PathEdit::paintEvent(QPaintEvent* event) {
    const QString shown = shownText();
    if (hasFocus() || shown == text()) {
        QLineEdit::paintEvent(event);
        return;
    }
    QStyleOptionFrame option;
    initStyleOption(&option);
    QStylePainter painter(this);
    painter.drawPrimitive(QStyle::PE_PanelLineEdit, option);
    painter.setPen(
        palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::Text));
    painter.drawText(room(), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
}

} // namespace depthscope::panels
