// SPDX-License-Identifier: MIT
#include "engine/recording/lane_rows.h"

#include "engine/base/text.h"
#include "engine/recording/settings_json.h"
#include "engine/settings/batch_names.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace depthscope::recording {

using trace::BatchCost;
using trace::Lane;
using trace::LaneKind;
using trace::Lanes;
using trace::LaneSpan;

namespace {

// Numbers of a span and of a cost, all as doubles: counts are below 2^53.
constexpr std::size_t kSpanNumbers = 10;
constexpr std::size_t kCostNumbers = 2;
constexpr std::int64_t kMostCount = 1ll << 53;

std::vector<double> numbersOf(const std::vector<LaneSpan>& spans) {
    std::vector<double> numbers;
    for (const LaneSpan& span : spans) {
        numbers.insert(numbers.end(),
                       {static_cast<double>(span.lane.kind),
                        static_cast<double>(span.lane.recursion), span.start, span.length,
                        span.seconds, span.ownSeconds, static_cast<double>(span.tokens),
                        static_cast<double>(span.rows), static_cast<double>(span.room),
                        static_cast<double>(span.batches)});
    }
    return numbers;
}

std::int64_t countOf(double number, std::int64_t most) {
    if (!(number >= 0 && number <= static_cast<double>(most)) || number != std::floor(number)) {
        rejectJson("lanes", fmt::format("{} must be an integer from 0 to {}", number, most));
    }
    return static_cast<std::int64_t>(number);
}

LaneSpan spanOf(std::span<const double> numbers) {
    LaneSpan span;
    span.lane.kind = static_cast<LaneKind>(countOf(numbers[0], 3));
    span.lane.recursion = static_cast<int>(countOf(numbers[1], kMaxRecursions));
    span.start = numbers[2];
    span.length = numbers[3];
    span.seconds = numbers[4];
    span.ownSeconds = numbers[5];
    span.tokens = countOf(numbers[6], kMostCount);
    span.rows = countOf(numbers[7], kMostCount);
    span.room = countOf(numbers[8], kMostCount);
    span.batches = countOf(numbers[9], kMostCount);
    return span;
}

bool isTime(double seconds) {
    constexpr double kMost = 1e9;
    return seconds >= 0 && seconds <= kMost;
}

bool isSound(const LaneSpan& span, const Lanes& lanes) {
    const bool isRecursion = span.lane.kind == LaneKind::Recursion;
    return isTime(span.start) && isTime(span.length) && isTime(span.seconds) &&
           isTime(span.ownSeconds) && span.tokens >= 0 && span.tokens <= span.rows &&
           span.rows <= span.room && span.batches >= 1 &&
           (isRecursion ? span.lane.recursion >= 1 && span.lane.recursion <= lanes.recursions
                        : span.lane.recursion == 0);
}

nlohmann::json figuresToJson(const Lanes& lanes) {
    return {{"model", textToJson(lanes.model)},
            {"routing", toJson(lanes.routing)},
            {"batching", settings::kBatchingNames.nameOf(lanes.batching)},
            {"recursions", lanes.recursions},
            {"rows", lanes.rows},
            {"texts", lanes.texts},
            {"tokens", lanes.tokens},
            {"seconds", numberToJson(lanes.seconds)},
            {"flops", numberToJson(lanes.flops)},
            {"full_flops", numberToJson(lanes.fullFlops)},
            {"full_seconds", numberToJson(lanes.fullSeconds)},
            {"full_tokens", lanes.fullTokens}};
}

void readFigures(const nlohmann::json& object, Lanes& lanes) {
    const Fields fields(object, "lanes");
    lanes.model = fields.text("model");
    lanes.routing = routingFromJson(fields.value("routing"), "lanes: routing");
    lanes.batching = settings::kBatchingNames.valueOf(fields.text("batching"))
                         .value_or(settings::Batching::Sequence);
    lanes.recursions = intOf(fields, "recursions", 0, kMaxRecursions);
    lanes.rows = intOf(fields, "rows", 1, settings::kMostBatchRows);
    lanes.texts = fields.integer("texts", 0, kMostCount);
    lanes.tokens = fields.integer("tokens", 0, kMostCount);
    lanes.seconds = fields.number("seconds");
    lanes.flops = fields.number("flops");
    lanes.fullFlops = fields.number("full_flops");
    lanes.fullSeconds = fields.number("full_seconds");
    lanes.fullTokens = fields.integer("full_tokens", 0, kMostCount);
}

} // namespace

