// SPDX-License-Identifier: MIT
#include "widgets/panels/capacity_form.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace depthscope::panels {

using settings::LabSettings;

namespace {

constexpr int kMostRecursions = 64;
/// The slider catches the exact trained ratio (2/3 is not 0.667).
constexpr double kSnapPerMille = 6;

/// The first recursion that the row for all moves. Everyone takes the first step unless its own row
/// says otherwise: its scores were never trained to tell tokens apart, and a cut by them would be
/// one by place.
int firstOfAll(std::size_t recursions) {
    return recursions > 1 ? 1 : 0;
}

/// Of the interface's font at zoom 1, for which the widths were drawn.
constexpr double kDigitWidth = 8;
constexpr int kLabelWidth = 72;
constexpr int kBoxWidth = 64;

int inFont(int width, const QWidget& form) {
    const int digit = form.fontMetrics().horizontalAdvance(QLatin1Char('0'));
    return static_cast<int>(std::lround(width * std::max(1.0, digit / kDigitWidth)));
}

} // namespace

int formLabelWidth(const QWidget& form) {
    return inFont(kLabelWidth, form);
}

int formBoxWidth(const QWidget& form) {
    return inFont(kBoxWidth, form);
}

CapacityForm::CapacityForm(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(1, 1);
    m_all = addRow(tr("Capacity"), tr("Capacity of all recursions after the first"), -1);
    fitWidths();
}

void CapacityForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        fitWidths();
    }
}

void CapacityForm::fitWidths() {
    m_grid->setColumnMinimumWidth(0, formLabelWidth(*this));
    for (FractionBox* box : findChildren<FractionBox*>()) {
        box->setFixedWidth(formBoxWidth(*this));
    }
}

CapacityForm::Row CapacityForm::addRow(const QString& label, const QString& name, int recursion) {
    Row row;
    row.label = new QLabel(label, this);
    row.slider = new RatioSlider(this);
    row.box = new FractionBox(this);
    const QString key = recursion < 0 ? QStringLiteral("capacity")
                                      : QStringLiteral("capacity.%1").arg(recursion + 1);
    row.slider->setObjectName(key + QStringLiteral(".slider"));
    row.box->setObjectName(key);
    row.slider->setAccessibleName(name);
    row.box->setAccessibleName(name + tr(", exact"));
    row.label->setBuddy(row.box);
    const QString help = tr("Share of the tokens that each recursion may keep, e.g. 1, 2/3, 1/3");
    row.slider->setToolTip(help);
    row.box->setAccessibleDescription(help);
    row.box->setFixedWidth(formBoxWidth(*this));
    m_grid->addWidget(row.label, recursion + 1, 0);
    m_grid->addWidget(row.slider, recursion + 1, 1);
    m_grid->addWidget(row.box, recursion + 1, 2);
    connect(row.slider, &QSlider::sliderPressed, this, [this] { m_gesture = m_lab.newGesture(); });
    connect(row.slider, &QSlider::sliderReleased, this, [this] { m_gesture = -1; });
    connect(row.slider, &QSlider::valueChanged, this,
            [this, recursion](int value) { set(recursion, ratioOf(recursion, value), m_gesture); });
    connect(row.box, &FractionBox::valueEdited, this,
            [this, recursion](const Fraction& value) { set(recursion, value, -1); });
    return row;
}

Fraction CapacityForm::ratioOf(int recursion, int perMille) const {
    const auto model = m_lab.model();
    if (model && recursion >= 0) {
        const Fraction trained = lab::capacitiesOf(*model, {})[static_cast<std::size_t>(recursion)];
        if (std::abs(trained.value() * 1000 - perMille) <= kSnapPerMille) {
            return trained;
        }
    }
    return nearestPerMille(perMille / 1000.0);
}

void CapacityForm::set(int recursion, const Fraction& value, int gesture) {
    const auto model = m_lab.model();
    if (m_refreshing || !model) {
        return;
    }
    const std::vector<Fraction> now = lab::capacitiesOf(*model, m_lab.settings().routing);
    const int first = recursion < 0 ? firstOfAll(now.size()) : recursion;
    const int last = recursion < 0 ? static_cast<int>(now.size()) - 1 : recursion;
    const std::vector<Fraction> capacity = settings::withCapacity(
        now, static_cast<std::size_t>(first), static_cast<std::size_t>(last), value);
    const QString label =
        recursion < 0 ? tr("Capacity") : tr("Capacity of recursion %1").arg(recursion + 1);
    m_lab.edit(label, gesture, [&capacity](LabSettings& s) { s.routing.capacity = capacity; });
}

void CapacityForm::nudge(int perMille) {
    const auto model = m_lab.model();
    if (!model || m_rows.empty()) {
        return;
    }
    std::vector<Fraction> capacity = lab::capacitiesOf(*model, m_lab.settings().routing);
    const double most = capacity.size() > 1 ? capacity.front().value() : 1.0;
    for (Fraction& entry : std::span(capacity).subspan(firstOfAll(capacity.size()))) {
        entry = nearestPerMille(std::clamp(entry.value() + perMille / 1000.0, 0.0, most));
    }
    m_lab.edit(tr("Capacity"), -1, [&capacity](LabSettings& s) { s.routing.capacity = capacity; });
}

void CapacityForm::rebuild() {
    const auto model = m_lab.model();
    const bool expert = model && model->router == spec::RouterKind::Expert;
    const std::size_t wanted =
        expert ? static_cast<std::size_t>(std::clamp(model->recursions, 1, kMostRecursions)) : 0;
    while (m_rows.size() > wanted) {
        const Row& last = m_rows.back();
        for (QWidget* widget :
             {static_cast<QWidget*>(last.label), static_cast<QWidget*>(last.slider),
              static_cast<QWidget*>(last.box)}) {
            // Renamed at once: the name is how scripts find a control that can be used.
            widget->setObjectName(QString());
            widget->hide();
            widget->deleteLater();
        }
        m_rows.pop_back();
    }
    while (m_rows.size() < wanted) {
        const int r = static_cast<int>(m_rows.size());
        m_rows.push_back(
            addRow(tr("Rec. %1").arg(r + 1), tr("Capacity of recursion %1").arg(r + 1), r));
        m_rows.back().label->setObjectName(QStringLiteral("muted"));
    }
}

void CapacityForm::refresh() {
    rebuild();
    const auto model = m_lab.model();
    if (!model || m_rows.empty()) {
        return;
    }
    m_refreshing = true;
    const std::vector<Fraction> now = lab::capacitiesOf(*model, m_lab.settings().routing);
    const std::vector<Fraction> trained = lab::capacitiesOf(*model, {});
    for (std::size_t r = 0; r < m_rows.size() && r < now.size(); ++r) {
        m_rows[r].slider->setValue(static_cast<int>(std::lround(now[r].value() * 1000)));
        m_rows[r].slider->setTrained(trained[r].value());
        m_rows[r].slider->setOutsideTraining(!(now[r] == trained[r]));
        m_rows[r].box->setValue(now[r]);
    }
    const auto later = std::span(now).subspan(firstOfAll(now.size()));
    const bool equal = std::ranges::all_of(later, [&](const Fraction& c) { return c == later[0]; });
    const double sum = std::accumulate(later.begin(), later.end(), 0.0,
                                       [](double s, const Fraction& c) { return s + c.value(); });
    m_all.slider->setValue(
        static_cast<int>(std::lround(1000 * sum / static_cast<double>(later.size()))));
    m_all.box->setValue(equal ? std::optional(later[0]) : std::nullopt);
    m_refreshing = false;
}

} // namespace depthscope::panels
