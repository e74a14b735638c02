// SPDX-License-Identifier: MIT
#include "engine/train/metrics.h"

#include "engine/train/json_values.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace depthscope::train {

using nlohmann::json;

namespace {

std::string cell(double value) {
    if (!std::isfinite(value)) {
        return {};
    }
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.9g", value);
    return text.data();
}

constexpr std::string_view kLoss = "val_loss";

/// The fields of a point of the curve that are no metrics.
constexpr std::array<std::string_view, 5> kCounters{"step", "train", "tokens", "flops", "seconds"};

/// What a metric is called in the curve, the header of the CSV, the event files.
struct Names {
    std::string_view metric, curve, column, event;
};

constexpr std::array<Names, 3> kNames{{
    {kLoss, "validation", kLoss, "loss/validation"},
    {"mean_depth", "mean_depth", "mean_depth", "routing/mean_depth"},
    {"load", "load", "load_by_recursion", "routing/load"},
}};

/// Those that are not in the table have one name everywhere.
Names namesOf(std::string_view metric) {
    for (const Names& names : kNames) {
        if (names.metric == metric) {
            return names;
        }
    }
    return {metric, metric, metric, metric};
}

std::string metricOf(std::string_view curve) {
    for (const Names& names : kNames) {
        if (names.curve == curve) {
            return std::string(names.metric);
        }
    }
    return std::string(curve);
}

/// Whether curveText writes a metric under this key.
bool isMetric(std::string_view key) {
    return std::find(kCounters.begin(), kCounters.end(), key) == kCounters.end() &&
           key.find('[') == std::string_view::npos && namesOf(metricOf(key)).curve == key;
}

/// "load[2]" is 2 of load.
std::pair<std::string_view, std::string_view> splitName(std::string_view name) {
    const std::size_t open = name.find('[');
    if (open == std::string_view::npos || !name.ends_with(']')) {
        return {name, {}};
    }
    return {name.substr(0, open), name.substr(open + 1, name.size() - open - 2)};
}

void addMetrics(Evaluation& point, const std::string& name, const json& value) {
    const auto number = [](const json& entry) {
        return entry.is_number() ? entry.get<double>() : std::nan("");
    };
    if (!value.is_array()) {
        point.metrics.push_back({name, number(value), {}});
        return;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        point.metrics.push_back({name + "[" + std::to_string(i + 1) + "]", number(value[i]), {}});
    }
}

} // namespace

double Evaluation::metric(std::string_view name) const {
    const auto found = std::find_if(metrics.begin(), metrics.end(),
                                    [name](const Metric& metric) { return metric.name == name; });
    return found != metrics.end() ? found->value : std::nan("");
}

std::vector<double> Evaluation::series(std::string_view name) const {
    std::vector<double> values;
    for (const Metric& metric : metrics) {
        const auto [base, index] = splitName(metric.name);
        if (base == name && !index.empty()) {
            values.push_back(metric.value);
        }
    }
    return values;
}

std::string curveText(const std::vector<Evaluation>& history) {
    json rows = json::array();
    for (const Evaluation& point : history) {
        json row{{"step", point.step},
                 {"train", finiteOrNull(point.trainLoss)},
                 {"tokens", point.tokens},
                 {"flops", finiteOrNull(point.flops)},
                 {"seconds", finiteOrNull(point.seconds)}};
        for (const Metric& metric : point.metrics) {
            const auto [base, index] = splitName(metric.name);
            json& place = row[std::string(namesOf(base).curve)];
            if (index.empty()) {
                place = finiteOrNull(metric.value);
            } else {
                place.push_back(metric.value);
            }
        }
        rows.push_back(std::move(row));
    }
    return rows.dump();
}

std::vector<Evaluation> parseCurve(const std::string& text) {
    std::vector<Evaluation> history;
    const json rows = json::parse(text, nullptr, false);
    for (const json& row : rows.is_array() ? rows : json::array()) {
        if (!row.is_object() || !row.contains("step") || !row["step"].is_number_integer()) {
            continue;
        }
        Evaluation point;
        point.step = row["step"].get<std::int64_t>();
        point.trainLoss = numberOr(row, "train");
        const double tokens = numberOr(row, "tokens");
        point.tokens = std::isfinite(tokens) ? static_cast<std::int64_t>(tokens) : 0;
        point.flops = numberOr(row, "flops");
        point.seconds = numberOr(row, "seconds");
        for (const auto& [key, value] : row.items()) {
            if (isMetric(key)) {
                addMetrics(point, metricOf(key), value);
            }
        }
        history.push_back(std::move(point));
    }
    return history;
}

std::string curveCsv(const std::vector<Evaluation>& history) {
    // The loss stands beside that of training, series in one column.
    std::vector<std::string> others;
    for (const Metric& metric : history.empty() ? std::vector<Metric>() : history.back().metrics) {
        const std::string base(splitName(metric.name).first);
        if (base != kLoss && (others.empty() || others.back() != base)) {
            others.push_back(base);
        }
    }
    std::string csv = "step,train_loss,val_loss,tokens,training_flops,seconds";
    for (const std::string& name : others) {
        csv += "," + std::string(namesOf(name).column);
    }
    csv += "\n";
    for (const Evaluation& point : history) {
        csv += std::to_string(point.step) + "," + cell(point.trainLoss) + "," +
               cell(point.metric(kLoss)) + "," + std::to_string(point.tokens) + "," +
               cell(point.flops) + "," + cell(point.seconds);
        for (const std::string& name : others) {
            csv += "," + cell(point.metric(name));
            const std::vector<double> series = point.series(name);
            for (std::size_t i = 0; i < series.size(); ++i) {
                csv += (i > 0 ? " " : "") + cell(series[i]);
            }
        }
        csv += "\n";
    }
    return csv;
}

std::string eventTag(std::string_view metric) {
    const auto [base, index] = splitName(metric);
    const std::string tag(namesOf(base).event);
    return index.empty() ? tag : tag + "_" + std::string(index);
}

} // namespace depthscope::train
