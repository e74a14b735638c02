// SPDX-License-Identifier: MIT
#include "engine/train/curve_reading.h"

#include "engine/base/text.h"

#include <cmath>
#include <cstdio>
#include <limits>

namespace depthscope::train {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

template <class Combine>
std::vector<double> paired(const BySeed& a, const BySeed& b, const Combine& combine) {
    std::vector<double> values;
    for (const auto& [seed, value] : a) {
        for (const auto& [other, against] : b) {
            if (seed == other) {
                values.push_back(combine(value, against));
            }
        }
    }
    return values;
}

} // namespace

double samplesOf(const Evaluation& point) {
    return static_cast<double>(point.tokens);
}

double flopsOf(const Evaluation& point) {
    return point.flops;
}

double secondsOf(const Evaluation& point) {
    return point.seconds;
}

double
valueAt(const std::vector<Evaluation>& curve, std::string_view metric, Axis axis, double at) {
    const Evaluation* before = nullptr;
    for (const Evaluation& point : curve) {
        if (axis(point) >= at) {
            if (before == nullptr) {
                return point.metric(metric);
            }
            const double share = (at - axis(*before)) / (axis(point) - axis(*before));
            return before->metric(metric) + share * (point.metric(metric) - before->metric(metric));
        }
        before = &point;
    }
    return kUnknown;
}

double reachedAt(const std::vector<Evaluation>& curve,
                 double (*metric)(const Evaluation&),
                 Axis axis,
                 double level) {
    const Evaluation* before = nullptr;
    for (const Evaluation& point : curve) {
        if (metric(point) <= level) {
            if (before == nullptr) {
                return axis(point);
            }
            const double share = (metric(*before) - level) / (metric(*before) - metric(point));
            return axis(*before) + share * (axis(point) - axis(*before));
        }
        before = &point;
    }
    return kUnknown;
}

std::string numberText(const char* format, double value) {
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

double Spread::standardError() const {
    return deviation / std::sqrt(static_cast<double>(count));
}

bool Spread::isApartFrom(double value) const {
    return std::abs(mean - value) > 2.0 * standardError(); // false for NaN
}

Spread spreadOf(const std::vector<double>& values) {
    Spread spread{kUnknown, kUnknown, values.size()};
    if (values.empty()) {
        return spread;
    }
    double sum = 0, squares = 0;
    for (const double value : values) {
        sum += value;
    }
    spread.mean = sum / static_cast<double>(values.size());
    for (const double value : values) {
        squares += (value - spread.mean) * (value - spread.mean);
    }
    if (values.size() > 1) {
        spread.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
    }
    return spread;
}

std::string spreadText(const Spread& spread, const char* format) {
    if (spread.count == 0) {
        return "not run";
    }
    std::string plain(format);
    std::erase(plain, '+'); // a deviation has no sign
    const std::string deviation =
        spread.count > 1 ? fmt::format(" ± {}", numberText(plain.c_str(), spread.deviation)) : "";
    return fmt::format("{}{} ({})", numberText(format, spread.mean), deviation, spread.count);
}

std::vector<double> differences(const BySeed& a, const BySeed& b) {
    return paired(a, b, [](double value, double against) { return value - against; });
}

std::vector<double> ratios(const BySeed& a, const BySeed& b) {
    return paired(a, b, [](double value, double against) { return value / against; });
}

} // namespace depthscope::train
