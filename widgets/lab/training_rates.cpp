// SPDX-License-Identifier: MIT
#include "widgets/lab/training_rates.h"

#include <QFile>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <string_view>

namespace depthscope::lab {

namespace {

constexpr qsizetype kMost = 64;
/// Fields of a recipe that leave the work of a step as it is.
constexpr std::string_view kNoWork[] = {"clips",        "data",   "every",       "learning_rate",
                                        "schedule",     "warmup", "decay_share", "decay_floor",
                                        "weight_decay", "beta1",  "beta2",       "clip"};
constexpr qint64 kMostCurve = 16 * 1024 * 1024;

bool isGood(const TrainingRate& rate) {
    return std::isfinite(rate.secondsPerStep) && rate.secondsPerStep > 0 && rate.steps > 0;
}

} // namespace

QString rateKey(const runtime::TrainRequest& request, const runtime::EngineStatus& engine) {
    QStringList changes;
    for (const settings::RecipeChange& change : request.recipe) {
        if (std::ranges::find(kNoWork, std::string_view(change.name)) == std::end(kNoWork)) {
            changes << QString::fromStdString(change.name + '=' + change.value);
        }
    }
    changes.sort();
    return QStringLiteral("%1|%2|%3|%4")
        .arg(QString::fromStdString(request.preset), changes.join(QLatin1Char(' ')),
             QString::fromStdString(engine.device), QString::number(engine.threads));
}

std::int64_t stepsTrained(const QString& folder) {
    QFile curve(folder + QStringLiteral("/metrics.csv"));
    if (!curve.open(QIODevice::ReadOnly) || curve.size() > kMostCurve) {
        return 0;
    }
    const QList<QByteArray> lines = curve.readAll().trimmed().split('\n');
    return std::max(0LL, lines.constLast().split(',').constFirst().toLongLong()); // head: no number
}

std::optional<TrainingRate> TrainingRates::find(const QString& key) const {
    const auto found = std::ranges::find(m_entries, key, &Entry::key);
    return found != m_entries.end() ? std::optional(found->rate) : std::nullopt;
}

void TrainingRates::add(const QString& key, const TrainingRate& rate) {
    if (!isGood(rate)) {
        return;
    }
    m_entries.removeIf([&](const Entry& entry) { return entry.key == key; });
    m_entries.prepend({key, rate});
    m_entries.resize(std::min(m_entries.size(), kMost));
}

QVariantList TrainingRates::toVariant() const {
    QVariantList list;
    for (const Entry& entry : m_entries) {
        if (!entry.rate.isTrial) {
            list << QVariant(QVariantList{entry.key, entry.rate.secondsPerStep,
                                          static_cast<qlonglong>(entry.rate.steps)});
        }
    }
    return list;
}

TrainingRates TrainingRates::fromVariant(const QVariantList& kept) {
    TrainingRates rates;
    for (auto one = kept.crbegin(); one != kept.crend(); ++one) {
        const QVariantList parts = one->toList();
        if (parts.size() == 3) {
            rates.add(parts[0].toString(), {parts[1].toDouble(), parts[2].toLongLong(), false});
        }
    }
    return rates;
}

} // namespace depthscope::lab
