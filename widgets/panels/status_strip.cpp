// SPDX-License-Identifier: MIT
#include "widgets/panels/status_strip.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/scene/text_service.h"

#include <QAction>
#include <QLabel>
#include <QResizeEvent>
#include <QSettings>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// Tokens, or predicted frames of a clip, per second.
double speedOf(const trace::RunView& run) {
    const trace::ClipContent* clip = run.latest->clip();
    // Decoding alone where there is any: a prefill handles its tokens at once.
    const bool isDecoding = clip == nullptr && run.costs.size() > 1;
    double milliseconds = 0;
    for (std::size_t i = isDecoding ? 1 : 0; i < run.costs.size(); ++i) {
        milliseconds += run.costs[i].milliseconds;
    }
    const std::ptrdiff_t made =
        clip != nullptr
            ? std::max<std::ptrdiff_t>(std::ssize(clip->pictures) - clip->contextFrames, 0)
        : isDecoding ? std::ssize(run.depth) - static_cast<std::ptrdiff_t>(run.promptPlaces)
                     : std::ssize(run.depth);
    return milliseconds > 0 ? 1000 * static_cast<double>(made) / milliseconds : 0;
}

} // namespace

StatusStrip::StatusStrip(const lab::LabController& lab,
                         const scene::TextService& text,
                         QWidget* parent)
    : QStatusBar(parent)
    , m_lab(lab)
    , m_text(text)
    , m_developer(new QAction(tr("&Developer figures"), this)) {
    m_developer->setObjectName(QStringLiteral("view.developer"));
    m_developer->setCheckable(true);
    m_developer->setToolTip(
        tr("How often the engine waited for its device, and for a full queue of steps"));
    connect(m_developer, &QAction::toggled, this, &StatusStrip::refreshEngine);
    setSizeGripEnabled(false);
    setContentsMargins(8, 0, 8, 0);
    m_activity = new QLabel(this);
    m_activity->setObjectName(QStringLiteral("status"));
    m_activity->setAccessibleName(tr("Activity"));
    m_activity->setContentsMargins(4, 0, 0, 0);
    addWidget(m_activity, 1);
    m_device = field(tr("Device and threads"));
    m_model = field(tr("Model and parameters"));
    m_speed = field(tr("Speed"));
    m_kv = field(tr("KV memory"));
    m_memory = field(tr("Memory of the engine"));
    m_syncs = field(tr("Synchronisations and waits"));
    m_syncs->setContentsMargins(12, 0, 4, 0);
    connect(&m_lab, &lab::LabController::activityChanged, this, &StatusStrip::showActivity);
    connect(&m_lab, &lab::LabController::modelChanged, this, &StatusStrip::refreshEngine);
    connect(&m_lab, &lab::LabController::sourceChanged, this, &StatusStrip::refreshEngine);
    connect(&m_lab, &lab::LabController::statusChanged, this, &StatusStrip::refreshEngine);
    connect(&m_lab, &lab::LabController::traceChanged, this, &StatusStrip::refreshRun);
    connect(&m_lab, &lab::LabController::progress, this, &StatusStrip::showProgress);
    showActivity();
    refreshEngine();
    refreshRun();
}

QLabel* StatusStrip::field(const QString& name) {
    auto* label = new QLabel(this);
    label->setObjectName(QStringLiteral("status"));
    label->setAccessibleName(name);
    label->setToolTip(name);
    label->setContentsMargins(12, 0, 0, 0);
    label->hide();
    addPermanentWidget(label);
    return label;
}

void StatusStrip::showActivity() {
    switch (m_lab.shownActivity()) {
    case lab::Activity::Idle:
        m_activity->setText(tr("Ready"));
        break;
    case lab::Activity::Loading:
        m_activity->setText(tr("Loading the model…"));
        break;
    case lab::Activity::Routing:
        m_activity->setText(tr("Routing…"));
        break;
    case lab::Activity::Generating:
        m_activity->setText(tr("Generating…"));
        break;
    case lab::Activity::Measuring:
        m_activity->setText(tr("Measuring the references…"));
        break;
    }
}

