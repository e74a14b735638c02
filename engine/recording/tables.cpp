// SPDX-License-Identifier: MIT
#include "engine/recording/tables.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/lane_rows.h"
#include "engine/recording/model_json.h"
#include "engine/recording/step_json.h"

#include <bit>
#include <span>

namespace depthscope::recording {

static_assert(std::endian::native == std::endian::little,
              "blobs are little-endian: a big-endian port has to swap them here and in the reader");

const std::array<TableSql, 11> kTables{{
    {"recipe", "CREATE TABLE recipe(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"},
    {"model", "CREATE TABLE model(id INTEGER PRIMARY KEY, info TEXT NOT NULL)"},
    {"classSet", "CREATE TABLE classSet(id INTEGER PRIMARY KEY, names TEXT NOT NULL)"},
    {"step",
     "CREATE TABLE step(number INTEGER PRIMARY KEY, runKey TEXT NOT NULL, run INTEGER NOT NULL, "
     "step INTEGER NOT NULL, kind INTEGER NOT NULL, model INTEGER NOT NULL REFERENCES model(id), "
     "meta TEXT NOT NULL)"},
    {"routing",
     "CREATE TABLE routing(step INTEGER PRIMARY KEY REFERENCES step(number), "
     "frames INTEGER NOT NULL, rowsOfFrame INTEGER NOT NULL, columns INTEGER NOT NULL, "
     "firstPlace INTEGER NOT NULL, recursions INTEGER NOT NULL, depth BLOB NOT NULL, "
     "scores BLOB NOT NULL, classes BLOB NOT NULL, classSet INTEGER REFERENCES classSet(id), "
     "figures TEXT NOT NULL)"},
    {"expert",
     "CREATE TABLE expert(step INTEGER NOT NULL REFERENCES step(number), layer INTEGER NOT NULL, "
     "experts INTEGER NOT NULL, offsets BLOB NOT NULL, chosen BLOB NOT NULL, "
     "weights BLOB NOT NULL, PRIMARY KEY(step, layer))"},
    {"text", "CREATE TABLE text(step INTEGER PRIMARY KEY REFERENCES step(number), "
             "ids BLOB NOT NULL, nll BLOB NOT NULL, pieceEnds BLOB NOT NULL, text BLOB NOT NULL, "
             "figures TEXT NOT NULL)"},
    {"window", "CREATE TABLE window(name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL)"},
    {"annotation", "CREATE TABLE annotation(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, place "
                   "INTEGER NOT NULL, "
                   "text BLOB NOT NULL)"},
    {"clip", "CREATE TABLE clip(step INTEGER PRIMARY KEY REFERENCES step(number), "
             "codec TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, "
             "firstFrame INTEGER NOT NULL, rateOver INTEGER NOT NULL, "
             "rateUnder INTEGER NOT NULL, extradata BLOB NOT NULL, "
             "contextFrames INTEGER NOT NULL, figures TEXT NOT NULL)"},
    {"frame", "CREATE TABLE frame(step INTEGER NOT NULL REFERENCES step(number), "
              "number INTEGER NOT NULL, pts INTEGER NOT NULL, packet BLOB NOT NULL, "
              "PRIMARY KEY(step, number))"},
}};

namespace {

void createTables(Database& database) {
    database.run("BEGIN");
    for (const TableSql& table : kTables) {
        database.run(table.sql);
    }
    database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    database.run(("PRAGMA user_version = " + std::to_string(kFormatVersion)).c_str());
    database.run("COMMIT");
}

/// The statements below can only be prepared once their tables are there.
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
                   "INSERT INTO step(number, runKey, run, step, kind, model, meta) "
                   "VALUES(?,?,?,?,?,?,?)")
    , m_insertRouting(database,
                      "INSERT INTO routing(step, frames, rowsOfFrame, columns, firstPlace, "
                      "recursions, depth, scores, classes, figures, classSet) "
                      "VALUES(?,?,?,?,?,?,?,?,?,?,?)")
    , m_insertExperts(database,
                      "INSERT INTO expert(step, layer, experts, offsets, chosen, weights) "
                      "VALUES(?,?,?,?,?,?)")
    , m_insertText(database,
                   "INSERT INTO text(step, ids, nll, pieceEnds, text, figures) "
                   "VALUES(?,?,?,?,?,?)")
    , m_insertClip(database,
                   "INSERT INTO clip(step, codec, width, height, firstFrame, rateOver, rateUnder, "
                   "extradata, contextFrames, figures) VALUES(?,?,?,?,?,?,?,?,?,?)")
    , m_insertFrame(database, "INSERT INTO frame(step, number, pts, packet) VALUES(?,?,?,?)") {}

void Tables::reject(const std::string& what, const std::string& error) const {
    throw Error(ErrorCode::Internal,
                fmt::format("{}: {} cannot be recorded: {}", m_database.name(), what, error),
                "This is a bug in Depthscope: report it.");
}

void Tables::add(const trace::StepTrace& step) {
    if (const auto error = m_order.errorInNext(step)) {
        reject(fmt::format("step {} of run {}", step.step, step.run), *error);
    }
    const std::string meta = metaToJson(step).dump();
    int column = 0;
    m_insertStep.bind(++column, ++m_steps);
    m_insertStep.bindText(++column, step.key);
    m_insertStep.bind(++column, asSigned(step.run));
    m_insertStep.bind(++column, step.step);
    m_insertStep.bind(++column, static_cast<std::int64_t>(step.kind));
    m_insertStep.bind(++column, modelId(step.model));
    m_insertStep.bindText(++column, meta);
    m_insertStep.run();
    addRouting(step.routing);
    for (const trace::ExpertChoices& choices : step.routing.experts) {
        addExperts(choices);
    }
    if (const trace::TextContent* text = step.text()) {
        addText(*text);
    }
    if (const trace::ClipContent* clip = step.clip()) {
        addClip(*clip);
    }
}

void Tables::addRouting(const trace::RoutingStep& routing) {
    const std::string figures = figuresToJson(routing).dump();
    int column = 0;
    m_insertRouting.bind(++column, m_steps);
    m_insertRouting.bind(++column, routing.layout.frames);
    m_insertRouting.bind(++column, routing.layout.rows);
    m_insertRouting.bind(++column, routing.layout.columns);
    m_insertRouting.bind(++column, routing.firstPlace);
    m_insertRouting.bind(++column, routing.recursions);
    m_insertRouting.bindBlob(++column, std::as_bytes(std::span(routing.depth)));
    m_insertRouting.bindBlob(++column, std::as_bytes(std::span(routing.scores)));
    m_insertRouting.bindBlob(++column, std::as_bytes(std::span(routing.classes)));
    m_insertRouting.bindText(++column, figures);
    if (routing.classSet) {
        m_insertRouting.bind(++column, classSetId(routing.classSet));
    }
    m_insertRouting.run();
}

void Tables::addExperts(const trace::ExpertChoices& choices) {
    int column = 0;
    m_insertExperts.bind(++column, m_steps);
    m_insertExperts.bind(++column, choices.layer);
    m_insertExperts.bind(++column, choices.experts);
    m_insertExperts.bindBlob(++column, std::as_bytes(std::span(choices.offsets)));
    m_insertExperts.bindBlob(++column, std::as_bytes(std::span(choices.index)));
    m_insertExperts.bindBlob(++column, std::as_bytes(std::span(choices.weight)));
    m_insertExperts.run();
}

void Tables::addText(const trace::TextContent& text) {
    const std::string figures = nlohmann::json{{"loss", numberToJson(text.loss)}}.dump();
    int column = 0;
    m_insertText.bind(++column, m_steps);
    m_insertText.bindBlob(++column, std::as_bytes(std::span(text.ids)));
    m_insertText.bindBlob(++column, std::as_bytes(std::span(text.nll)));
    m_insertText.bindBlob(++column, std::as_bytes(std::span(text.pieceEnds)));
    m_insertText.bindBlob(++column, bytesOf(text.text));
    m_insertText.bindText(++column, figures);
    m_insertText.run();
}

void Tables::addClip(const trace::ClipContent& clip) {
    const std::string figures = clipFiguresToJson(clip).dump();
    int column = 0;
    m_insertClip.bind(++column, m_steps);
    m_insertClip.bindText(++column, clip.codec.name);
    m_insertClip.bind(++column, clip.codec.width);
    m_insertClip.bind(++column, clip.codec.height);
    m_insertClip.bind(++column, clip.firstFrame);
    m_insertClip.bind(++column, clip.rate.over);
    m_insertClip.bind(++column, clip.rate.under);
    m_insertClip.bindBlob(++column, std::as_bytes(std::span(clip.codec.extradata)));
    m_insertClip.bind(++column, clip.contextFrames);
    m_insertClip.bindText(++column, figures);
    m_insertClip.run();
    std::int64_t number = clip.firstFrame;
    for (const trace::PicturePacket& packet : clip.packets) {
        column = 0;
        m_insertFrame.bind(++column, m_steps);
        m_insertFrame.bind(++column, number++);
        m_insertFrame.bind(++column, packet.pts);
        m_insertFrame.bindBlob(++column, std::as_bytes(std::span(packet.bytes)));
        m_insertFrame.run();
    }
}

/// The number of a text in a table of its own, where equal ones stand once.
std::int64_t Tables::numberOf(const std::string& text,
                              const char* insertSql,
                              std::map<std::string, std::int64_t>& known) {
    const auto next = static_cast<std::int64_t>(known.size()) + 1;
    const auto [entry, isNew] = known.try_emplace(text, next);
    if (isNew) {
        Statement insert(m_database, insertSql);
        insert.bind(1, next);
        insert.bindText(2, text);
        insert.run();
    }
    return entry->second;
}

std::int64_t Tables::classSetId(const trace::ClassSetPtr& set) {
    if (set != m_lastClassSet) {
        m_lastClassSetId =
            numberOf(classSetToJson(*set).dump(),
                     "INSERT OR REPLACE INTO classSet(id, names) VALUES(?,?)", m_classSets);
        m_lastClassSet = set;
    }
    return m_lastClassSetId;
}

std::int64_t Tables::modelId(const std::shared_ptr<const spec::ModelInfo>& model) {
    if (model == m_lastModel) {
        return m_lastModelId;
    }
    const nlohmann::json object = modelToJson(*model);
    try {
        (void)modelFromJson(object, fmt::format("model {}", model->name));
    } catch (const Error& error) {
        reject("a step", error.message());
    }
    m_lastModelId =
        numberOf(object.dump(), "INSERT OR REPLACE INTO model(id, info) VALUES(?,?)", m_models);
    m_lastModel = model;
    return m_lastModelId;
}

void Tables::add(const Annotation& annotation) {
    Statement insert(m_database, "INSERT INTO annotation(run, place, text) VALUES(?,?,?)");
    insert.bind(1, asSigned(annotation.run));
    insert.bind(2, annotation.place);
    insert.bindBlob(3, bytesOf(annotation.text));
    insert.run();
}

void Tables::put(const RunSetup& recipe) {
    if (const auto error = errorIn(recipe)) {
        reject("the recipe", *error);
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

void Tables::put(const WindowState& window) {
    m_database.run("DELETE FROM window");
    Statement insert(m_database, "INSERT INTO window(name, value) VALUES(?,?)");
    for (const auto& [name, value] : window) {
        insert.bindText(1, name);
        insert.bindBlob(2, bytesOf(value));
        insert.run();
    }
}

void Tables::put(const trace::Lanes& lanes) {
    if (const auto error = errorIn(lanes)) {
        reject("the lanes", *error);
    }
    writeLanes(m_database, lanes);
}

} // namespace depthscope::recording
