// SPDX-License-Identifier: MIT
// Files from strangers with a schema or values of their author's choice: each is refused with an
// Error that names the file and what is wrong.
#include "engine/recording/save.h"
#include "engine/trace/graded_classes.h"
#include "tests/engine/recording/hostile_file.h"
#include "tests/engine/recording/random_trace.h"

#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;
using namespace depthscope::recording;
using namespace depthscope::tests;

namespace {

/// Every array, class and expert is there: step rows 1 to 6 are of a text, 7 to 11 of a grid of 2
/// frames of 2 rows of 2 columns.
trace::StepPtr filled(const trace::StepPtr& from, const trace::ClassSetPtr& set) {
    auto step = std::make_shared<trace::StepTrace>(*from);
    trace::RoutingStep& routing = step->routing;
    routing.scores.assign(routing.places() * static_cast<std::size_t>(routing.recursions), 0.5F);
    routing.classes.assign(routing.places(), 1);
    routing.classSet = set;
    if (step->text() == nullptr) {
        routing.layout = {2, 2, 2};
        routing.firstPlace = 0;
        routing.depth.assign(8, 1);
        routing.scores.clear();
        routing.classes.assign(8, 2);
        routing.noiseLevel = 0.5;
        routing.experts = {{2, 4, {0, 0, 1, 3, 3, 3, 3, 3, 4}, {3, 0, 1, 2}, {1, 0.5, 0.5, 1}}};
    }
    return step;
}

} // namespace

class TestChangedRecording : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QByteArray m_sound;

    [[nodiscard]] QString file() const { return m_folder.filePath("changed.depthscope"); }

    void verifyIsRefused() const { verifyChangeRefused(m_sound, file()); }