void StatusStrip::showProgress(const QString& what, double fraction, double secondsLeft) {
    QString text = tr("%1, %2 %").arg(what).arg(qRound(fraction * 100));
    if (secondsLeft >= 1) {
        text += tr(", %1 s left").arg(qRound(secondsLeft));
    }
    m_activity->setText(text);
}

void StatusStrip::refreshEngine() {
    const runtime::EngineStatus& status = m_lab.status();
    want(m_device, !status.device.empty());
    const QString threads =
        status.threads == 1 ? tr("1 thread") : tr("%1 threads").arg(status.threads);
    m_device->setText(QString::fromStdString(status.device) + QStringLiteral(", ") + threads);
    const auto model = m_lab.model();
    want(m_model, model != nullptr);
    if (model) {
        m_model->setText(
            QStringLiteral("%1  %2").arg(QString::fromStdString(model->name),
                                         QString::fromStdString(scene::formatCount(
                                             m_text, static_cast<double>(model->parameters)))));
    }
    want(m_memory, status.memoryBytes > 0);
    m_memory->setText(tr("mem %1 of %2")
                          .arg(QString::fromStdString(scene::formatBytes(
                                   m_text, static_cast<double>(status.memoryBytes))),
                               QString::fromStdString(scene::formatBytes(
                                   m_text, static_cast<double>(status.memoryReservedBytes)))));
    want(m_syncs, !status.device.empty() && m_developer->isChecked());
    m_syncs->setText(tr("syncs %1  waits %2").arg(status.syncs).arg(status.queueWaits));
    fit();
}

void StatusStrip::refreshRun() {
    const trace::TraceView view = m_lab.store().view();
    want(m_speed, view.main != nullptr);
    want(m_kv, view.main && view.main->latest->routing.kv.fullBytes > 0);
    if (!view.main) {
        fit();
        return;
    }
    const double speed = speedOf(*view.main);
    want(m_speed, speed > 0);
    const QString figure = QString::fromStdString(m_text.number(speed, speed < 10 ? 1 : 0));
    m_speed->setText(view.main->latest->clip() == nullptr ? tr("%1 tok/s").arg(figure)
                                                          : tr("%1 frames/s").arg(figure));
    const trace::KvMemory& kv = view.main->latest->routing.kv;
    m_kv->setText(tr("KV %1 of %2")
                      .arg(QString::fromStdString(
                               scene::formatBytes(m_text, static_cast<double>(kv.measuredBytes))),
                           QString::fromStdString(
                               scene::formatBytes(m_text, static_cast<double>(kv.fullBytes)))));
    fit();
}

void StatusStrip::remember() {
    const QString key = QStringLiteral("view/developer-figures");
    m_developer->setChecked(QSettings().value(key, false).toBool());
    connect(m_developer, &QAction::toggled, this,
            [key](bool on) { QSettings().setValue(key, on); });
}

QSize StatusStrip::minimumSizeHint() const {
    return {0, QStatusBar::minimumSizeHint().height()};
}

void StatusStrip::resizeEvent(QResizeEvent* event) {
    QStatusBar::resizeEvent(event);
    fit();
}

void StatusStrip::want(QLabel* field, bool wanted) {
    if (wanted) {
        m_wanted.insert(field);
    } else {
        m_wanted.erase(field);
    }
}

void StatusStrip::fit() {
    constexpr int kGaps = 60; // margins and what the bar puts between its items
    const int activity = fontMetrics().horizontalAdvance(tr("Measuring the references…"));
    int left = width() - kGaps - activity;
    for (QLabel* field : {m_device, m_speed, m_kv, m_model, m_memory, m_syncs}) {
        const bool wanted = m_wanted.contains(field);
        left -= wanted ? field->sizeHint().width() : 0;
        field->setVisible(wanted && left >= 0);
    }
}

} // namespace depthscope::panels
