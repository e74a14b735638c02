// SPDX-License-Identifier: MIT
#include "widgets/panels/controls.h"

#include "engine/base/error.h"
#include "widgets/panels/choice_accessible.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QStyle>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

namespace {

/// Grows with the text, so that a hand at a projector finds it.
double handleRadius(const QWidget& slider) {
    return std::max(6.0, slider.fontMetrics().height() * 0.375);
}

constexpr int kSliderMaximum = 1000;

} // namespace

QPushButton* makeButton(const char* name, const QString& text, QWidget* parent) {
    auto* button = new QPushButton(text, parent);
    button->setObjectName(QString::fromLatin1(name));
    button->setAccessibleName(text);
    return button;
}

FractionBox::FractionBox(QWidget* parent)
    : QLineEdit(parent) {
    setAlignment(Qt::AlignRight);
    setMaxLength(24);
    connect(this, &QLineEdit::returnPressed, this, &FractionBox::commit);
    connect(this, &QLineEdit::textEdited, this, [this] { markInvalid({}); });
}

void FractionBox::setValue(const std::optional<Fraction>& value) {
    m_value = value;
    if (hasFocus() && isModified()) {
        return;
    }
    markInvalid({});
    setText(value ? QString::fromStdString(toString(*value)) : QString());
    setPlaceholderText(value ? QString() : tr("mixed"));
    setModified(false);
}

void FractionBox::commit() {
    if (!isModified()) {
        return;
    }
    try {
        const Fraction entered = parseFraction(text().trimmed().toStdString(), "capacity");
        if (Fraction{1, 1} < entered) {
            markInvalid(tr("Share of the tokens: 0 to 1."));
            return;
        }
        setModified(false);
        m_value = entered;
        setText(QString::fromStdString(toString(entered)));
        Q_EMIT valueEdited(entered);
    } catch (const Error& error) {
        markInvalid(QString::fromStdString(error.message()));
    }
}

void FractionBox::step(int perMille) {
    const double now = m_value ? m_value->value() : 1.0;
    const double next = std::clamp(now + perMille / 1000.0, 0.0, 1.0);
    setText(QString::fromStdString(toString(nearestPerMille(next))));
    setModified(true);
    commit();
}

void FractionBox::markInvalid(const QString& reason) {
    if (property("invalid").toBool() == !reason.isEmpty()) {
        return;
    }
    setProperty("invalid", !reason.isEmpty());
    setToolTip(reason);
    style()->unpolish(this);
    style()->polish(this);
}

void FractionBox::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Up:
        step(event->modifiers() & Qt::ShiftModifier ? 100 : 10);
        return;
    case Qt::Key_Down:
        step(event->modifiers() & Qt::ShiftModifier ? -100 : -10);
        return;
    case Qt::Key_Escape:
        if (isModified()) {
            setModified(false);
            setValue(m_value);
            return;
        }
        break;
    default:
        break;
    }
    QLineEdit::keyPressEvent(event);
}

void FractionBox::focusOutEvent(QFocusEvent* event) {
    commit();
    setModified(false);
    QLineEdit::focusOutEvent(event);
    setValue(m_value);
}

RatioSlider::RatioSlider(QWidget* parent)
    : QSlider(Qt::Horizontal, parent) {
    setRange(0, kSliderMaximum);
    setSingleStep(10);
    setPageStep(100);
    setFocusPolicy(Qt::StrongFocus);
}

void RatioSlider::setTrained(const std::optional<double>& share) {
    m_trained = share;
    update();
}

void RatioSlider::setOutsideTraining(bool outside) {
    m_outside = outside;
    update();
}

QSize RatioSlider::sizeHint() const {
    const int height = std::max(24, fontMetrics().height() + 8);
    return {height * 5, height};
}

double RatioSlider::positionOf(double share) const {
    const double margin = handleRadius(*this) + 1;
    return margin + share * (width() - 2 * margin);
}

int RatioSlider::valueAt(double x) const {
    const double margin = handleRadius(*this) + 1;
    const double share = (x - margin) / std::max(1.0, width() - 2 * margin);
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kSliderMaximum));
}