private Q_SLOTS:

    void initTestCase() {
        // The first seed whose model has experts.
        std::vector<trace::StepPtr> text;
        std::uint32_t seed = 0;
        RandomTrace random(seed);
        while (text.empty() || text[0]->routing.experts.empty()) {
            random = RandomTrace(++seed);
            text = random.run(1, trace::kMainRun, 6, 80);
        }
        const auto shapes = std::make_shared<const trace::ClassSet>(
            trace::ClassSet{"shapes", {"edge", "plain", "sky"}});
        std::vector<trace::StepPtr> steps;
        for (const trace::StepPtr& step : text) {
            steps.push_back(filled(step, trace::gradedClasses()));
        }
        for (const trace::StepPtr& step : random.grid(2, "noise", 5)) {
            steps.push_back(filled(step, shapes));
        }
        saveRecording(file().toStdString(), steps, random.recipe(), {{"a", "b"}});
        m_sound = bytesOfFile(file());
        QCOMPARE(errorInReading(file()), std::string());
    }

    void schemas_data() {
        addColumns();
        row("other application", "PRAGMA application_id = 7", "not a Depthscope recording");
        row("newer format", "PRAGMA user_version = 4", "format 4");
        row("format 0", "PRAGMA user_version = 0", "format 0");
        row("format -1", "PRAGMA user_version = -1", "format -1");
        row("said to be of format 1", "PRAGMA user_version = 1", "the table step");
        for (const char* table : {"recipe", "model", "classSet", "step", "routing", "expert",
                                  "text", "window", "annotation"}) {
            QTest::addRow("no table %s", table)
                << QByteArray("DROP TABLE ") + table << QByteArray(table) + " is missing";
        }
        row("endless view",
            "DROP TABLE window; CREATE VIEW window(name, value) AS WITH RECURSIVE c(x) AS (SELECT "
            "1 UNION ALL SELECT x + 1 FROM c) SELECT x, x FROM c",
            "window");
        row("generated column", "ALTER TABLE model ADD COLUMN more AS (zeroblob(500000000))",
            "model");
        row("virtual table",
            "DROP TABLE annotation; CREATE VIRTUAL TABLE annotation USING fts5(run, place, text)",
            "annotation");
        row("expert table of another shape",
            "DROP TABLE expert; CREATE TABLE expert(step, layer, experts, offsets, chosen, "
            "weights)",
            "expert");
        row("routing view",
            "DROP TABLE routing; CREATE VIEW routing AS SELECT 1 AS step, 2 AS frames", "routing");
    }

    void schemas() { verifyIsRefused(); }

    void steps_data() {
        addColumns();
        row("null-like number", "UPDATE step SET run = 'x' WHERE number = 1", "run");
        row("missing step", "DELETE FROM step WHERE number = 3", "step row 4");
        row("step twice", "UPDATE step SET step = 1 WHERE number = 3", "step row 3");
        row("text missing in one step", "DELETE FROM text WHERE step = 3", "step row 3");
        row("step back before the run", "UPDATE routing SET firstPlace = 7 WHERE step = 1",
            "step row");
        row("gap", "UPDATE routing SET firstPlace = 900, columns = 1000 WHERE step = 3",
            "firstPlace");
        row("layout shrinks", "UPDATE routing SET columns = columns + 500 WHERE step = 2",
            "layout");
        row("notice too long",
            "UPDATE step SET meta = json_set(meta, '$.notice', "
            "replace(hex(zeroblob(100000)), '00', 'n')) WHERE number = 1",
            "notice");
        row("step -1", "UPDATE step SET step = -1 WHERE number = 1", "step");
        row("empty key", "UPDATE step SET runKey = ''", "key");
        row("key a blob", "UPDATE step SET runKey = x'6d61696e'", "runKey");
        row("endless key",
            "UPDATE step SET runKey = replace(hex(zeroblob(400000)), '00', 'k') WHERE number = 1",
            "key");
        row("kind -1", "UPDATE step SET kind = -1 WHERE number = 1", "kind");
        row("kind 3", "UPDATE step SET kind = 3 WHERE number = 1", "kind");
        row("no such model", "UPDATE step SET model = 99", "model");
        row("meta no JSON", "UPDATE step SET meta = '{' WHERE number = 1", "step row 1");
        row("meta a list", "UPDATE step SET meta = '[]' WHERE number = 1", "object");
        row("tau 7", "UPDATE step SET meta = json_set(meta, '$.routing.tau', 7)", "tau");
        row("unknown rule", "UPDATE step SET meta = json_set(meta, '$.routing.routing', 'best')",
            "routing");
        row("capacity above 1",
            "UPDATE step SET meta = json_set(meta, '$.routing.capacity', json('[[3,2]]'))",
            "capacity");
        row("capacity over 0",
            "UPDATE step SET meta = json_set(meta, '$.routing.capacity', json('[[1,0]]'))",
            "capacity");
        row("model no object", "UPDATE model SET info = '3'", "model");
        row("model of 0 recursions", "UPDATE model SET info = json_set(info, '$.recursions', 0)",
            "recursions");
        row("experts of the model -1", "UPDATE model SET info = json_set(info, '$.experts', -1)",
            "experts");
        row("slot of no layer", "UPDATE model SET info = json_set(info, '$.shared_slots[0]', -1)",
            "shared_slots");
        row("slots without FLOPs",
            "UPDATE model SET info = json_remove(info, '$.flops_by_position')",
            "flops_by_position");
        row("FLOPs of no position",
            "UPDATE model SET info = json_set(info, '$.flops_by_position[0]', 3)",
            "flops_by_position");
        row("unknown policy",
            "UPDATE model SET info = json_set(info, '$.kv_policies', json('[\"best\"]'))",
            "kv_policies");
        row("unknown rule of a model",
            "UPDATE model SET info = json_set(info, '$.pass_rules.standard', 'best')",
            "pass_rules");
        row("rules no object", "UPDATE model SET info = json_set(info, '$.generation_rules', 3)",
            "generation_rules");
    }

    void steps() { verifyIsRefused(); }

    void routing_data() {
        addColumns();
        row("missing row", "DELETE FROM routing WHERE step = 2", "frames");
        row("short depth", "UPDATE routing SET depth = x'0101' WHERE step = 1", "step row 1");
        row("depth above R",
            "UPDATE routing SET depth = CAST(replace(hex(zeroblob(length(depth))), '00', "
            "char(127)) AS BLOB)",
            "depth of place");
        row("text for blob", "UPDATE routing SET scores = 'abc' WHERE step = 1", "scores");
        row("odd scores", "UPDATE routing SET scores = x'010203' WHERE step = 7", "scores");
        row("huge scores", "UPDATE routing SET scores = zeroblob(40000000) WHERE step = 1",
            "scores");
        row("recursions 65", "UPDATE routing SET recursions = 65", "recursions");
        row("recursions 0", "UPDATE routing SET recursions = 0", "recursions");
        row("recursions a text", "UPDATE routing SET recursions = 'a'", "recursions");
        row("recursions change", "UPDATE routing SET recursions = 33, scores = x'' WHERE step = 8",
            "step row 8");
        row("no frame", "UPDATE routing SET frames = 0 WHERE step = 7", "layout");
        row("no row", "UPDATE routing SET rowsOfFrame = 0 WHERE step = 7", "layout");
        row("no columns", "UPDATE routing SET columns = 0 WHERE step = 7", "firstPlace");
        row("frames -1", "UPDATE routing SET frames = -1", "frames");
        row("columns beyond 32 bits", "UPDATE routing SET columns = 4294967298", "columns");
        row("layout overflows",
            "UPDATE routing SET frames = 1073741824, rowsOfFrame = 1073741824, "
            "columns = 1073741824 WHERE step = 7",
            "layout");
        row("layout overflows to little", // 2^22 * 2^22 * 2^20 = 2^64
            "UPDATE routing SET frames = 4194304, rowsOfFrame = 4194304, columns = 1048576 "
            "WHERE step = 7",
            "layout");
        row("layout too large", "UPDATE routing SET frames = 32768, columns = 32769 WHERE step = 7",
            "layout");
        row("rows change", "UPDATE routing SET rowsOfFrame = 3 WHERE step = 9", "step row 9");
        row("frames change", "UPDATE routing SET frames = 3 WHERE step = 9", "step row 9");
        row("firstPlace past the layout", "UPDATE routing SET firstPlace = 1 WHERE step = 7",
            "firstPlace");
        row("firstPlace -1", "UPDATE routing SET firstPlace = -1 WHERE step = 7", "firstPlace");
        row("firstPlace 2^40", "UPDATE routing SET firstPlace = 1099511627776 WHERE step = 7",
            "firstPlace");
        row("class outside the set",
            "UPDATE routing SET classes = x'0001020300010201' "
            "WHERE step = 7",
            "classes");
        row("short classes", "UPDATE routing SET classes = x'00' WHERE step = 7", "classes");
        row("unknown class set", "UPDATE routing SET classSet = 99 WHERE step = 7", "classes");
        row("no class set", "UPDATE routing SET classSet = NULL WHERE step = 7", "classes");
        row("class set a text", "UPDATE routing SET classSet = 'a' WHERE step = 7", "classSet");
        row("class set without classes", "UPDATE routing SET classes = x'' WHERE step = 7",
            "classes");
        row("class set removed", "DELETE FROM classSet WHERE id = 2", "step row 7");
        row("class set no JSON", "UPDATE classSet SET names = '{' WHERE id = 2", "class set 2");
        row("class set without names",
            "UPDATE classSet SET names = json_remove(names, '$.names') WHERE id = 2", "names");
        row("class names no list",
            "UPDATE classSet SET names = json_set(names, '$.names', 3) WHERE id = 2", "names");
        row("class name no text",
            "UPDATE classSet SET names = json_set(names, '$.names[1]', 3) WHERE id = 2", "names");
        row("class set too long",
            "UPDATE classSet SET names = json_set(names, '$.name', "
            "replace(hex(zeroblob(70000)), '00', 'n')) WHERE id = 2",
            "class set 2");
        row("noise level 2", "UPDATE routing SET figures = json_set(figures, '$.noise_level', 2)",
            "noise level");
        row("noise level -1", "UPDATE routing SET figures = json_set(figures, '$.noise_level', -1)",
            "noise level");
        row("noise level a text",
            "UPDATE routing SET figures = json_set(figures, '$.noise_level', 'much')",
            "noise_level");
        row("noise level without end",
            "UPDATE routing SET figures = json_set(figures, '$.noise_level', "
            "json('{\"bits\":\"7ff0000000000000\"}'))",
            "noise level");
        row("no kv", "UPDATE routing SET figures = json_remove(figures, '$.kv')", "kv");
        row("figures no JSON", "UPDATE routing SET figures = '[' WHERE step = 1", "step row 1");
    }

    void routing() { verifyIsRefused(); }

    void experts_data() {
        addColumns();
        row("expert beyond E",
            "UPDATE expert SET chosen = CAST(replace(hex(zeroblob(length(chosen))), '00', "
            "char(127)) AS BLOB)",
            "experts of layer 0");
        row("no experts", "UPDATE expert SET experts = 0", "experts of layer 0");
        row("experts 70000", "UPDATE expert SET experts = 70000", "experts of step row 1");
        row("more chosen than there are", "UPDATE expert SET experts = 1 WHERE step = 7",
            "experts of layer 2");
        row("short choices", "UPDATE expert SET chosen = x'01'", "experts of layer 0");
        row("odd weights", "UPDATE expert SET weights = x'010203'", "experts of step row 1");
        row("short weights", "UPDATE expert SET weights = x'0000803f' WHERE step = 7",
            "experts of layer 2");
        row("weight no number",
            "UPDATE expert SET weights = CAST(replace(hex(zeroblob(length(weights))), '00', "
            "char(127)) AS BLOB)",
            "experts of layer 0");
        row("odd offsets", "UPDATE expert SET offsets = x'0102' WHERE step = 7",
            "experts of step row 7");
        row("no offsets", "UPDATE expert SET offsets = x'' WHERE step = 7", "experts of layer 2");
        row("offsets too short",
            "UPDATE expert SET offsets = substr(offsets, 1, 32) WHERE step = 7",
            "experts of layer 2");
        row("offsets too long",
            "UPDATE expert SET offsets = CAST(offsets || x'04000000' AS BLOB) WHERE step = 7",
            "experts of layer 2");
        row("offsets that fall",
            "UPDATE expert SET offsets = CAST(substr(offsets, 1, 8) || x'04000000' || "
            "substr(offsets, 13) AS BLOB) WHERE step = 7",
            "experts of layer 2");
        row("offsets that begin late",
            "UPDATE expert SET offsets = CAST(x'01000000' || substr(offsets, 5) AS BLOB) "
            "WHERE step = 7",
            "experts of layer 2");
        row("offsets beyond the choices",
            "UPDATE expert SET offsets = CAST(substr(offsets, 1, 32) || x'ffffffff' AS BLOB) "
            "WHERE step = 7",
            "experts of layer 2");
        row("offsets a text", "UPDATE expert SET offsets = 'abcd' WHERE step = 7", "offsets");
        row("experts missing in one step", "DELETE FROM expert WHERE step = 3", "step row 3");
        row("number of experts changes", "UPDATE expert SET experts = 9 WHERE step = 8",
            "step row 8");
        row("expert layer -1", "UPDATE expert SET layer = -1 WHERE layer = 0", "experts of step");
    }

    void experts() { verifyIsRefused(); }

    void texts_data() {
        addColumns();
        row("odd ids", "UPDATE text SET ids = x'010203' WHERE step = 2", "ids");
        row("short ids", "UPDATE text SET ids = x'01020304' WHERE step = 1", "ids");
        row("short nll", "UPDATE text SET nll = x'01020304' WHERE step = 1", "nll");
        row("short pieces", "UPDATE text SET pieceEnds = x'00000000' WHERE step = 1", "pieceEnds");
        row("piece beyond the text",
            "UPDATE text SET text = x'', pieceEnds = x'01000000' WHERE step = 2", "pieceEnds");
        row("text no blob", "UPDATE text SET text = 'abc' WHERE step = 1", "text");
        row("no loss", "UPDATE text SET figures = '{}' WHERE step = 1", "loss");
        row("figures a list", "UPDATE text SET figures = '[]' WHERE step = 1", "step row 1");
    }

    void texts() { verifyIsRefused(); }

    void recipes_data() {
        addColumns();
        row("deep JSON",
            "UPDATE recipe SET value = replace(hex(zeroblob(50000)), '00', '[') WHERE key = "
            "'settings'",
            "settings");
        row("deep sound JSON",
            "UPDATE recipe SET value = replace(hex(zeroblob(50000)), '00', '[') || "
            "replace(hex(zeroblob(50000)), '00', ']') WHERE key = 'settings'",
            "settings");
        row("class beyond prompt",
            "UPDATE recipe SET value = '[[0,900000,1]]' WHERE key = 'classes'", "recipe");
        row("class of no set", "UPDATE recipe SET value = '[[0,5,7]]' WHERE key = 'classes'",
            "recipe");
        row("set a number", "UPDATE recipe SET value = '7' WHERE key = 'class_set'", "class_set");
        row("settings wrong",
            "UPDATE recipe SET value = json_set(value, '$.temperature', -1) WHERE key = 'settings'",
            "temperature");
        row("prompt a number", "UPDATE recipe SET value = '7' WHERE key = 'prompt'", "prompt");
    }

    void recipes() { verifyIsRefused(); }
};

QTEST_APPLESS_MAIN(TestChangedRecording)
#include "tst_changed_recording.moc"
