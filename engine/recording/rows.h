// SPDX-License-Identifier: MIT
// Reading the columns of untrusted rows: sizes are checked before memory is allocated.
// For this folder only; one thread. Every fault is Error{BadInput} that names the subject.
#pragma once

#include "engine/recording/database.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/recording.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::recording {

inline constexpr std::size_t kMaxMetaBytes = 1u << 20;

using Models = std::map<std::int64_t, std::shared_ptr<const spec::ModelInfo>>;

/// A table and exactly how it stands in the file.
struct TableSql {
    const char* name;
    const char* sql;
};

/// Views, virtual tables and generated columns could run code of the file's author: only the very
/// tables that a Writer makes are accepted. False: the table is not there.
[[nodiscard]] bool checkTable(Database& database, const TableSql& table);

/// The same where the table must be there.
void requireTables(Database& database, std::span<const TableSql> tables);

[[nodiscard]] std::string stringOf(std::span<const std::byte> bytes);

/// Valid until the next row.
[[nodiscard]] std::string_view
boundedText(const Statement& row, int column, std::size_t limit, const std::string& subject);

[[nodiscard]] std::int64_t
bounded(std::int64_t value, std::int64_t maximum, const std::string& subject);

/// Reads all rows of steps, oldest first, each by `read`, and checks each where it stands. Column 0
/// is the number of the row. Throws
/// Error{Interrupted} when asked to stop.
[[nodiscard]] std::vector<trace::StepPtr> collectSteps(Database& database,
                                                       Statement& rows,
                                                       const std::stop_token& stop,
                                                       const std::function<trace::StepPtr()>& read);

/// Rows of layers of experts (step, layer, ..) beside those of the steps, both in the order of the
/// steps.
class ExpertRows {
public:
    /// Reads what follows layer and number of experts, columns 3 and later.
    using ReadChoices = std::function<
        void(const Statement& row, const std::string& subject, trace::ExpertChoices&)>;

    /// Columns 0 to 2 of `sql` are step, layer and experts; null: there is no such table.
    ExpertRows(Database& database, const char* sql, ReadChoices read);

    /// Call with growing numbers; rows of steps that are not there are passed over.
    [[nodiscard]] std::vector<trace::ExpertChoices> of(std::int64_t step);

private:
    void advance();

    std::optional<Statement> m_rows;
    std::optional<std::int64_t> m_step;
    ReadChoices m_read;
};

template <class Value>
[[nodiscard]] std::vector<Value>
valuesOf(const Statement& row, int column, const std::string& subject) {
    const std::span<const std::byte> bytes = row.blob(column);
    if (bytes.size() % sizeof(Value) != 0 || bytes.size() / sizeof(Value) > kMaxScoresPerStep) {
        rejectJson(subject, "an array has the wrong size");
    }
    std::vector<Value> values(bytes.size() / sizeof(Value));
    if (!values.empty()) {
        std::memcpy(values.data(), bytes.data(), bytes.size());
    }
    return values;
}

} // namespace depthscope::recording
