// SPDX-License-Identifier: MIT
#include "widgets/panels/form_choices.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QSpinBox>
#include <optional>

namespace depthscope::panels {

namespace {

constexpr int kDigits = 12;

/// Nothing: it is no control that keeps a choice.
std::optional<QString> choiceOf(const QWidget& control) {
    if (const auto* choice = qobject_cast<const QComboBox*>(&control)) {
        return choice->currentText();
    }
    if (const auto* check = qobject_cast<const QCheckBox*>(&control)) {
        return check->isChecked() ? QStringLiteral("1") : QStringLiteral("0");
    }
    if (const auto* whole = qobject_cast<const QSpinBox*>(&control)) {
        return QString::number(whole->value());
    }
    if (const auto* real = qobject_cast<const QDoubleSpinBox*>(&control)) {
        return QString::number(real->value(), 'g', kDigits);
    }
    if (const auto* line = qobject_cast<const QLineEdit*>(&control)) {
        return line->text();
    }
    return std::nullopt;
}

void setChoice(QWidget& control, const QString& text) {
    if (auto* choice = qobject_cast<QComboBox*>(&control)) {
        const int index = choice->findText(text);
        if (index >= 0) {
            choice->setCurrentIndex(index);
            Q_EMIT choice->activated(index);
        }
    } else if (auto* check = qobject_cast<QCheckBox*>(&control)) {
        check->setChecked(text == QLatin1String("1"));
    } else if (auto* whole = qobject_cast<QSpinBox*>(&control)) {
        whole->setValue(text.toInt());
    } else if (auto* real = qobject_cast<QDoubleSpinBox*>(&control)) {
        real->setValue(text.toDouble());
    } else if (auto* line = qobject_cast<QLineEdit*>(&control)) {
        line->setText(text);
    }
}

/// Parts of Qt's own controls have names of Qt's.
bool isNamed(const QWidget& control) {
    return control.objectName().contains(QLatin1Char('.'));
}

} // namespace

std::map<QString, QString> choicesOf(const QWidget& form) {
    std::map<QString, QString> choices;
    for (const QWidget* control : form.findChildren<QWidget*>()) {
        const std::optional<QString> choice = isNamed(*control) ? choiceOf(*control) : std::nullopt;
        if (choice) {
            choices[control->objectName()] = *choice;
        }
    }
    return choices;
}

void choose(QWidget& form, const std::map<QString, QString>& choices) {
    for (QWidget* control : form.findChildren<QWidget*>()) {
        const auto found = choices.find(control->objectName());
        if (isNamed(*control) && found != choices.end()) {
            setChoice(*control, found->second);
        }
    }
}

} // namespace depthscope::panels
