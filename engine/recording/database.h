// SPDX-License-Identifier: MIT
// SQLite in RAII form, for this folder only. One thread per Database; a Statement must not outlive
// it. Every fault is thrown as Error that names the file: BadInput for files that cannot be read,
// OutOfMemory for a full disk, Interrupted if a stop was requested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace depthscope::recording {

class Database;

/// One prepared statement. Bound blobs and texts must live until the next reset.
class Statement {
public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Parameters count from 1.
    void bind(int index, std::int64_t value);
    void bindText(int index, std::string_view value);
    void bindBlob(int index, std::span<const std::byte> value);

    /// True while there is a row to read.
    [[nodiscard]] bool next();

    /// Runs a statement that gives no rows, and makes it ready to run again.
    void run();

    /// Columns count from 0.
    [[nodiscard]] bool isNull(int column) const;
    /// Each throws BadInput unless the column has that type.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::span<const std::byte> blob(int column) const;

private:
    void requireType(int column, int type) const;

    Database& m_database;
    sqlite3_stmt* m_statement = nullptr;
};

class Database {
public:
    enum class Open {
        Create,    ///< for writing; made if it is missing
        Immutable, ///< for reading a file that nobody changes: no lock, no file beside it
        Private,   ///< for reading a copy of our own, a write-ahead log is folded in
    };

    /// `shownAs` is the name in messages: a temporary file stands for the one that the user knows.
    Database(const std::filesystem::path& file, Open how, std::string shownAs);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void run(const char* sql);

    /// Undoes an open transaction, if SQLite has not done so itself. Never throws.
    void rollBack() noexcept;

    /// First column of the first row.
    [[nodiscard]] std::int64_t integer(std::string_view sql);
    [[nodiscard]] std::string text(std::string_view sql);

    /// Makes long reads end early with Error{Interrupted} once a stop is requested.
    void interruptBy(const std::stop_token& stop);

    /// Closes and reports what could not be written.
    void close();

    [[nodiscard]] const std::string& name() const { return m_name; }

    [[noreturn]] void fail(int resultCode) const;

private:
    friend class Statement;

    void harden();

    std::string m_name;
    Open m_how;
    sqlite3* m_handle = nullptr;
    std::unique_ptr<std::stop_token> m_stop; ///< its address is given to SQLite
};

/// Throws Error{BadInput}: this file is damaged, and in what.
[[noreturn]] void throwDamaged(const std::string& file, const std::string& what);

} // namespace depthscope::recording
