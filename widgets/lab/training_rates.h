// SPDX-License-Identifier: MIT
// How fast recipes are trained on this machine: what is kept of trainings, so that the next one can
// say beforehand how long it will take. Values; any thread.
#pragma once

#include "engine/runtime/event.h"
#include "engine/runtime/request.h"

#include <QList>
#include <QString>
#include <QVariant>
#include <cstdint>
#include <optional>

namespace depthscope::lab {

struct TrainingRate {
    double secondsPerStep = 0;
    std::int64_t steps = 0; ///< it was measured over so many
    bool isTrial = false;   ///< timed to estimate, without evaluations; else of a whole training
};

/// Names everything that the time of a step depends on: recipe, device, threads. What is learned
/// does not count: batches are of one size.
[[nodiscard]] QString rateKey(const runtime::TrainRequest& request,
                              const runtime::EngineStatus& engine);

/// Steps that are in the curve of an earlier training in this folder; 0: none is there.
[[nodiscard]] std::int64_t stepsTrained(const QString& folder);

class TrainingRates {
public:
    [[nodiscard]] std::optional<TrainingRate> find(const QString& key) const;

    /// The newest goes first; those that were not asked for longest are dropped.
    void add(const QString& key, const TrainingRate& rate);

    /// For the settings of the user: those of whole trainings.
    [[nodiscard]] QVariantList toVariant() const;
    /// What is not a rate is left out.
    static TrainingRates fromVariant(const QVariantList& kept);

private:
    struct Entry {
        QString key;
        TrainingRate rate;
    };

    QList<Entry> m_entries;
};

} // namespace depthscope::lab
