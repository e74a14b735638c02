// SPDX-License-Identifier: MIT
// The small controls of the forms: a box for exact ratios, a quiet slider with a mark at the
// trained value, a combo box. Widgets; parents own them; GUI thread.
#pragma once

#include "engine/base/fraction.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSlider>
#include <optional>

class QPushButton;

namespace depthscope::panels {

/// A button that scripts find by `name` and screen readers read by its text.
[[nodiscard]] QPushButton* makeButton(const char* name, const QString& text, QWidget* parent);

/// Accepts "2/3", "0.67", "67 %"; anything else is marked and reset on leaving the field.
class FractionBox : public QLineEdit {
    Q_OBJECT

public:
    explicit FractionBox(QWidget* parent = nullptr);

    /// No value shows "mixed".
    void setValue(const std::optional<Fraction>& value);

    [[nodiscard]] const std::optional<Fraction>& value() const { return m_value; }

Q_SIGNALS:
    /// The user entered another valid ratio in 0..1.
    void valueEdited(const depthscope::Fraction& value);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void commit();
    void step(int perMille);
    void markInvalid(const QString& reason);

    std::optional<Fraction> m_value;
};

/// 0..1000 with a hairline groove, a round handle and a tick at the trained value.
class RatioSlider : public QSlider {
    Q_OBJECT

public:
    explicit RatioSlider(QWidget* parent = nullptr);

    void setTrained(const std::optional<double>& share);
    /// The handle turns amber.
    void setOutsideTraining(bool outside);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    [[nodiscard]] int valueAt(double x) const;
    [[nodiscard]] double positionOf(double share) const;

    std::optional<double> m_trained;
    bool m_outside = false;
};

/// A combo box whose arrow fits the style sheet, and which the wheel does not change by accident.
class ChoiceBox : public QComboBox {
    Q_OBJECT

public:
    explicit ChoiceBox(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
};

/// A check box whose frame has the contrast of the other fields, light and dark.
class TickBox : public QCheckBox {
    Q_OBJECT

public:
    explicit TickBox(const QString& text, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// Of two buttons that are never enabled together the second, or else the first. The keyboard focus
/// goes from one to the other: Qt would give it to whatever stands next.
void enableOneOf(QAbstractButton& first, QAbstractButton& second, bool useSecond);

} // namespace depthscope::panels
