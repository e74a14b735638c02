// SPDX-License-Identifier: MIT
// How the ROUTING form shows the one number of a rule: on a slider from 0 to 1000 and in a box. GUI
// thread; parents own.
#pragma once

#include "engine/settings/routing.h"

#include <QDoubleSpinBox>
#include <QString>

namespace depthscope::panels {

/// Probabilities lie evenly on the slider, counts too; changes by their logarithm.
struct ThresholdScale {
    QString label;
    const char* field = "tau"; ///< the setting whose help explains it
    int decimals = 3;
    double least = 0; ///< at the ends of the slider
    double most = 1;
    double standard = 0.5; ///< as trained or published
    bool isLogarithmic = false;

    [[nodiscard]] int positionOf(double value) const;
    /// Of so many digits as a person would type.
    [[nodiscard]] double valueAt(int position) const;
    /// By so many positions, a count by one.
    [[nodiscard]] double moved(double value, int by) const;
};

/// `recursions` of the model bound what can be counted.
[[nodiscard]] ThresholdScale scaleOf(settings::Rule rule, int recursions);

/// The number in force: that of the settings, or the published one.
[[nodiscard]] double thresholdOf(const settings::RoutingSettings& routing, settings::Rule rule);

class ThresholdBox : public QDoubleSpinBox {
    Q_OBJECT

public:
    explicit ThresholdBox(QWidget* parent = nullptr);

    void adopt(const ThresholdScale& scale);

    /// Small numbers without the zeros behind them.
    [[nodiscard]] QString textFromValue(double value) const override;
};

} // namespace depthscope::panels
