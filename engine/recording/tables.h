// SPDX-License-Identifier: MIT
// The tables of format 3 and the rows that go into them. For this folder only; one thread. Owned by
// a Writer or by one saving; the Database must outlive it.
#pragma once

#include "engine/recording/database.h"
#include "engine/recording/recording.h"
#include "engine/recording/rows.h"
#include "engine/recording/step_check.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace depthscope::recording {

/// The first nine are those of format 2; clip and frame came with format 3.
extern const std::array<TableSql, 11> kTables;
inline constexpr std::size_t kFormat2Tables = 9;

inline constexpr const char* kWindowSql = "SELECT name, value FROM window";
inline constexpr const char* kAnnotationSql = "SELECT run, place, text FROM annotation ORDER BY id";

class Tables {
public:
    /// Makes the tables in an empty database and marks it as a recording.
    explicit Tables(Database& database);

    /// Throws Error{Internal} for a step that no reader would accept.
    void add(const trace::StepTrace& step);
    void add(const Annotation& annotation);

    /// Replace what was there.
    void put(const RunSetup& recipe);
    void put(const WindowState& window);
    /// Once. Throws Error{Internal} where no reader would accept them.
    void put(const trace::Lanes& lanes);

private:
    void addRouting(const trace::RoutingStep& routing);
    void addExperts(const trace::ExpertChoices& choices);
    void addText(const trace::TextContent& text);
    void addClip(const trace::ClipContent& clip);
    [[nodiscard]] std::int64_t numberOf(const std::string& text,
                                        const char* insertSql,
                                        std::map<std::string, std::int64_t>& known);
    [[nodiscard]] std::int64_t classSetId(const trace::ClassSetPtr& set);
    [[nodiscard]] std::int64_t modelId(const std::shared_ptr<const spec::ModelInfo>& model);
    [[noreturn]] void reject(const std::string& what, const std::string& error) const;

    Database& m_database;
    StepOrder m_order;
    std::map<std::string, std::int64_t> m_models; ///< by their JSON
    std::shared_ptr<const spec::ModelInfo> m_lastModel;
    std::int64_t m_lastModelId = 0;
    std::map<std::string, std::int64_t> m_classSets; ///< by their JSON
    trace::ClassSetPtr m_lastClassSet;
    std::int64_t m_lastClassSetId = 0;
    std::int64_t m_steps = 0; ///< number of the last one
    Statement m_insertStep;
    Statement m_insertRouting;
    Statement m_insertExperts;
    Statement m_insertText;
    Statement m_insertClip;
    Statement m_insertFrame;
};

} // namespace depthscope::recording
