// SPDX-License-Identifier: MIT
#include "widgets/panels/form_fields.h"

#include "widgets/panels/controls.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpressionValidator>

namespace depthscope::panels {

void declareField(QWidget& field, const char* key, const QString& name) {
    field.setObjectName(QString::fromLatin1(key));
    field.setAccessibleName(name);
    field.setToolTip(QCoreApplication::translate("settings", settingField(key).help));
}

QLineEdit* seedBox(QWidget* parent, const char* key, const QString& name) {
    auto* box = new QLineEdit(parent);
    declareField(*box, key, name);
    box->setAlignment(Qt::AlignRight);
    box->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,15}")), box));
    return box;
}

QCheckBox* tickBox(QWidget* parent, const char* key, const QString& name) {
    auto* box = new TickBox(name, parent);
    declareField(*box, key, name);
    return box;
}

void setUpForm(QGridLayout& grid) {
    grid.setHorizontalSpacing(8);
    grid.setVerticalSpacing(4);
    grid.setColumnMinimumWidth(2, 8);
    grid.setColumnStretch(1, 1);
    grid.setColumnStretch(4, 1);
}

void placeField(QGridLayout& grid, int row, int column, const QString& label, QWidget* field) {
    auto* text = new QLabel(label, field->parentWidget());
    text->setBuddy(field);
    grid.addWidget(text, row, column * 3);
    grid.addWidget(field, row, column * 3 + 1);
}

} // namespace depthscope::panels
