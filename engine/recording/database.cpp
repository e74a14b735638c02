// SPDX-License-Identifier: MIT
#include "engine/recording/database.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <sqlite3.h>

#include <array>
#include <cstring>

namespace depthscope::recording {

namespace {

constexpr int kLargestValueBytes = 600'000'000; // above every blob that the limits allow
constexpr int kInstructionsBetweenChecks = 20'000;
constexpr int kBusyMilliseconds = 2'000;

/// A full disk is SQLITE_FULL; a used-up quota or a size limit is a failed write to SQLite.
bool isDiskFull(int resultCode) {
    return (resultCode & 0xff) == SQLITE_FULL || resultCode == SQLITE_IOERR_WRITE;
}

/// The file as a URI: every byte that is not plain is percent-encoded, so that no name can add a
/// parameter.
std::string immutableUri(const std::filesystem::path& file) {
    static constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string uri = "file://";
    for (const char c : std::filesystem::absolute(file).string()) {
        if (kPlain.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return uri + "?mode=ro&immutable=1";
}

int stopRequested(void* token) {
    return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

} // namespace

void throwDamaged(const std::string& file, const std::string& what) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: this recording is damaged: {}", file, what),
                "Open another copy of it, or record the run again.");
}

Statement::Statement(Database& database, std::string_view sql)
    : m_database(database) {
    const int code = sqlite3_prepare_v2(database.m_handle, sql.data(), static_cast<int>(sql.size()),
                                        &m_statement, nullptr);
    if (code != SQLITE_OK) {
        database.fail(code);
    }
}

Statement::~Statement() {
    sqlite3_finalize(m_statement);
}

void Statement::bind(int index, std::int64_t value) {
    if (const int code = sqlite3_bind_int64(m_statement, index, value); code != SQLITE_OK) {
        m_database.fail(code);
    }
}

void Statement::bindText(int index, std::string_view value) {
    const int code = sqlite3_bind_text64(m_statement, index, value.data(), value.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) {
        m_database.fail(code);
    }
}

void Statement::bindBlob(int index, std::span<const std::byte> value) {
    // A null pointer would bind NULL instead of an empty blob.
    const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
    const int code = sqlite3_bind_blob64(m_statement, index, data, value.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) {
        m_database.fail(code);
    }
}

bool Statement::next() {
    const int code = sqlite3_step(m_statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        m_database.fail(code);
    }
    return code == SQLITE_ROW;
}

void Statement::run() {
    const int code = sqlite3_step(m_statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        sqlite3_reset(m_statement);
        m_database.fail(code);
    }
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

void Statement::requireType(int column, int type) const {
    if (sqlite3_column_type(m_statement, column) != type) {
        throwDamaged(m_database.m_name, fmt::format("column {} has the wrong type",
                                                    sqlite3_column_name(m_statement, column)));
    }
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    requireType(column, SQLITE_INTEGER);
    return sqlite3_column_int64(m_statement, column);
}

std::string_view Statement::text(int column) const {
    requireType(column, SQLITE_TEXT);
    const unsigned char* data = sqlite3_column_text(m_statement, column);
    if (data == nullptr) {
        m_database.fail(SQLITE_NOMEM);
    }
    return {reinterpret_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

std::span<const std::byte> Statement::blob(int column) const {
    requireType(column, SQLITE_BLOB);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    const void* data = sqlite3_column_blob(m_statement, column);
    if (data == nullptr && sqlite3_errcode(m_database.m_handle) == SQLITE_NOMEM) {
        m_database.fail(SQLITE_NOMEM);
    }
    return {static_cast<const std::byte*>(data), data == nullptr ? 0 : size};
}

Database::Database(const std::filesystem::path& file, Open how, std::string shownAs)
    : m_name(std::move(shownAs))
    , m_how(how) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    std::string target = std::filesystem::absolute(file).string();
    if (how == Open::Create) {
        flags |= SQLITE_OPEN_CREATE;
    } else if (how == Open::Immutable) {
        flags =
            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        target = immutableUri(file);
    }
    const int code = sqlite3_open_v2(target.c_str(), &m_handle, flags, nullptr);
    try {
        if (code != SQLITE_OK) {
            fail(code);
        }
        harden();
    } catch (...) {
        sqlite3_close_v2(m_handle);
        throw;
    }
}

Database::~Database() {
    sqlite3_close_v2(m_handle);
}

void Database::harden() {
    static constexpr std::array<std::pair<int, int>, 5> kSwitches{{
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 0},
    }};
    for (const auto& [option, value] : kSwitches) {
        if (const int code = sqlite3_db_config(m_handle, option, value, nullptr);
            code != SQLITE_OK) {
            fail(code);
        }
    }
    sqlite3_limit(m_handle, SQLITE_LIMIT_LENGTH, kLargestValueBytes);
    sqlite3_limit(m_handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout(m_handle, kBusyMilliseconds);
    run("PRAGMA mmap_size = 0"); // a mapped file that shrinks kills the process
    if (m_how != Open::Create) {
        run("PRAGMA cell_size_check = ON");
        run("PRAGMA query_only = ON");
    }
}

void Database::run(const char* sql) {
    const int code = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
    }
}

void Database::rollBack() noexcept {
    if (sqlite3_get_autocommit(m_handle) == 0) {
        sqlite3_exec(m_handle, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

std::int64_t Database::integer(std::string_view sql) {
    Statement statement(*this, sql);
    return statement.next() ? statement.integer(0) : 0;
}

std::string Database::text(std::string_view sql) {
    Statement statement(*this, sql);
    return statement.next() ? std::string(statement.text(0)) : std::string{};
}

void Database::interruptBy(const std::stop_token& stop) {
    m_stop = std::make_unique<std::stop_token>(stop);
    sqlite3_progress_handler(m_handle, kInstructionsBetweenChecks, &stopRequested, m_stop.get());
}

void Database::close() {
    const int code = sqlite3_close(m_handle);
    if (code != SQLITE_OK) {
        fail(code);
    }
    m_handle = nullptr;
}

void Database::fail(int resultCode) const {
    const int primary = resultCode & 0xff;
    const int systemError = m_handle == nullptr ? 0 : sqlite3_system_errno(m_handle);
    if (primary == SQLITE_INTERRUPT) {
        throw Error(ErrorCode::Interrupted, fmt::format("{}: stopped while reading", m_name));
    }
    if (primary == SQLITE_NOMEM && m_how != Open::Create) {
        // SQLite says so too where a damaged file names absurd sizes (found by fuzzing).
        throw Error(ErrorCode::BadInput, fmt::format("{}: out of memory while reading it", m_name),
                    "The file is damaged, or too large for the free memory; close other programs, "
                    "or open another recording.");
    }
    if (primary == SQLITE_NOMEM) {
        throw Error(ErrorCode::OutOfMemory, fmt::format("{}: out of memory", m_name),
                    "Close other programs, or open a shorter recording.");
    }
    std::string reason = sqlite3_errstr(resultCode);
    if (systemError != 0) {
        reason += fmt::format(" ({})", std::strerror(systemError));
    }
    if (m_how == Open::Create) {
        if (isDiskFull(resultCode)) {
            throw Error(ErrorCode::OutOfMemory,
                        fmt::format("{}: the disk or your quota is full: {}", m_name, reason),
                        "Free some space, or record to another disk.");
        }
        throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be written: {}", m_name, reason),
                    "Choose a folder that you can write to.");
    }
    if (primary == SQLITE_NOTADB) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: this is not a Depthscope recording", m_name),
                    "Open a file saved with the extension .depthscope.");
    }
    if (primary == SQLITE_CORRUPT || primary == SQLITE_IOERR || primary == SQLITE_TOOBIG) {
        throwDamaged(m_name, reason);
    }
    throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be read: {}", m_name, reason),
                "Check that the file exists and is readable.");
}

} // namespace depthscope::recording
