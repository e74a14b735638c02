// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/recording/settings_json.h"

#include <nlohmann/json.hpp>

#include <QTest>

using namespace depthscope;
using namespace depthscope::settings;
using nlohmann::json;

class TestSettingsJson : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyFieldComesBack() {
        LabSettings lab;
        lab.routing.rule = Rule::Threshold;
        lab.routing.tau = 0.1;
        lab.routing.capacity = {{1, 1}, {2, 3}, {333333333, 1000000000}};
        lab.routing.fixedDepth = 3;
        lab.routing.maxDepth = 2;
        lab.routing.kv = KvPolicy::Hybrid;
        lab.generation = {.count = 7,
                          .temperature = 0.3,
                          .topK = 40,
                          .topP = 0.95,
                          .seed = 9'000'000'000'000'000,
                          .useCache = false,
                          .stopAtEos = true};
        const std::string text = recording::toJson(lab).dump();
        const LabSettings back = recording::labFromJson(json::parse(text));
        QVERIFY(back == lab);
        QCOMPARE(back.routing.capacity[2].denominator, std::int64_t{1000000000});
    }

    void everyDeclaredFieldIsWritten() {
        const json object = recording::toJson(LabSettings{});
        std::size_t fields = 0;
        const LabSettings lab;
        LabSettings::visit(lab, [&](const FieldInfo& field, const auto&) {
            ++fields;
            QVERIFY2(object.contains(field.name), field.name);
        });
        QCOMPARE(object.size(), fields);
    }

    void missingAndUnknownKeysAreFine() {
        const LabSettings lab =
            recording::labFromJson(json::parse(R"({"later": [1], "tau": 0.25})"));
        LabSettings expected;
        expected.routing.tau = 0.25;
        QVERIFY(lab == expected);
    }

    void capacityMayBeWrittenAsOnTheCommandLine() {
        const RoutingSettings routing =
            recording::routingFromJson(json::parse(R"({"capacity": "1,2/3,0.5"})"));
        QVERIFY((routing.capacity == std::vector<Fraction>{{1, 1}, {2, 3}, {1, 2}}));
    }

    void faultsAreNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("field");
        const auto row = [](const char* text, const char* field) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(field);
        };
        row(R"([])", "settings");
        row(R"({"tau": "0.5"})", "tau");
        row(R"({"tau": 1.5})", "tau");
        row(R"({"tau": null})", "tau");
        row(R"({"routing": "best"})", "routing");
        row(R"({"routing": 3})", "routing");
        row(R"({"kv": "none"})", "kv");
        row(R"({"capacity": [[1,2],[2,3]]})", "capacity");
        row(R"({"capacity": [[1,0]]})", "capacity");
        row(R"({"capacity": [[-1,2]]})", "capacity");
        row(R"({"capacity": [0.5]})", "capacity");
        row(R"({"capacity": [[1,2000000000]]})", "capacity");
        row(R"({"capacity": "1,x"})", "capacity");
        row(R"({"capacity": {"a": 1}})", "capacity");
        row(R"({"fixed-depth": 65})", "fixed-depth");
        row(R"({"fixed-depth": 1.0})", "fixed-depth");
        row(R"({"max-depth": -1})", "max-depth");
        row(R"({"tokens": 0})", "tokens");
        row(R"({"tokens": 18446744073709551615})", "tokens");
        row(R"({"seed": -1})", "seed");
        row(R"({"seed": 18446744073709551615})", "seed");
        row(R"({"use-cache": 1})", "use-cache");
        row(R"({"temperature": 1e999})", "temperature");
    }

    void faultsAreNamed() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, field);
        try {
            // 1e999 is no number that a parser accepts; a value that was made in memory can be one.
            const json object = text.contains("1e999")
                                    ? json{{"temperature", std::numeric_limits<double>::infinity()}}
                                    : json::parse(text.toStdString());
            (void)recording::labFromJson(object);
        } catch (const Error& error) {
            QCOMPARE(static_cast<int>(error.code()), static_cast<int>(ErrorCode::BadInput));
            QVERIFY2(error.message().starts_with("settings") &&
                         error.message().find(field.toStdString()) != std::string::npos,
                     error.what());
            QVERIFY(!error.hint().empty());
            return;
        }
        QFAIL("nothing was thrown");
    }
};

QTEST_APPLESS_MAIN(TestSettingsJson)
#include "tst_settings_json.moc"
