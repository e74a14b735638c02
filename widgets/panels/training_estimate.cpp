// SPDX-License-Identifier: MIT
#include "widgets/panels/training_estimate.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/training_trial.h"

#include <QLocale>
#include <QSettings>
#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr const char* kRates = "train/seconds-per-step";

/// As exact as an estimate is: "40 s", "14 min", "2 h 10 min", "3 days".
QString roughTime(double seconds) {
    constexpr double kMinute = 60;
    constexpr double kHour = 3600;
    constexpr double kDay = 86400;
    if (seconds < 1.5 * kMinute) {
        return TrainingEstimate::tr("%1 s").arg(std::max(1LL, std::llround(seconds)));
    }
    if (seconds < 1.5 * kHour) {
        return TrainingEstimate::tr("%1 min").arg(std::llround(seconds / kMinute));
    }
    if (seconds < 2 * kDay) {
        const long long tens = std::llround(seconds / (10 * kMinute));
        return TrainingEstimate::tr("%1 h %2 min").arg(tens / 6).arg(tens % 6 * 10);
    }
    return TrainingEstimate::tr("%1 days").arg(std::llround(seconds / kDay));
}

/// "930 ms", "2.4 s"
QString stepTime(double seconds) {
    const auto rounded = [](double value) {
        return QLocale().toString(value, 'f', value < 10 ? 1 : 0);
    };
    return seconds < 1 ? TrainingEstimate::tr("%1 ms").arg(rounded(1000 * seconds))
                       : TrainingEstimate::tr("%1 s").arg(rounded(seconds));
}

} // namespace

QString estimateText(const TrainingPlan& plan, const lab::TrainingRate& rate) {
    const std::int64_t left = std::max<std::int64_t>(plan.steps - plan.done, 0);
    const QString time = roughTime(rate.secondsPerStep * static_cast<double>(left));
    const QString steps = plan.done > 0
                              ? TrainingEstimate::tr("the %1 steps that are left").arg(left)
                              : TrainingEstimate::tr("%1 steps").arg(left);
    const QString each = stepTime(rate.secondsPerStep);
    return rate.isTrial
               ? TrainingEstimate::tr("About %1 for %2, without the evaluations; %3 steps timed "
                                      "just now took %4 each.")
                     .arg(time, steps)
                     .arg(rate.steps)
                     .arg(each)
               : TrainingEstimate::tr("About %1 for %2; in the last training with this recipe on "
                                      "this machine, a step took %3.")
                     .arg(time, steps, each);
}

TrainingEstimate::TrainingEstimate(lab::LabController& lab, QWidget* parent)
    : QLabel(parent)
    , m_lab(lab)
    , m_trial(new lab::TrainingTrial(lab, this)) {
    setObjectName(QStringLiteral("muted"));
    setAccessibleName(tr("How long the training will take"));
    setWordWrap(true);
    connect(m_trial, &lab::TrainingTrial::measured, this, [this](const lab::TrainingRate& rate) {
        m_rates.add(m_tried, rate);
        m_tried.clear();
        consider();
    });
    connect(m_trial, &lab::TrainingTrial::failed, this, [this](const QString& message) {
        m_failure = message;
        consider();
    });
    // The engine is there, or has time again.
    connect(&m_lab, &lab::LabController::statusChanged, this, &TrainingEstimate::consider);
    connect(&m_lab, &lab::LabController::taskEvent, this, [this](const runtime::Event& event) {
        if (std::holds_alternative<runtime::JobEnded>(event)) {
            consider();
        }
    });
}

void TrainingEstimate::remember() {
    m_rates =
        lab::TrainingRates::fromVariant(QSettings().value(QString::fromLatin1(kRates)).toList());
    m_remembers = true;
}

void TrainingEstimate::setPlan(std::optional<TrainingPlan> plan) {
    m_plan = std::move(plan);
    setVisible(m_plan.has_value());
    consider();
}

void TrainingEstimate::learn(const runtime::TrainRequest& request, const lab::TrainingRate& rate) {
    const QString key = lab::rateKey(request, m_lab.status());
    const std::optional<lab::TrainingRate> known = m_rates.find(key);
    if (known && !known->isTrial && known->steps == rate.steps) {
        return; // told again
    }
    m_rates.add(key, rate);
    if (m_remembers) {
        QSettings().setValue(QString::fromLatin1(kRates), m_rates.toVariant());
    }
}

QString TrainingEstimate::key() const {
    return lab::rateKey(m_plan->request, m_lab.status());
}

void TrainingEstimate::say(const QString& text) {
    if (text != this->text()) {
        setText(text);
    }
}

void TrainingEstimate::consider() {
    const bool hasEngine = !m_lab.status().device.empty();
    const bool isWanted = m_plan && isVisible() && hasEngine;
    if (m_trial->isRunning() && (!isWanted || key() != m_tried)) {
        m_trial->stop();
        m_tried.clear();
    }
    if (!isWanted) {
        say(hasEngine ? text() : tr("The time is estimated when the engine is ready."));
        return;
    }
    if (const std::optional<lab::TrainingRate> rate = m_rates.find(key())) {
        say(estimateText(*m_plan, *rate));
    } else if (m_trial->isRunning()) {
        say(tr("Estimating the time: a few steps are timed…"));
    } else if (key() == m_tried) {
        say(tr("No estimate of the time: %1").arg(m_failure));
    } else if (m_lab.hasTasks()) {
        say(tr("The time is estimated once the present work is done."));
    } else {
        m_tried = key();
        say(tr("Estimating the time: a few steps are timed…"));
        m_trial->start(m_plan->request);
    }
}

void TrainingEstimate::showEvent(QShowEvent* event) {
    QLabel::showEvent(event);
    consider();
}

void TrainingEstimate::hideEvent(QHideEvent* event) {
    QLabel::hideEvent(event);
    consider();
}

} // namespace depthscope::panels
