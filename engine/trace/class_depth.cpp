// SPDX-License-Identifier: MIT
#include "engine/trace/class_depth.h"

#include "engine/base/student.h"

#include <cmath>
#include <limits>

namespace depthscope::trace {

namespace {

/// Recursions and places of neighbours of one class.
struct Stretch {
    double depth = 0;
    double places = 0;
};

std::vector<std::vector<Stretch>> stretchesOf(const RunView& run) {
    std::vector<std::vector<Stretch>> all(run.classSet ? run.classSet->names.size() : 0);
    std::size_t before = kNoClass;
    for (std::size_t t = 0; t < run.classes.size(); ++t) {
        const std::size_t number = run.classes[t];
        if (number < all.size()) {
            if (number != before) {
                all[number].emplace_back();
            }
            all[number].back().depth += run.depth[t];
            all[number].back().places += 1;
        }
        before = number;
    }
    return all;
}

ClassDepth summarised(std::size_t number, const std::vector<Stretch>& stretches) {
    Stretch sum;
    for (const Stretch& one : stretches) {
        sum.depth += one.depth;
        sum.places += one.places;
    }
    ClassDepth made;
    made.number = static_cast<std::uint8_t>(number);
    made.count = static_cast<std::size_t>(sum.places);
    made.stretches = stretches.size();
    made.mean = sum.depth / sum.places;
    made.standardError = std::numeric_limits<double>::quiet_NaN();
    if (stretches.size() >= kLeastStretches) {
        double squares = 0;
        for (const Stretch& one : stretches) {
            const double residual = one.depth - made.mean * one.places;
            squares += residual * residual;
        }
        const auto m = static_cast<double>(stretches.size());
        made.standardError = std::sqrt(m / (m - 1) * squares) / sum.places;
    }
    return made;
}

} // namespace

double ClassDepth::margin() const {
    return standardError * studentQuantile(static_cast<double>(stretches) - 1);
}

std::vector<ClassDepth> classDepths(const RunView& run) {
    const std::vector<std::vector<Stretch>> all = stretchesOf(run);
    std::vector<ClassDepth> depths;
    for (std::size_t number = 0; number < all.size(); ++number) {
        if (!all[number].empty()) {
            depths.push_back(summarised(number, all[number]));
        }
    }
    return depths;
}

std::optional<Interval> depthDifference(const ClassDepth& first, const ClassDepth& second) {
    if (std::isnan(first.standardError) || std::isnan(second.standardError)) {
        return std::nullopt;
    }
    const double difference = first.mean - second.mean;
    const double one = first.standardError * first.standardError;
    const double other = second.standardError * second.standardError;
    const double variance = one + other;
    if (!(variance > 0)) {
        return Interval{difference, difference};
    }
    const double freedom = variance * variance /
                           (one * one / (static_cast<double>(first.stretches) - 1) +
                            other * other / (static_cast<double>(second.stretches) - 1));
    const double half = studentQuantile(freedom) * std::sqrt(variance);
    return Interval{difference - half, difference + half};
}

} // namespace depthscope::trace
