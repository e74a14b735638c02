// SPDX-License-Identifier: MIT
#include "engine/recording/format_1.h"

#include "engine/base/text.h"
#include "engine/recording/settings_json.h"
#include "engine/recording/step_json.h"
#include "engine/trace/graded_classes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>
#include <utility>

namespace depthscope::recording::format_1 {

namespace {

constexpr std::array<TableSql, 5> kTables{{
    {"recipe", "CREATE TABLE recipe(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"},
    {"model", "CREATE TABLE model(id INTEGER PRIMARY KEY, info TEXT NOT NULL)"},
    {"step",
     "CREATE TABLE step(number INTEGER PRIMARY KEY, run INTEGER NOT NULL, step INTEGER NOT NULL, "
     "role INTEGER NOT NULL, kind INTEGER NOT NULL, model INTEGER NOT NULL REFERENCES model(id), "
     "meta TEXT NOT NULL, ids BLOB NOT NULL, depth BLOB NOT NULL, classes BLOB NOT NULL, "
     "nll BLOB NOT NULL, scores BLOB NOT NULL, pieceEnds BLOB NOT NULL, text BLOB NOT NULL)"},
    {"layout", "CREATE TABLE layout(name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL)"},
    {"annotation", "CREATE TABLE annotation(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, token "
                   "INTEGER NOT NULL, "
                   "text BLOB NOT NULL)"},
}};

/// Choices of experts; recordings of before the MORE models do not have it.
constexpr TableSql kExpertTable{
    "expert",
    "CREATE TABLE expert(step INTEGER NOT NULL REFERENCES step(number), layer INTEGER NOT NULL, "
    "experts INTEGER NOT NULL, perToken INTEGER NOT NULL, chosen BLOB NOT NULL, "
    "weights BLOB NOT NULL, PRIMARY KEY(step, layer))"};

/// By number.
constexpr std::array<const char*, 3> kKeys{trace::kMainRun, trace::kFullDepthRun,
                                           trace::kVanillaRun};

constexpr const char* kExpertSql = "SELECT step, layer, experts, perToken, chosen, weights FROM "
                                   "expert ORDER BY step, layer";

/// So many a token.
void readChoices(const Statement& row, const std::string& subject, trace::ExpertChoices& choices) {
    const std::int64_t perToken = bounded(row.integer(3), choices.experts, subject);
    choices.index = valuesOf<std::uint8_t>(row, 4, subject);
    choices.weight = valuesOf<float>(row, 5, subject);
    if (perToken < 1 || choices.index.size() % static_cast<std::size_t>(perToken) != 0) {
        rejectJson(subject, fmt::format("{} choices do not divide evenly into {} per token",
                                        choices.index.size(), perToken));
    }
    const std::size_t tokens = choices.index.size() / static_cast<std::size_t>(perToken);
    for (std::size_t t = 1; t <= tokens; ++t) {
        choices.offsets.push_back(static_cast<std::uint32_t>(t) *
                                  static_cast<std::uint32_t>(perToken));
    }
}

/// Where the next places of each run go: all steps appended, whatever first token they named.
using Ends = std::map<std::pair<std::uint64_t, trace::RunKey>, std::int32_t>;

/// The routing and the losses stood in the meta object of the step.
void readRouting(const nlohmann::json& meta,
                 const std::string& subject,
                 Ends& ends,
                 trace::StepTrace& step) {
    const Fields fields(meta, subject);
    trace::RoutingStep& routing = step.routing;
    const int first = intOf(fields, "first_token", 0, kLargestInt);
    constexpr auto kLastFirst =
        static_cast<std::int32_t>(kMaxPlaces - static_cast<std::int64_t>(kMaxPlacesPerStep));
    std::int32_t& end =
        ends.try_emplace({step.run, step.key}, std::min(first, kLastFirst)).first->second;
    routing.firstPlace = std::min(end, kLastFirst);
    end = routing.firstPlace + static_cast<std::int32_t>(routing.places());
    routing.recursions = intOf(fields, "recursions", 1, kMaxRecursions);
    routing.layout.columns = end;
    const auto tokens = fields.integer("tokens", 0, static_cast<std::int64_t>(kMaxPlacesPerStep));
    if (static_cast<std::size_t>(tokens) != routing.places()) {
        rejectJson(subject + ": tokens",
                   fmt::format("must match the number of depths, {}", routing.places()));
    }
    routing.kv = kvFromJson(fields.value("kv"), subject + ": kv");
    routing.cost = costFromJson(fields.value("cost"), subject + ": cost");
    step.makeText().loss = fields.number("loss_lm");
    routing.losses.aux = fields.number("loss_aux");
    routing.losses.balance = fields.number("loss_balance");
    routing.losses.z = fields.number("loss_z");
}

trace::StepPtr
readStep(const Statement& row, const Models& models, ExpertRows& experts, Ends& ends) {
    const std::string subject = fmt::format("step row {}", row.integer(0));
    auto step = std::make_shared<trace::StepTrace>();
    step->run = std::bit_cast<std::uint64_t>(row.integer(1));
    step->step = static_cast<std::uint32_t>(
        bounded(row.integer(2), std::numeric_limits<std::uint32_t>::max(), subject + ": step"));
    const std::int64_t key = bounded(row.integer(3), kKeys.size() - 1, subject + ": role");
    step->key = kKeys.at(static_cast<std::size_t>(key));
    step->kind = static_cast<trace::StepKind>(bounded(row.integer(4), 2, subject + ": kind"));
    const auto model = models.find(row.integer(5));
    step->model = model == models.end() ? nullptr : model->second;
    trace::TextContent& text = step->makeText();
    text.ids = valuesOf<std::int32_t>(row, 7, subject + ": ids");
    text.nll = valuesOf<float>(row, 10, subject + ": nll");
    text.pieceEnds = valuesOf<std::uint32_t>(row, 12, subject + ": pieceEnds");
    text.text = stringOf(row.blob(13));
    trace::RoutingStep& routing = step->routing;
    routing.depth = valuesOf<std::uint8_t>(row, 8, subject + ": depth");
    routing.classes = valuesOf<std::uint8_t>(row, 9, subject + ": classes");
    routing.classSet = routing.classes.empty() ? nullptr : trace::gradedClasses();
    routing.scores = valuesOf<float>(row, 11, subject + ": scores");
    routing.experts = experts.of(row.integer(0));
    if (routing.places() > kMaxPlacesPerStep) {
        rejectJson(subject + ": depth", "too many tokens");
    }
    const nlohmann::json meta = parseJson(boundedText(row, 6, kMaxMetaBytes, subject), subject);
    readMeta(meta, subject, *step);
    readRouting(meta, subject, ends, *step);
    return step;
}

} // namespace

void checkTables(Database& database) {
    requireTables(database, kTables);
}

std::vector<trace::StepPtr>
readSteps(Database& database, const Models& models, const std::stop_token& stop) {
    const bool hasExperts = checkTable(database, kExpertTable);
    ExpertRows experts(database, hasExperts ? kExpertSql : nullptr, &readChoices);
    Ends ends;
    Statement rows(database,
                   "SELECT number, run, step, role, kind, model, meta, ids, depth, classes, nll, "
                   "scores, pieceEnds, text FROM step ORDER BY number");
    return collectSteps(database, rows, stop,
                        [&] { return readStep(rows, models, experts, ends); });
}

} // namespace depthscope::recording::format_1
