// SPDX-License-Identifier: MIT
// The fields of the forms: range and help are those of the setting's declaration, the name is what
// scripts and the command line call it. Parents own them; GUI thread.
#pragma once

#include "widgets/panels/setting_field.h"

#include <QAbstractSpinBox>
#include <QString>

class QCheckBox;
class QGridLayout;
class QLineEdit;

namespace depthscope::panels {

/// Name, help and what screen readers say; right-aligned.
void declareField(QWidget& field, const char* key, const QString& name);

/// A QSpinBox or QDoubleSpinBox.
template <class Box>
[[nodiscard]] Box* numberBox(QWidget* parent, const char* key, const QString& name) {
    const settings::FieldInfo field = settingField(key);
    auto* box = new Box(parent);
    using Number = decltype(box->value());
    box->setRange(static_cast<Number>(field.minimum), static_cast<Number>(field.maximum));
    declareField(*box, key, name);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setAlignment(Qt::AlignRight);
    box->setKeyboardTracking(false);
    return box;
}

/// A whole number of up to 15 digits, more than a spin box can hold.
[[nodiscard]] QLineEdit* seedBox(QWidget* parent, const char* key, const QString& name);

[[nodiscard]] QCheckBox* tickBox(QWidget* parent, const char* key, const QString& name);

/// A grid of labels and fields, two to a row.
void setUpForm(QGridLayout& grid);
/// `column` 0 or 1.
void placeField(QGridLayout& grid, int row, int column, const QString& label, QWidget* field);

} // namespace depthscope::panels