void RatioSlider::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette::ColorGroup group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    const QColor text = palette().color(group, QPalette::WindowText);
    const QColor groove = palette().color(QPalette::Mid);
    const double y = height() / 2.0;
    const double radius = handleRadius(*this);
    const double x = positionOf(value() / static_cast<double>(kSliderMaximum));
    painter.setPen(QPen(groove, 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(positionOf(0), y), QPointF(positionOf(1), y));
    painter.setPen(QPen(text, 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(positionOf(0), y), QPointF(x, y));
    if (m_trained) {
        const double mark = positionOf(*m_trained);
        painter.setPen(QPen(palette().color(QPalette::PlaceholderText), 1));
        painter.drawLine(QPointF(mark, y + radius + 1), QPointF(mark, y + radius + 4));
    }
    const bool focused = hasFocus();
    const QColor edge = focused ? palette().color(QPalette::Highlight)
                                : (m_outside ? palette().color(QPalette::BrightText) : text);
    painter.setPen(QPen(edge, focused ? 2 : 1.5));
    painter.setBrush(isSliderDown() ? edge : palette().color(QPalette::Base));
    painter.drawEllipse(QPointF(x, y), radius, radius);
}

void RatioSlider::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        event->ignore();
        return;
    }
    setSliderDown(true);
    setSliderPosition(valueAt(event->position().x()));
    triggerAction(SliderMove);
    event->accept();
}

void RatioSlider::mouseMoveEvent(QMouseEvent* event) {
    if (isSliderDown()) {
        setSliderPosition(valueAt(event->position().x()));
    }
}

void RatioSlider::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        setSliderDown(false);
        update();
    }
}

ChoiceBox::ChoiceBox(QWidget* parent)
    : QComboBox(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(8);
    installChoiceAccessible();
}

void ChoiceBox::paintEvent(QPaintEvent* event) {
    QComboBox::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette::ColorGroup group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    painter.setPen(QPen(palette().color(group, QPalette::PlaceholderText), 1.4, Qt::SolidLine,
                        Qt::RoundCap, Qt::RoundJoin));
    const QPointF tip(width() - 12.0, height() / 2.0 + 2.0);
    painter.drawPolyline(QPolygonF{tip + QPointF(-4, -4), tip, tip + QPointF(4, -4)});
}

void ChoiceBox::wheelEvent(QWheelEvent* event) {
    event->ignore();
}

TickBox::TickBox(const QString& text, QWidget* parent)
    : QCheckBox(text, parent) {
    setAccessibleName(text);
}

void TickBox::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette::ColorGroup group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    const QColor text = palette().color(group, QPalette::WindowText);
    const double side = std::round(fontMetrics().height() * 0.85);
    const QRectF box(0.5, std::floor((height() - side) / 2) + 0.5, side, side);
    const QColor edge = hasFocus() ? palette().color(QPalette::Highlight)
                                   : palette().color(QPalette::PlaceholderText);
    painter.setPen(QPen(edge, 1));
    painter.setBrush(isChecked() ? text : palette().color(QPalette::Base));
    painter.drawRoundedRect(box, 3, 3);
    if (isChecked()) {
        painter.setPen(QPen(palette().color(QPalette::Base), side / 8, Qt::SolidLine, Qt::RoundCap,
                            Qt::RoundJoin));
        const auto at = [&](double x, double y) {
            return QPointF(box.left() + x * side, box.top() + y * side);
        };
        painter.drawPolyline(QPolygonF{at(0.25, 0.52), at(0.43, 0.7), at(0.75, 0.32)});
    }
    painter.setPen(text);
    const QRectF words(side + 8, 0, width() - side - 8, height());
    painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextShowMnemonic, this->text());
}

void enableOneOf(QAbstractButton& first, QAbstractButton& second, bool useSecond) {
    QAbstractButton& on = useSecond ? second : first;
    QAbstractButton& off = useSecond ? first : second;
    on.setEnabled(true);
    if (off.hasFocus()) {
        on.setFocus();
    }
    off.setEnabled(false);
}

} // namespace depthscope::panels
