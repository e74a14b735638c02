// SPDX-License-Identifier: MIT
#include "widgets/panels/graded_dialog.h"

#include "engine/trace/graded_classes.h"
#include "widgets/panels/controls.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace depthscope::panels {

namespace {

constexpr std::array<const char*, trace::kDifficulties> kExplanations{
    QT_TRANSLATE_NOOP("GradedDialog", "Memorised phrases"),
    QT_TRANSLATE_NOOP("GradedDialog", "Copy and reverse"),
    QT_TRANSLATE_NOOP("GradedDialog", "Sums with carries"),
    QT_TRANSLATE_NOOP("GradedDialog", "Nested brackets"),
    QT_TRANSLATE_NOOP("GradedDialog", "Agreement over distance"),
    QT_TRANSLATE_NOOP("GradedDialog", "Unpredictable noise"),
    QT_TRANSLATE_NOOP("GradedDialog", "Fixed words around the exercises"),
};

/// Some forty exercises: enough of each class for an interval, and about what the context of the
/// bundled models holds.
constexpr int kUsualBytes = 1200;

} // namespace

GradedDialog::GradedDialog(QWidget* parent)
    : QDialog(parent) {
    setObjectName(QStringLiteral("graded"));
    setWindowTitle(tr("New graded text"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* intro = new QLabel(
        tr("Exercises whose difficulty is known for every token: a ground truth for depth."), this);
    intro->setObjectName(QStringLiteral("muted"));
    intro->setWordWrap(true);
    column->addWidget(intro);
    // The frame around an exercise comes with it and cannot be left out.
    const std::size_t frame = static_cast<std::size_t>(trace::Difficulty::Frame);
    for (std::size_t i = 0; i < frame; ++i) {
        auto* box = new TickBox(tr(kExplanations[i]), this);
        box->setObjectName(QStringLiteral("class.") +
                           QString::fromStdString(trace::gradedClasses()->names[i]));
        box->setAccessibleName(tr(kExplanations[i]));
        box->setChecked(true);
        connect(box, &QCheckBox::toggled, this, &GradedDialog::refresh);
        column->addWidget(box);
        m_classes.push_back(box);
    }
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(16);
    m_length = new QSpinBox(this);
    m_length->setObjectName(QStringLiteral("graded.length"));
    m_length->setRange(50, 100'000);
    m_length->setValue(kUsualBytes);
    m_length->setSuffix(tr(" bytes"));
    m_length->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_length->setAlignment(Qt::AlignRight);
    m_length->setAccessibleName(tr("Length in bytes"));
    m_seed = new QLineEdit(QStringLiteral("1"), this);
    m_seed->setObjectName(QStringLiteral("graded.seed"));
    m_seed->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,18}")), m_seed));
    m_seed->setAlignment(Qt::AlignRight);
    m_seed->setAccessibleName(tr("Seed"));
    form->addRow(tr("Length"), m_length);
    form->addRow(tr("Seed"), m_seed);
    column->addSpacing(8);
    column->addLayout(form);
    column->addSpacing(8);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_make = buttons->addButton(tr("Make text"), QDialogButtonBox::AcceptRole);
    m_make->setObjectName(QStringLiteral("graded.make"));
    m_make->setProperty("primary", true);
    m_make->setDefault(true);
    for (QAbstractButton* button : buttons->buttons()) {
        button->setIcon({});
        button->setAccessibleName(button->text());
    }
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    column->addWidget(buttons);
    refresh();
}

void GradedDialog::refresh() {
    m_make->setEnabled(std::any_of(m_classes.begin(), m_classes.end(),
                                   [](const QCheckBox* box) { return box->isChecked(); }));
}

runtime::GradedTextRequest GradedDialog::request() const {
    runtime::GradedTextRequest request;
    request.bytes = static_cast<std::uint32_t>(m_length->value());
    request.seed = m_seed->text().toULongLong();
    request.classes = 1U << static_cast<unsigned>(trace::Difficulty::Frame);
    for (std::size_t i = 0; i < m_classes.size(); ++i) {
        request.classes |= m_classes[i]->isChecked() ? 1U << i : 0U;
    }
    return request;
}

} // namespace depthscope::panels
