// SPDX-License-Identifier: MIT
#include "engine/recording/tables.h"

#include "engine/base/error.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/step_json.h"

#include <bit>
#include <span>

namespace depthscope::recording {

static_assert(std::endian::native == std::endian::little,
              "blobs are little-endian: a big-endian port has to swap them here and in the reader");

const std::array<TableSql, 5> kTables{{
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

const TableSql kExpertTable{
    "expert",
    "CREATE TABLE expert(step INTEGER NOT NULL REFERENCES step(number), layer INTEGER NOT NULL, "
    "experts INTEGER NOT NULL, perToken INTEGER NOT NULL, chosen BLOB NOT NULL, "
    "weights BLOB NOT NULL, PRIMARY KEY(step, layer))"};

namespace {

void createTables(Database& database) {
    database.run("BEGIN");
    for (const TableSql& table : kTables) {
        database.run(table.sql);
    }
    database.run(kExpertTable.sql);
    database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    database.run(("PRAGMA user_version = " + std::to_string(kFormatVersion)).c_str());
    database.run("COMMIT");
}

/// The statement below can only be prepared once its table is there.
Database& withTables(Database& database) {
    createTables(database);
    return database;
}

std::span<const std::byte> bytesOf(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// SQLite has signed integers only: the same bits come back.
std::int64_t asSigned(std::uint64_t value) {
    return std::bit_cast<std::int64_t>(value);
}

} // namespace

Tables::Tables(Database& database)
    : m_database(withTables(database))
    , m_insertStep(database,
                   "INSERT INTO step(number, run, step, role, kind, model, meta, ids, depth, "
                   "classes, nll, scores, pieceEnds, text) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
    , m_insertExperts(database,
                      "INSERT INTO expert(step, layer, experts, perToken, chosen, weights) "
                      "VALUES(?,?,?,?,?,?)") {}

void Tables::reject(const std::string& what, const std::string& fault) const {
    throw Error(ErrorCode::Internal,
                m_database.name() + ": " + what + " cannot be recorded: " + fault,
                "This is a defect of Depthscope: please report it.");
}

void Tables::add(const trace::StepTrace& step) {
    if (const auto fault = m_order.faultOfNext(step)) {
        reject("step " + std::to_string(step.step) + " of run " + std::to_string(step.run), *fault);
    }
    const std::string meta = metaToJson(step).dump();
    int column = 0;
    m_insertStep.bind(++column, ++m_steps);
    m_insertStep.bind(++column, asSigned(step.run));
    m_insertStep.bind(++column, step.step);
    m_insertStep.bind(++column, static_cast<std::int64_t>(step.role));
    m_insertStep.bind(++column, static_cast<std::int64_t>(step.kind));
    m_insertStep.bind(++column, modelId(step.model));
    m_insertStep.bindText(++column, meta);
    m_insertStep.bindBlob(++column, std::as_bytes(std::span(step.ids)));
    m_insertStep.bindBlob(++column, std::as_bytes(std::span(step.depth)));
    m_insertStep.bindBlob(++column, std::as_bytes(std::span(step.classes)));
    m_insertStep.bindBlob(++column, std::as_bytes(std::span(step.nll)));
    m_insertStep.bindBlob(++column, std::as_bytes(std::span(step.scores)));
    m_insertStep.bindBlob(++column, std::as_bytes(std::span(step.pieceEnds)));
    m_insertStep.bindBlob(++column, bytesOf(step.text));
    m_insertStep.run();
    addExperts(step);
}

void Tables::addExperts(const trace::StepTrace& step) {
    for (const trace::ExpertChoices& choices : step.experts) {
        int column = 0;
        m_insertExperts.bind(++column, m_steps);
        m_insertExperts.bind(++column, choices.layer);
        m_insertExperts.bind(++column, choices.experts);
        m_insertExperts.bind(++column, choices.perToken);
        m_insertExperts.bindBlob(++column, std::as_bytes(std::span(choices.index)));
        m_insertExperts.bindBlob(++column, std::as_bytes(std::span(choices.weight)));
        m_insertExperts.run();
    }
}

std::int64_t Tables::modelId(const std::shared_ptr<const trace::ModelInfo>& model) {
    if (model == m_lastModel) {
        return m_lastModelId;
    }
    const nlohmann::json object = modelToJson(*model);
    try {
        (void)modelFromJson(object, "model " + model->name);
    } catch (const Error& fault) {
        reject("a step", fault.message());
    }
    const std::string info = object.dump();
    const auto next = static_cast<std::int64_t>(m_models.size()) + 1;
    const auto [entry, isNew] = m_models.try_emplace(info, next);
    if (isNew) {
        Statement insert(m_database, "INSERT OR REPLACE INTO model(id, info) VALUES(?,?)");
        insert.bind(1, next);
        insert.bindText(2, info);
        insert.run();
    }
    m_lastModel = model;
    m_lastModelId = entry->second;
    return m_lastModelId;
}

void Tables::add(const Annotation& annotation) {
    Statement insert(m_database, "INSERT INTO annotation(run, token, text) VALUES(?,?,?)");
    insert.bind(1, asSigned(annotation.run));
    insert.bind(2, annotation.token);
    insert.bindBlob(3, bytesOf(annotation.text));
    insert.run();
}

void Tables::put(const Recipe& recipe) {
    if (const auto fault = faultOf(recipe)) {
        reject("the recipe", *fault);
    }
    const nlohmann::json entries = recipeToJson(recipe);
    Statement insert(m_database, "INSERT OR REPLACE INTO recipe(key, value) VALUES(?,?)");
    for (const auto& [key, value] : entries.items()) {
        const std::string text = value.dump();
        insert.bindText(1, key);
        insert.bindText(2, text);
        insert.run();
    }
}

void Tables::put(const Layout& layout) {
    m_database.run("DELETE FROM layout");
    Statement insert(m_database, "INSERT INTO layout(name, value) VALUES(?,?)");
    for (const auto& [name, value] : layout) {
        insert.bindText(1, name);
        insert.bindBlob(2, bytesOf(value));
        insert.run();
    }
}

} // namespace depthscope::recording
