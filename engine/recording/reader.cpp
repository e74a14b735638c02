// SPDX-License-Identifier: MIT
#include "engine/recording/reader.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/database.h"
#include "engine/recording/files.h"
#include "engine/recording/format_1.h"
#include "engine/recording/lane_rows.h"
#include "engine/recording/model_json.h"
#include "engine/recording/rows.h"
#include "engine/recording/step_check.h"
#include "engine/recording/step_json.h"
#include "engine/recording/step_rows.h"
#include "engine/recording/tables.h"
#include "engine/trace/graded_classes.h"

#include <bit>
#include <new>
#include <optional>
#include <system_error>

namespace depthscope::recording {

namespace {

constexpr std::size_t kMaxModelBytes = 1u << 26;

void checkFile(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: file not found", path.string()),
                    "Check the name, or choose a recording from the list.");
    }
    const std::uintmax_t size = std::filesystem::file_size(path, error) + logBytes(path);
    if (!error && size > kMaxFileBytes) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: {} MiB exceeds the limit of {} MiB", path.string(), size >> 20,
                                kMaxFileBytes >> 20),
                    "Record shorter runs.");
    }
}

/// The version of the format.
std::int64_t checkFormat(Database& database) {
    if (database.integer("PRAGMA application_id") != kApplicationId) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: this is not a Depthscope recording", database.name()),
                    "Open a file saved with the extension .depthscope.");
    }
    const std::int64_t version = database.integer("PRAGMA user_version");
    if (version < 1 || version > kFormatVersion) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("{}: this recording has format {}; this program reads formats 1 to {}",
                        database.name(), version, kFormatVersion),
            "Open it with the version of Depthscope that recorded it, or a newer one.");
    }
    return version;
}

RunSetup readRecipe(Database& database, bool isFirstFormat) {
    RunSetup recipe;
    Statement rows(database, "SELECT key, value FROM recipe");
    while (rows.next()) {
        const std::string key(boundedText(rows, 0, kMaxMetaBytes, "recipe"));
        const std::string subject = fmt::format("recipe: {}", key);
        readRecipeEntry(key, parseJson(boundedText(rows, 1, kMaxTextBytes, subject), subject),
                        subject, recipe);
    }
    if (isFirstFormat && !recipe.classes.ranges.empty()) {
        recipe.classes.set = trace::gradedClasses(); // it knew no other
    }
    if (const auto error = errorIn(recipe)) {
        rejectJson("recipe", *error);
    }
    return recipe;
}

WindowState readWindow(Database& database, const char* sql) {
    WindowState window;
    Statement rows(database, sql);
    while (rows.next()) {
        window.emplace(rows.text(0), stringOf(rows.blob(1)));
    }
    return window;
}

std::vector<Annotation> readAnnotations(Database& database, const char* sql) {
    std::vector<Annotation> annotations;
    Statement rows(database, sql);
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
        const std::string subject = fmt::format("model {}", rows.integer(0));
        models.emplace(
            rows.integer(0),
            std::make_shared<const spec::ModelInfo>(modelFromJson(
                parseJson(boundedText(rows, 1, kMaxModelBytes, subject), subject), subject)));
    }
    return models;
}

Recording readFrom(Database& database, const std::stop_token& stop) {
    const std::int64_t version = checkFormat(database);
    const bool isFirstFormat = version == 1;
    const bool hasClips = version >= 3;
    const std::span<const TableSql> tables(kTables);
    isFirstFormat ? format_1::checkTables(database)
                  : requireTables(database, hasClips ? tables : tables.first(kFormat2Tables));
    if (const std::string found = database.text("PRAGMA quick_check(1)"); found != "ok") {
        throwDamaged(database.name(), "its pages are inconsistent");
    }
    try {
        Recording recording;
        recording.recipe = readRecipe(database, isFirstFormat);
        recording.window = readWindow(database, isFirstFormat ? format_1::kWindowSql : kWindowSql);
        recording.annotations =
            readAnnotations(database, isFirstFormat ? format_1::kAnnotationSql : kAnnotationSql);
        const Models models = readModels(database);
        recording.steps = isFirstFormat ? format_1::readSteps(database, models, stop)
                                        : readSteps(database, models, hasClips, stop);
        recording.lanes = version == kFormatVersion ? readLanes(database) : nullptr;
        return recording;
    } catch (const Error& error) {
        const bool namesFile = error.message().starts_with(database.name());
        if (error.code() != ErrorCode::BadInput || namesFile) {
            throw;
        }
        throwDamaged(database.name(), error.message());
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
        throw Error(ErrorCode::OutOfMemory, fmt::format("{}: out of memory", path.string()),
                    "Close other programs, or open a shorter recording.");
    }
}

} // namespace depthscope::recording
