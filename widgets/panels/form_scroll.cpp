// SPDX-License-Identifier: MIT
#include "widgets/panels/form_scroll.h"

#include <QEvent>
#include <QLayout>
#include <QScrollBar>
#include <algorithm>

namespace depthscope::panels {

FormScroll::FormScroll(QWidget* form, QWidget* parent)
    : QScrollArea(parent) {
    setWidget(form);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus); // the form's fields have it
    form->installEventFilter(this);
}

QSize FormScroll::sizeHint() const {
    return widget()->sizeHint();
}

QSize FormScroll::minimumSizeHint() const {
    constexpr int kRows = 2;
    const int row = fontMetrics().height() * 2;
    return {widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(),
            std::min(widget()->minimumSizeHint().height(), kRows * row)};
}

void FormScroll::fit() {
    QLayout* layout = widget()->layout();
    layout->activate();
    const int width = viewport()->width();
    widget()->setMinimumHeight(layout->hasHeightForWidth() ? layout->minimumHeightForWidth(width)
                                                           : layout->totalMinimumSize().height());
}

void FormScroll::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    fit();
}

bool FormScroll::eventFilter(QObject* watched, QEvent* event) {
    if (watched == widget() && event->type() == QEvent::LayoutRequest) {
        fit();
        updateGeometry();
    }
    return QScrollArea::eventFilter(watched, event);
}

} // namespace depthscope::panels
