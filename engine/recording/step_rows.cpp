// SPDX-License-Identifier: MIT
#include "engine/recording/step_rows.h"

#include "engine/base/text.h"
#include "engine/recording/clip_rows.h"
#include "engine/recording/step_json.h"

#include <bit>
#include <limits>
#include <optional>
#include <utility>

namespace depthscope::recording {

namespace {

using ClassSets = std::map<std::int64_t, trace::ClassSetPtr>;

constexpr std::size_t kMaxClassSetBytes = 1u << 16;

ClassSets readClassSets(Database& database) {
    ClassSets sets;
    Statement rows(database, "SELECT id, names FROM classSet");
    while (rows.next()) {
        const std::string subject = fmt::format("class set {}", rows.integer(0));
        sets.emplace(
            rows.integer(0),
            classSetFromJson(parseJson(boundedText(rows, 1, kMaxClassSetBytes, subject), subject),
                             subject));
    }
    return sets;
}

constexpr const char* kExpertSql = "SELECT step, layer, experts, offsets, chosen, weights FROM "
                                   "expert ORDER BY step, layer";

void readChoices(const Statement& row, const std::string& subject, trace::ExpertChoices& choices) {
    choices.offsets = valuesOf<std::uint32_t>(row, 3, subject + ": offsets");
    choices.index = valuesOf<std::uint8_t>(row, 4, subject + ": chosen");
    choices.weight = valuesOf<float>(row, 5, subject + ": weights");
}

/// Step, its routing, its text: columns 0 to 6, 7 to 16, 17 to 21.
constexpr const char* kStepSql =
    "SELECT step.number, runKey, run, step.step, kind, model, meta, "
    "frames, rowsOfFrame, columns, firstPlace, recursions, depth, scores, classes, classSet, "
    "routing.figures, ids, nll, pieceEnds, text.text, text.figures FROM step "
    "LEFT JOIN routing ON routing.step = step.number LEFT JOIN text ON text.step = step.number "
    "ORDER BY step.number";
constexpr int kIdsColumn = 17;

void readHeader(const Statement& row,
                const Models& models,
                const std::string& subject,
                trace::StepTrace& step) {
    step.key = row.text(1);
    step.run = std::bit_cast<std::uint64_t>(row.integer(2));
    step.step = static_cast<std::uint32_t>(
        bounded(row.integer(3), std::numeric_limits<std::uint32_t>::max(), subject + ": step"));
    step.kind = static_cast<trace::StepKind>(bounded(row.integer(4), 2, subject + ": kind"));
    const auto model = models.find(row.integer(5));
    step.model = model == models.end() ? nullptr : model->second;
    readMeta(parseJson(boundedText(row, 6, kMaxMetaBytes, subject), subject), subject, step);
}

void readRouting(const Statement& row,
                 const ClassSets& sets,
                 const std::string& subject,
                 trace::RoutingStep& routing) {
    const auto number = [&](int column, std::int64_t maximum, const char* name) {
        return static_cast<std::int32_t>(bounded(row.integer(column), maximum, subject + name));
    };
    routing.layout = {number(7, kMaxPlaces, ": frames"), number(8, kMaxPlaces, ": rows"),
                      number(9, kMaxPlaces, ": columns")};
    routing.firstPlace = number(10, kMaxPlaces, ": firstPlace");
    routing.recursions = number(11, kMaxRecursions, ": recursions");
    routing.depth = valuesOf<std::uint8_t>(row, 12, subject + ": depth");
    routing.scores = valuesOf<float>(row, 13, subject + ": scores");
    routing.classes = valuesOf<std::uint8_t>(row, 14, subject + ": classes");
    if (!row.isNull(15)) {
        const auto set = sets.find(row.integer(15));
        routing.classSet = set == sets.end() ? nullptr : set->second;
    }
    readFigures(parseJson(boundedText(row, 16, kMaxMetaBytes, subject), subject),
                subject + ": figures", routing);
}

void readText(const Statement& row, const std::string& subject, trace::TextContent& text) {
    text.ids = valuesOf<std::int32_t>(row, kIdsColumn, subject + ": ids");
    text.nll = valuesOf<float>(row, kIdsColumn + 1, subject + ": nll");
    text.pieceEnds = valuesOf<std::uint32_t>(row, kIdsColumn + 2, subject + ": pieceEnds");
    text.text = stringOf(row.blob(kIdsColumn + 3));
    const nlohmann::json figures =
        parseJson(boundedText(row, kIdsColumn + 4, kMaxMetaBytes, subject), subject);
    text.loss = Fields(figures, subject + ": text").number("loss");
}

} // namespace

std::vector<trace::StepPtr>
readSteps(Database& database, const Models& models, bool hasClips, const std::stop_token& stop) {
    const ClassSets sets = readClassSets(database);
    ExpertRows experts(database, kExpertSql, &readChoices);
    std::optional<ClipRows> clips;
    if (hasClips) {
        clips.emplace(database);
    }
    Statement rows(database, kStepSql);
    return collectSteps(database, rows, stop, [&] {
        const std::string subject = fmt::format("step row {}", rows.integer(0));
        auto step = std::make_shared<trace::StepTrace>();
        readHeader(rows, models, subject, *step);
        readRouting(rows, sets, subject, step->routing);
        step->routing.experts = experts.of(rows.integer(0));
        if (!rows.isNull(kIdsColumn)) {
            readText(rows, subject, step->makeText());
        }
        auto clip = clips ? clips->of(rows.integer(0)) : std::nullopt;
        if (clip && step->text() != nullptr) {
            rejectJson(subject, "has both a text and a clip");
        }
        if (clip) {
            step->content = std::move(*clip);
        }
        return trace::StepPtr(std::move(step));
    });
}

} // namespace depthscope::recording
