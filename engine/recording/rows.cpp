// SPDX-License-Identifier: MIT
#include "engine/recording/rows.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/step_check.h"

#include <utility>

namespace depthscope::recording {

bool checkTable(Database& database, const TableSql& table) {
    Statement query(database, "SELECT type, sql FROM sqlite_schema WHERE name = ?");
    query.bindText(1, table.name);
    if (!query.next()) {
        return false;
    }
    if (query.text(0) != "table" || query.text(1) != table.sql) {
        throwDamaged(database.name(),
                     fmt::format("the table {} has an unexpected definition", table.name));
    }
    return true;
}

void requireTables(Database& database, std::span<const TableSql> tables) {
    for (const TableSql& table : tables) {
        if (!checkTable(database, table)) {
            throwDamaged(database.name(), fmt::format("the table {} is missing", table.name));
        }
    }
}

std::string stringOf(std::span<const std::byte> bytes) {
    return bytes.empty() ? std::string{}
                         : std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string_view
boundedText(const Statement& row, int column, std::size_t limit, const std::string& subject) {
    const std::string_view text = row.text(column);
    if (text.size() > limit) {
        rejectJson(subject, fmt::format("the text is longer than {} bytes", limit));
    }
    return text;
}

std::int64_t bounded(std::int64_t value, std::int64_t maximum, const std::string& subject) {
    if (value < 0 || value > maximum) {
        rejectJson(subject, fmt::format("{} is outside 0..{}", value, maximum));
    }
    return value;
}

ExpertRows::ExpertRows(Database& database, const char* sql, ReadChoices read)
    : m_read(std::move(read)) {
    if (sql != nullptr) {
        m_rows.emplace(database, sql);
        advance();
    }
}

void ExpertRows::advance() {
    m_step = m_rows->next() ? std::optional(m_rows->integer(0)) : std::nullopt;
}

std::vector<trace::ExpertChoices> ExpertRows::of(std::int64_t step) {
    const std::string subject = fmt::format("experts of step row {}", step);
    std::vector<trace::ExpertChoices> layers;
    for (; m_step && *m_step <= step; advance()) {
        if (*m_step < step) {
            continue;
        }
        if (layers.size() == kMaxExpertLayers) {
            rejectJson(subject, "too many layers");
        }
        trace::ExpertChoices& choices = layers.emplace_back();
        choices.layer = static_cast<int>(bounded(m_rows->integer(1), kLargestInt, subject));
        choices.experts = static_cast<int>(bounded(m_rows->integer(2), kMaxExperts, subject));
        m_read(*m_rows, subject, choices);
    }
    return layers;
}

std::vector<trace::StepPtr> collectSteps(Database& database,
                                         Statement& rows,
                                         const std::stop_token& stop,
                                         const std::function<trace::StepPtr()>& read) {
    std::vector<trace::StepPtr> steps;
    StepOrder order;
    while (rows.next()) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted,
                        fmt::format("{}: stopped while reading", database.name()));
        }
        steps.push_back(read());
        if (const auto error = order.errorInNext(*steps.back())) {
            throwDamaged(database.name(), fmt::format("step row {}: {}", rows.integer(0), *error));
        }
    }
    return steps;
}

} // namespace depthscope::recording