std::optional<std::string> errorIn(const Lanes& lanes) {
    if (!isTime(lanes.seconds) || !(std::isnan(lanes.fullSeconds) || isTime(lanes.fullSeconds)) ||
        !std::isfinite(lanes.flops) || !std::isfinite(lanes.fullFlops)) {
        return "a figure of the lanes must be a positive number";
    }
    if (lanes.spans.size() > trace::kMostLaneSpans) {
        return fmt::format("there must be at most {} spans", trace::kMostLaneSpans);
    }
    if (lanes.costs.size() > static_cast<std::size_t>(lanes.rows)) {
        return "there must be no costs of batches with more rows than there are";
    }
    for (std::size_t i = 0; i < lanes.spans.size(); ++i) {
        const bool isOrdered = i == 0 || lanes.spans[i - 1].start <= lanes.spans[i].start;
        if (!isSound(lanes.spans[i], lanes) || !isOrdered) {
            return fmt::format("span {} is none", i);
        }
    }
    return std::ranges::all_of(
               lanes.costs,
               [](const BatchCost& cost) { return cost.batches >= 0 && isTime(cost.seconds); })
               ? std::nullopt
               : std::optional<std::string>("a cost of batches is none");
}

void writeLanes(Database& database, const Lanes& lanes) {
    database.run(kLanesTable.sql);
    const std::string figures = figuresToJson(lanes).dump();
    const std::vector<double> spans = numbersOf(lanes.spans);
    std::vector<double> costs;
    for (const BatchCost& cost : lanes.costs) {
        costs.insert(costs.end(), {static_cast<double>(cost.batches), cost.seconds});
    }
    Statement insert(database, "INSERT INTO lanes(figures, spans, costs) VALUES(?,?,?)");
    insert.bindText(1, figures);
    insert.bindBlob(2, std::as_bytes(std::span(spans)));
    insert.bindBlob(3, std::as_bytes(std::span(costs)));
    insert.run();
}

trace::LanesPtr readLanes(Database& database) {
    if (!checkTable(database, kLanesTable)) {
        return nullptr;
    }
    Statement row(database, "SELECT figures, spans, costs FROM lanes ORDER BY id DESC LIMIT 1");
    if (!row.next()) {
        return nullptr;
    }
    auto lanes = std::make_shared<Lanes>();
    const nlohmann::json figures = parseJson(boundedText(row, 0, kMaxMetaBytes, "lanes"), "lanes");
    readFigures(figures, *lanes);
    const auto spans = valuesOf<double>(row, 1, "lanes: spans");
    const auto costs = valuesOf<double>(row, 2, "lanes: costs");
    if (spans.size() % kSpanNumbers != 0 || costs.size() % kCostNumbers != 0 ||
        spans.size() / kSpanNumbers > trace::kMostLaneSpans) {
        rejectJson("lanes", "an array has the wrong size");
    }
    for (std::size_t i = 0; i < spans.size(); i += kSpanNumbers) {
        lanes->spans.push_back(spanOf(std::span(spans).subspan(i, kSpanNumbers)));
    }
    for (std::size_t i = 0; i < costs.size(); i += kCostNumbers) {
        lanes->costs.push_back({countOf(costs[i], kMostCount), costs[i + 1]});
    }
    if (const auto error = errorIn(*lanes)) {
        rejectJson("lanes", *error);
    }
    return lanes;
}

} // namespace depthscope::recording
