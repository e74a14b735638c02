// SPDX-License-Identifier: MIT
#include "engine/recording/writer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/files.h"
#include "engine/recording/tables.h"

#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

namespace depthscope::recording {

namespace {

constexpr std::chrono::seconds kSyncInterval{1};

void makeRoom(const std::filesystem::path& path, Writer::IfExists ifExists) {
    std::error_code ignored;
    const bool isTaken = std::filesystem::exists(path, ignored) &&
                         !(std::filesystem::is_regular_file(path, ignored) &&
                           std::filesystem::file_size(path, ignored) == 0);
    if (isTaken && ifExists == Writer::IfExists::Refuse) {
        throw Error(ErrorCode::Usage, fmt::format("{}: file already exists", path.string()),
                    "Choose another name, or remove the file first.");
    }
    if (isTaken && !std::filesystem::is_regular_file(path, ignored)) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: not a regular file", path.string()),
                    "Choose another name.");
    }
    if (isTaken) {
        std::filesystem::remove(path, ignored);
    }
    removeCompanions(path);
}

} // namespace

struct Writer::State {
    explicit State(const std::filesystem::path& path)
        : database(path, Database::Open::Create, path.string())
        , tables(database) {}

    Database database;
    Tables tables;
    std::uint64_t steps = 0;
    std::optional<Error> error; ///< the first one: a run with a gap would be worthless
    std::chrono::steady_clock::time_point synced = std::chrono::steady_clock::now();
};

Writer::Writer(const std::filesystem::path& path, const RunSetup& recipe, IfExists ifExists) {
    makeRoom(path, ifExists);
    try {
        m_state = std::make_unique<State>(path);
        // The tables stand in the file itself before the log begins: a killed recording is still
        // known as one. The exclusive lock keeps the log's index in memory, so that no third file
        // lies there.
        m_state->database.run("PRAGMA locking_mode = EXCLUSIVE");
        if (m_state->database.text("PRAGMA journal_mode = WAL") != "wal") {
            throw Error(
                ErrorCode::BadInput,
                fmt::format("{}: this file system does not support recording", path.string()),
                "Record to a local disk.");
        }
        put(recipe);
    } catch (...) {
        m_state.reset();
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        removeCompanions(path);
        throw;
    }
}

Writer::~Writer() {
    try {
        close();
    } catch (const std::exception&) {
        // Everything committed is in the file and its log; a reader finds it there.
    }
}

template <class Change>
void Writer::commit(Change&& change) {
    if (m_state == nullptr) {
        throw Error(ErrorCode::Internal, "This recording is closed: nothing can be added to it.");
    }
    if (m_state->error) {
        throw Error(*m_state->error);
    }
    Database& database = m_state->database;
    const auto now = std::chrono::steady_clock::now();
    const bool syncs = now - m_state->synced >= kSyncInterval;
    try {
        database.run(syncs ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        database.run("BEGIN IMMEDIATE");
        change(m_state->tables);
        database.run("COMMIT");
    } catch (const Error& error) {
        database.rollBack();
        m_state->error = error;
        throw;
    }
    if (syncs) {
        m_state->synced = now;
    }
}

void Writer::add(const trace::StepTrace& step) {
    commit([&](Tables& tables) { tables.add(step); });
    ++m_state->steps;
}

void Writer::add(const Annotation& annotation) {
    commit([&](Tables& tables) { tables.add(annotation); });
}

void Writer::put(const RunSetup& recipe) {
    commit([&](Tables& tables) { tables.put(recipe); });
}

void Writer::put(const WindowState& window) {
    commit([&](Tables& tables) { tables.put(window); });
}

std::uint64_t Writer::steps() const {
    return m_state == nullptr ? 0 : m_state->steps;
}

void Writer::close() {
    if (m_state == nullptr) {
        return;
    }
    const std::unique_ptr<State> state = std::move(m_state);
    state->database.run("PRAGMA synchronous = FULL");
    state->database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    if (state->database.text("PRAGMA journal_mode = DELETE") != "delete") {
        throw Error(
            ErrorCode::Device,
            fmt::format("{}: the log could not be merged into the file", state->database.name()),
            "Keep the file and the -wal file beside it together: both are needed.");
    }
}

} // namespace depthscope::recording
