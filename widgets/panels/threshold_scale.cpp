// SPDX-License-Identifier: MIT
#include "widgets/panels/threshold_scale.h"

#include "widgets/panels/routing_form.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

using settings::Rule;

namespace {

constexpr double kPositions = 1000;
constexpr int kSmallDecimals = 7;

double twoDigits(double value) {
    const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
    return std::round(value / unit) * unit;
}

} // namespace

int ThresholdScale::positionOf(double value) const {
    const double share = isLogarithmic
                             ? std::log(std::max(value, least) / least) / std::log(most / least)
                             : (value - least) / (most - least);
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kPositions));
}

double ThresholdScale::valueAt(int position) const {
    const double share = position / kPositions;
    if (isLogarithmic) {
        return twoDigits(least * std::pow(most / least, share));
    }
    const double value = least + share * (most - least);
    return decimals == 0 ? std::round(value) : value;
}

double ThresholdScale::moved(double value, int by) const {
    if (decimals == 0) {
        return std::clamp(value + (by > 0 ? 1 : -1), least, most);
    }
    return valueAt(std::clamp(positionOf(value) + by, 0, static_cast<int>(kPositions)));
}

ThresholdScale scaleOf(Rule rule, int recursions) {
    ThresholdScale scale;
    if (!settings::watchesChange(rule)) {
        const bool isExit = rule == Rule::Exit;
        scale.label = isExit ? RoutingForm::tr("Exit at") : RoutingForm::tr("Tau");
        scale.field = isExit ? "exit" : "tau";
        scale.standard = isExit ? 1 : scale.standard;
        return scale;
    }
    scale.field = "change";
    scale.standard = settings::publishedChange(rule);
    if (rule == Rule::Argmax) {
        scale.label = RoutingForm::tr("Times");
        scale.decimals = 0;
        scale.least = 1;
        scale.most = std::max(2, recursions - 1);
        return scale;
    }
    scale.label = RoutingForm::tr("Below");
    scale.decimals = kSmallDecimals;
    scale.least = 1e-6;
    scale.isLogarithmic = true;
    return scale;
}

double thresholdOf(const settings::RoutingSettings& routing, Rule rule) {
    const double set = routing.*settings::thresholdField(rule);
    return set == 0 && settings::watchesChange(rule) ? settings::publishedChange(rule) : set;
}

ThresholdBox::ThresholdBox(QWidget* parent)
    : QDoubleSpinBox(parent) {
    setButtonSymbols(QAbstractSpinBox::NoButtons);
    setAlignment(Qt::AlignRight);
    setKeyboardTracking(false);
}

void ThresholdBox::adopt(const ThresholdScale& scale) {
    setDecimals(scale.decimals);
    setRange(scale.isLogarithmic ? std::pow(10.0, -kSmallDecimals) : scale.least,
             scale.field == std::string_view("change") ? settings::kMostRecursions : scale.most);
    setStepType(scale.isLogarithmic ? AdaptiveDecimalStepType : DefaultStepType);
    setSingleStep(scale.decimals == 0 ? 1 : 0.01);
}

QString ThresholdBox::textFromValue(double value) const {
    return decimals() == kSmallDecimals
               ? locale().toString(value, 'f', QLocale::FloatingPointShortest)
               : QDoubleSpinBox::textFromValue(value);
}

} // namespace depthscope::panels
