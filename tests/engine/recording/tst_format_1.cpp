// SPDX-License-Identifier: MIT
// Recordings of format 1 open as before: the files that the last program with that format wrote,
// beside what it printed of the same runs, and the demonstration. Hostile ones are refused.
#include "engine/trace/graded_classes.h"
#include "tests/engine/recording/hostile_file.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::recording;
using namespace depthscope::tests;

namespace {

const QString kSource = QStringLiteral(DEPTHSCOPE_SOURCE_DIR);

QString fixture(const char* name) {
    return kSource + "/tests/fixtures/recordings/" + name;
}

Recording read(const char* name) {
    return readRecording(fixture(name).toStdString());
}

QJsonObject printed(const char* name) {
    return QJsonDocument::fromJson(bytesOfFile(fixture(name))).object();
}

/// Numbers of a JSON list; null is NaN.
template <class Number>
std::vector<Number> numbersOf(const QJsonValue& list) {
    std::vector<Number> numbers;
    for (const QJsonValue& value : list.toArray()) {
        numbers.push_back(static_cast<Number>(value.toDouble(std::nan(""))));
    }
    return numbers;
}

template <class Number>
std::vector<Number> vectorOf(std::span<const Number> values) {
    return {values.begin(), values.end()};
}

/// Without a router nothing was printed, and nothing was considered.
void compareScores(const trace::RoutingStep& routing, const QJsonValue& rows) {
    std::vector<float> expected;
    for (const QJsonValue& scores : rows.toArray()) {
        const auto one = numbersOf<float>(scores);
        expected.insert(expected.end(), one.begin(), one.end());
    }
    expected.resize(routing.scores.size(), std::nanf(""));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QVERIFY(routing.scores[i] == expected[i] ||
                (std::isnan(routing.scores[i]) && std::isnan(expected[i])));
    }
    QCOMPARE(routing.scores.size(), routing.places() * 3);
}

void compareExperts(const trace::RoutingStep& routing, const QJsonValue& layers) {
    const QJsonArray list = layers.toArray();
    QCOMPARE(routing.experts.size(), static_cast<std::size_t>(list.size()));
    for (std::size_t l = 0; l < routing.experts.size(); ++l) {
        const QJsonObject layer = list[static_cast<qsizetype>(l)].toObject();
        const trace::ExpertChoices& choices = routing.experts[l];
        QCOMPARE(choices.layer, layer["layer"].toInt());
        QCOMPARE(choices.places(), static_cast<std::size_t>(layer["index"].toArray().size()));
        for (std::size_t n = 0; n < choices.places(); ++n) {
            const auto at = static_cast<qsizetype>(n);
            QCOMPARE(vectorOf(choices.indexOf(n)),
                     numbersOf<std::uint8_t>(layer["index"].toArray()[at]));
            QCOMPARE(vectorOf(choices.weightOf(n)),
                     numbersOf<float>(layer["weight"].toArray()[at]));
        }
    }
}

/// What `run --json` printed of the step.
void comparePass(const Recording& kept, const QJsonObject& json) {
    QCOMPARE(kept.steps.size(), std::size_t{1});
    const trace::StepTrace& step = *kept.steps[0];
    const trace::RoutingStep& routing = step.routing;
    QCOMPARE(step.key, trace::RunKey(trace::kMainRun));
    QVERIFY(step.kind == trace::StepKind::Pass);
    QVERIFY(step.text() != nullptr);
    QCOMPARE(step.text()->ids, numbersOf<std::int32_t>(json["tokens"]));
    QCOMPARE(step.text()->text, json["text"].toString().toStdString());
    QCOMPARE(routing.depth, numbersOf<std::uint8_t>(json["depth"]));
    QVERIFY(routing.layout == (trace::Layout{1, 1, static_cast<std::int32_t>(routing.places())}));
    QCOMPARE(routing.firstPlace, 0);
    QVERIFY(routing.classes.empty() && !routing.classSet);
    QVERIFY(std::isnan(routing.noiseLevel));
    compareScores(routing, json["scores"]);
    compareExperts(routing, json["experts"]);
    QCOMPARE(step.causal, json["causal"].toBool());
    QCOMPARE(step.offDistribution, json["off_distribution"].toBool());
    QCOMPARE(std::string(settings::toString(step.settings.rule)),
             json["routing"].toString().toStdString());
    QCOMPARE(settings::toString(step.settings.capacity), json["capacity"].toString().toStdString());
    QCOMPARE(routing.cost.flops, json["cost"]["flops"].toDouble());
    QCOMPARE(routing.cost.milliseconds, json["cost"]["milliseconds"].toDouble());
    QCOMPARE(static_cast<double>(routing.kv.measuredBytes), json["cost"]["kv_bytes"].toDouble());
    QCOMPARE(step.model->name, json["model"]["name"].toString().toStdString());
    double sum = 0;
    for (std::size_t t = 1; t < step.text()->nll.size(); ++t) {
        sum += double{step.text()->nll[t]};
    }
    QCOMPARE(sum / static_cast<double>(routing.places() - 1), json["nll"].toDouble());
}

} // namespace

