// SPDX-License-Identifier: MIT
#include "engine/recording/reader.h"

#include "engine/base/error.h"
#include "engine/recording/database.h"
#include "engine/recording/files.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/step_check.h"
#include "engine/recording/step_json.h"
#include "engine/recording/tables.h"

#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <system_error>

namespace depthscope::recording {

namespace {

constexpr std::size_t kMaxMetaBytes = 1u << 20;
constexpr std::size_t kMaxModelBytes = 1u << 26;

using Models = std::map<std::int64_t, std::shared_ptr<const trace::ModelInfo>>;

void checkFile(const std::filesystem::path& path) {
    std::error_code fault;
    if (!std::filesystem::is_regular_file(path, fault)) {
        throw Error(ErrorCode::BadInput, path.string() + ": there is no such file",
                    "Check the name, or choose a recording from the list.");
    }
    const std::uintmax_t size = std::filesystem::file_size(path, fault) + logBytes(path);
    if (!fault && size > kMaxFileBytes) {
        throw Error(ErrorCode::BadInput,
                    path.string() + ": " + std::to_string(size >> 20) + " MiB are more than the " +
                        std::to_string(kMaxFileBytes >> 20) + " MiB that can be opened",
                    "Record shorter runs.");
    }
}

void checkFormat(Database& database) {
    if (database.integer("PRAGMA application_id") != kApplicationId) {
        throw Error(ErrorCode::BadInput, database.name() + ": this is not a Depthscope recording",
                    "Open a file that was saved with the ending .depthscope.");
    }
    const std::int64_t version = database.integer("PRAGMA user_version");
    if (version != kFormatVersion) {
        throw Error(ErrorCode::BadInput,
                    database.name() + ": this recording has format " + std::to_string(version) +
                        ", and this program reads format " + std::to_string(kFormatVersion),
                    "Open it with the version of Depthscope that recorded it, or a newer one.");
    }
}

/// Views, virtual tables and generated columns could run code of the file's author: only the very
/// tables that a Writer makes are accepted. False: the table is not there.
bool checkTable(Database& database, const TableSql& table) {
    Statement query(database, "SELECT type, sql FROM sqlite_schema WHERE name = ?");
    query.bindText(1, table.name);
    if (!query.next()) {
        return false;
    }
    if (query.text(0) != "table" || query.text(1) != table.sql) {
        throwDamaged(database.name(),
                     std::string("the table ") + table.name + " is not as it should be");
    }
    return true;
}

void checkSchema(Database& database) {
    for (const TableSql& table : kTables) {
        if (!checkTable(database, table)) {
            throwDamaged(database.name(), std::string("the table ") + table.name + " is missing");
        }
    }
    if (const std::string found = database.text("PRAGMA quick_check(1)"); found != "ok") {
        throwDamaged(database.name(), "its pages contradict each other");
    }
}

template <class Value>
std::vector<Value> valuesOf(const Statement& row, int column, const std::string& subject) {
    const std::span<const std::byte> bytes = row.blob(column);
    if (bytes.size() % sizeof(Value) != 0 || bytes.size() / sizeof(Value) > kMaxScoresPerStep) {
        rejectJson(subject, "an array has a wrong size");
    }
    std::vector<Value> values(bytes.size() / sizeof(Value));
    if (!values.empty()) {
        std::memcpy(values.data(), bytes.data(), bytes.size());
    }
    return values;
}

std::string stringOf(std::span<const std::byte> bytes) {
    return bytes.empty() ? std::string{}
                         : std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string_view
boundedText(const Statement& row, int column, std::size_t limit, const std::string& subject) {
    const std::string_view text = row.text(column);
    if (text.size() > limit) {
        rejectJson(subject, "the text is longer than " + std::to_string(limit) + " bytes");
    }
    return text;
}

Recipe readRecipe(Database& database) {
    Recipe recipe;
    Statement rows(database, "SELECT key, value FROM recipe");
    while (rows.next()) {
        const std::string key(boundedText(rows, 0, kMaxMetaBytes, "recipe"));
        const std::string subject = "recipe: " + key;
        readRecipeEntry(key, parseJson(boundedText(rows, 1, kMaxTextBytes, subject), subject),
                        subject, recipe);
    }
    if (const auto fault = faultOf(recipe)) {
        rejectJson("recipe", *fault);
    }
    return recipe;
}

Layout readLayout(Database& database) {
    Layout layout;
    Statement rows(database, "SELECT name, value FROM layout");
    while (rows.next()) {
        layout.emplace(rows.text(0), stringOf(rows.blob(1)));
    }
    return layout;
}

std::vector<Annotation> readAnnotations(Database& database) {
    std::vector<Annotation> annotations;
    Statement rows(database, "SELECT run, token, text FROM annotation ORDER BY id");
    while (rows.next()) {
        annotations.push_back({std::bit_cast<std::uint64_t>(rows.integer(0)), rows.integer(1),
                               stringOf(rows.blob(2))});
    }
    return annotations;
}

Models readModels(Database& database) {
    Models models;
    Statement rows(database, "SELECT id, info FROM model");
    while (rows.next()) {
        const std::string subject = "model " + std::to_string(rows.integer(0));
        models.emplace(
            rows.integer(0),
            std::make_shared<const trace::ModelInfo>(modelFromJson(
                parseJson(boundedText(rows, 1, kMaxModelBytes, subject), subject), subject)));
    }
    return models;
}

std::int64_t bounded(std::int64_t value, std::int64_t maximum, const std::string& subject) {
    if (value < 0 || value > maximum) {
        rejectJson(subject, std::to_string(value) + " is outside 0.." + std::to_string(maximum));
    }
    return value;
}

/// The rows of the expert table beside those of the steps, both in the order of the steps.
class ExpertRows {
public:
    explicit ExpertRows(Database& database) {
        if (checkTable(database, kExpertTable)) {
            m_rows.emplace(database, "SELECT step, layer, experts, perToken, chosen, weights FROM "
                                     "expert ORDER BY step, layer");
            advance();
        }
    }

    /// Call with growing numbers; rows of steps that are not there are passed over.
    [[nodiscard]] std::vector<trace::ExpertChoices> of(std::int64_t step) {
        const std::string subject = "experts of step row " + std::to_string(step);
        std::vector<trace::ExpertChoices> layers;
        for (; m_step && *m_step <= step; advance()) {
            if (*m_step < step) {
                continue;
            }
            if (layers.size() == kMaxExpertLayers) {
                rejectJson(subject, "there are too many layers");
            }
            trace::ExpertChoices choices;
            choices.layer = static_cast<int>(
                bounded(m_rows->integer(1), std::numeric_limits<int>::max(), subject));
            choices.experts = static_cast<int>(bounded(m_rows->integer(2), kMaxExperts, subject));
            choices.perToken = static_cast<int>(bounded(m_rows->integer(3), kMaxExperts, subject));
            choices.index = valuesOf<std::uint8_t>(*m_rows, 4, subject);
            choices.weight = valuesOf<float>(*m_rows, 5, subject);
            layers.push_back(std::move(choices));
        }
        return layers;
    }

private:
    void advance() { m_step = m_rows->next() ? std::optional(m_rows->integer(0)) : std::nullopt; }

    std::optional<Statement> m_rows; ///< nothing in an older recording
    std::optional<std::int64_t> m_step;
};

trace::StepPtr readStep(const Statement& row, const Models& models, ExpertRows& experts) {
    const std::string subject = "step row " + std::to_string(row.integer(0));
    auto step = std::make_shared<trace::StepTrace>();
    step->run = std::bit_cast<std::uint64_t>(row.integer(1));
    step->step = static_cast<std::uint32_t>(
        bounded(row.integer(2), std::numeric_limits<std::uint32_t>::max(), subject + ": step"));
    step->role = static_cast<trace::RunRole>(bounded(row.integer(3), 2, subject + ": role"));
    step->kind = static_cast<trace::StepKind>(bounded(row.integer(4), 2, subject + ": kind"));
    const auto model = models.find(row.integer(5));
    step->model = model == models.end() ? nullptr : model->second;
    step->ids = valuesOf<std::int32_t>(row, 7, subject + ": ids");
    step->depth = valuesOf<std::uint8_t>(row, 8, subject + ": depth");
    step->classes = valuesOf<std::uint8_t>(row, 9, subject + ": classes");
    step->nll = valuesOf<float>(row, 10, subject + ": nll");
    step->scores = valuesOf<float>(row, 11, subject + ": scores");
    step->pieceEnds = valuesOf<std::uint32_t>(row, 12, subject + ": pieceEnds");
    step->text = stringOf(row.blob(13));
    step->experts = experts.of(row.integer(0));
    readMeta(parseJson(boundedText(row, 6, kMaxMetaBytes, subject), subject), subject, *step);
    return step;
}

std::vector<trace::StepPtr>
readSteps(Database& database, const Models& models, const std::stop_token& stop) {
    std::vector<trace::StepPtr> steps;
    StepOrder order;
    ExpertRows experts(database);
    Statement rows(database,
                   "SELECT number, run, step, role, kind, model, meta, ids, depth, classes, nll, "
                   "scores, pieceEnds, text FROM step ORDER BY number");
    while (rows.next()) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, database.name() + ": stopped while reading");
        }
        steps.push_back(readStep(rows, models, experts));
        if (const auto fault = order.faultOfNext(*steps.back())) {
            throwDamaged(database.name(),
                         "step row " + std::to_string(rows.integer(0)) + ": " + *fault);
        }
    }
    return steps;
}

Recording readFrom(Database& database, const std::stop_token& stop) {
    checkFormat(database);
    checkSchema(database);
    try {
        Recording recording;
        recording.recipe = readRecipe(database);
        recording.layout = readLayout(database);
        recording.annotations = readAnnotations(database);
        recording.steps = readSteps(database, readModels(database), stop);
        return recording;
    } catch (const Error& fault) {
        const bool namesFile = fault.message().starts_with(database.name());
        if (fault.code() != ErrorCode::BadInput || namesFile) {
            throw;
        }
        throwDamaged(database.name(), fault.message());
    }
}

} // namespace

Recording readRecording(const std::filesystem::path& path, const std::stop_token& stop) {
    checkFile(path);
    try {
        std::optional<TemporaryFolder> folder;
        std::filesystem::path file = path;
        if (logBytes(path) > 0) {
            folder.emplace();
            file = copyWithLog(path, *folder);
        }
        Database database(file, folder ? Database::Open::Private : Database::Open::Immutable,
                          path.string());
        database.interruptBy(stop);
        return readFrom(database, stop);
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, path.string() + ": memory ran out",
                    "Close other programs, or open a shorter recording.");
    }
}

} // namespace depthscope::recording