class TestFormat1 : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    [[nodiscard]] QString file() const { return m_folder.filePath("old.depthscope"); }

private Q_SLOTS:

    void aPass() {
        const Recording kept = read("format_1_pass.depthscope");
        comparePass(kept, printed("format_1_pass.json"));
        QCOMPARE(kept.recipe.prompt, std::string("To be, or not to be"));
        QVERIFY(kept.recipe.classes == trace::TextClasses{});
    }

    void aPassWithExperts() {
        comparePass(read("format_1_more.depthscope"), printed("format_1_more.json"));
    }

    void aGeneration() {
        const QJsonObject json = printed("format_1_generation.json");
        const Recording kept = read("format_1_generation.depthscope");
        QCOMPARE(kept.steps.size(), std::size_t{6});
        QCOMPARE(kept.steps[0]->text()->ids, numbersOf<std::int32_t>(json["prompt"]));
        QVERIFY(kept.steps[0]->kind == trace::StepKind::Prefill);
        std::vector<std::int32_t> tokens;
        std::vector<std::uint8_t> depth;
        std::string text;
        std::int32_t before = 2;
        for (std::size_t s = 1; s < kept.steps.size(); ++s) {
            const trace::StepTrace& step = *kept.steps[s];
            QVERIFY(step.kind == trace::StepKind::Decode);
            QCOMPARE(step.routing.firstPlace, before);
            QCOMPARE(step.routing.layout.columns, ++before);
            tokens.push_back(step.text()->ids.at(0));
            depth.push_back(step.routing.depth.at(0));
            text += step.text()->text;
        }
        QCOMPARE(tokens, numbersOf<std::int32_t>(json["tokens"]));
        QCOMPARE(depth, numbersOf<std::uint8_t>(json["depth"]));
        QCOMPARE(text, json["text"].toString().toStdString());
        QCOMPARE(kept.recipe.settings.generation.count, 5);
    }

    void theDemonstration() {
        const Recording kept =
            readRecording((kSource + "/resources/demo.depthscope").toStdString());
        QCOMPARE(kept.steps.size(), std::size_t{3});
        const char* keys[] = {trace::kMainRun, trace::kFullDepthRun, trace::kVanillaRun};
        for (std::size_t s = 0; s < 3; ++s) {
            QCOMPARE(kept.steps[s]->key, trace::RunKey(keys[s]));
            QCOMPARE(kept.steps[s]->routing.places(), std::size_t{55});
            QCOMPARE(kept.steps[s]->text()->ids, kept.steps[0]->text()->ids);
        }
    }

    /// Window, notes, classes and the numbers of the classes.
    void whatElseThereWas() {
        writeChangedBy("INSERT INTO layout VALUES('a', x'62'); "
                       "INSERT INTO annotation(run, token, text) VALUES(1, 3, x'6e6f7465'); "
                       "UPDATE step SET classes = x'0001020304ff06'; "
                       "UPDATE recipe SET value = '[[0,3,6]]' WHERE key = 'classes'",
                       bytesOfFile(fixture("format_1_pass.depthscope")), file());
        const Recording kept = readRecording(file().toStdString());
        QCOMPARE(kept.window.at("a"), std::string("b"));
        QCOMPARE(kept.annotations.size(), std::size_t{1});
        QVERIFY(kept.annotations[0] == (Annotation{1, 3, "note"}));
        const trace::RoutingStep& routing = kept.steps[0]->routing;
        QCOMPARE(routing.classes, (std::vector<std::uint8_t>{0, 1, 2, 3, 4, 255, 6}));
        QVERIFY(routing.classSet && *routing.classSet == *trace::gradedClasses());
        QVERIFY(kept.recipe.classes == (trace::TextClasses{trace::gradedClasses(), {{0, 3, 6}}}));
    }

    void filesOfBeforeTheExpertsAreRead() {
        writeChangedBy("DROP TABLE expert; UPDATE model SET info = json_set(json_remove(info, "
                       "'$.experts', '$.experts_per_token', '$.kv_policies', '$.pass_rules', "
                       "'$.generation_rules'), '$.router', 1)",
                       bytesOfFile(fixture("format_1_more.depthscope")), file());
        QCOMPARE(errorInReading(file()), std::string());
        const Recording kept = readRecording(file().toStdString());
        QVERIFY(kept.steps.at(0)->routing.experts.empty());
        QCOMPARE(kept.steps[0]->model->experts, 0);
        QVERIFY(kept.steps[0]->model->kvPolicies.empty());
        QVERIFY(kept.steps[0]->model->passRules.standard == settings::Rule::TopK);
    }

    void changedFilesAreRefused_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QByteArray>("names");
        const auto row = [](const char* name, const char* sql, const char* names) {
            QTest::newRow(name) << QByteArray(sql) << QByteArray(names);
        };
        row("no table", "DROP TABLE layout", "layout is missing");
        row("said to be of format 2", "PRAGMA user_version = 2", "classSet is missing");
        row("view", "DROP TABLE layout; CREATE VIEW layout AS SELECT 1 AS name, 2 AS value",
            "layout");
        row("expert table of another shape",
            "DROP TABLE expert; CREATE TABLE expert(step, layer, experts, perToken, chosen, "
            "weights)",
            "expert");
        row("short depth", "UPDATE step SET depth = x'0101'", "tokens");
        row("short ids", "UPDATE step SET ids = x'01000000'", "ids");
        row("odd nll", "UPDATE step SET nll = x'010203'", "nll");
        row("text for blob", "UPDATE step SET scores = 'abc'", "scores");
        row("role 3", "UPDATE step SET role = 3", "role");
        row("role -1", "UPDATE step SET role = -1", "role");
        row("kind 3", "UPDATE step SET kind = 3", "kind");
        row("class 7", "UPDATE step SET classes = x'0707070707070707'", "classes");
        row("no such model", "UPDATE step SET model = 99", "model");
        row("tokens differ", "UPDATE step SET meta = json_set(meta, '$.tokens', 5)", "tokens");
        row("recursions 65", "UPDATE step SET meta = json_set(meta, '$.recursions', 65)",
            "recursions");
        row("first token -1", "UPDATE step SET meta = json_set(meta, '$.first_token', -1)",
            "first_token");
        row("first token past all",
            "UPDATE step SET meta = json_set(meta, '$.first_token', 2147483648)", "first_token");
        row("no kv", "UPDATE step SET meta = json_remove(meta, '$.kv')", "kv");
        row("no loss", "UPDATE step SET meta = json_remove(meta, '$.loss_z')", "loss_z");
        row("no choices a token", "UPDATE expert SET perToken = 0", "experts of step row 1");
        row("more choices than experts", "UPDATE expert SET perToken = 5", "experts of step row 1");
        row("choices that do not divide", "UPDATE expert SET perToken = 3",
            "experts of step row 1");
        row("fewer choices a token", "UPDATE expert SET perToken = 1", "experts of layer 0");
        row("no experts", "UPDATE expert SET experts = 0", "experts of step row 1");
        row("weights too few", "UPDATE expert SET weights = x'0000803f'", "experts of layer 0");
        row("expert beyond E", "UPDATE expert SET experts = 2", "experts of layer 0");
        row("class beyond prompt",
            "UPDATE recipe SET value = '[[0,900000,1]]' WHERE key = 'classes'", "recipe");
    }

    void changedFilesAreRefused() {
        QFETCH(QByteArray, sql);
        QFETCH(QByteArray, names);
        writeChangedBy(sql, bytesOfFile(fixture("format_1_more.depthscope")), file());
        verifyRefused(file(), names);
    }
};

QTEST_APPLESS_MAIN(TestFormat1)
#include "tst_format_1.moc"
