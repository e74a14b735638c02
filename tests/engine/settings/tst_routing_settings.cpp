// SPDX-License-Identifier: MIT
// What users and scripts write for routing and capacity, and the ranges of every declared field.
#include "engine/base/error.h"
#include "engine/settings/lab.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <set>

using namespace depthscope;
using namespace depthscope::settings;

namespace {

/// Code of the error that `call` throws, with subject and hint checked; -1 if it throws none.
template <class Call>
int codeOf(std::string_view subject, Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        const bool isNamed = error.message().starts_with(subject) && !error.hint().empty();
        return isNamed ? static_cast<int>(error.code()) : -2;
    }
    return -1;
}

constexpr int kUsage = static_cast<int>(ErrorCode::Usage);
constexpr int kBadInput = static_cast<int>(ErrorCode::BadInput);

} // namespace

class TestRoutingSettings : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void capacityIsReadExactly_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char* text, const char* shown) {
            QTest::addRow("\"%s\"", text) << QByteArray(text) << QByteArray(shown);
        };
        row("", "");
        row("1", "1");
        row("1,2/3,1/3", "1,2/3,1/3");
        row("1.0,0.6666666666666666,0.3333333333333333", "1,2/3,1/3");
        row("1, 67 %, 0.33", "1,0.67,0.33");
        row("1/2,1/2,1/2", "1/2,1/2,1/2");
        row("1/2,0.5,2/4,0", "1/2,1/2,1/2,0");
    }

    void capacityIsReadExactly() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, shown);
        const std::vector<Fraction> capacity = parseCapacity(text.toStdString());
        QCOMPARE(QByteArray::fromStdString(toString(capacity)), shown);
        QVERIFY(parseCapacity(toString(capacity)) == capacity);
    }

    void wrongCapacityIsNamed_data() {
        QTest::addColumn<QByteArray>("text");
        for (const char* text :
             {"1,2", "1/3,2/3", "1,,1", ",", "1,x", "-1", "1;1/2", "0.5,0.51", "101 %", "1/0"}) {
            QTest::addRow("\"%s\"", text) << QByteArray(text);
        }
    }

    void wrongCapacityIsNamed() {
        QFETCH(QByteArray, text);
        QCOMPARE(codeOf("capacity", [&] { (void)parseCapacity(text.toStdString()); }), kBadInput);
    }

    void growingCapacityNamesItsRecursion() {
        try {
            (void)parseCapacity("1,1/3,2/3");
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(error.message(),
                     std::string("capacity of recursion 3 is 2/3, more than the 1/3 before it"));
        }
    }

    void manyCapacitiesAreReadOrRejectedInGoodTime() {
        std::string text = "1";
        for (int i = 0; i < 100'000; ++i) {
            text += ",1/2";
        }
        QCOMPARE(parseCapacity(text).size(), std::size_t{100'001});
    }

    void routingIsRead_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("rule");
        QTest::addColumn<double>("tau");
        QTest::addColumn<int>("depth");
        const auto row = [](const char* text, Rule rule, double tau = 0.5, int depth = 0) {
            QTest::newRow(text) << QByteArray(text) << static_cast<int>(rule) << tau << depth;
        };
        row("model", Rule::Model);
        row("topk", Rule::TopK);
        row("threshold", Rule::Threshold);
        row("threshold:0.6", Rule::Threshold, 0.6);
        row("threshold:0", Rule::Threshold, 0.0);
        row("threshold:1", Rule::Threshold, 1.0);
        row("threshold:1e-3", Rule::Threshold, 0.001);
        row("token", Rule::Token);
        row("fixed:1", Rule::Fixed, 0.5, 1);
        row("fixed:64", Rule::Fixed, 0.5, 64);
        row("random", Rule::Random);
        row("aux", Rule::Aux);
    }

    void routingIsRead() {
        QFETCH(QByteArray, text);
        QFETCH(int, rule);
        QFETCH(double, tau);
        QFETCH(int, depth);
        RoutingSettings settings;
        parseRouting(text.toStdString(), settings);
        QCOMPARE(static_cast<int>(settings.rule), rule);
        QCOMPARE(settings.tau, tau);
        QCOMPARE(settings.fixedDepth, depth);
    }

    /// Of looped models: the number of each rule; without one, its published one.
    void changesAreRead() {
        RoutingSettings settings;
        parseRouting("latent:0.05", settings);
        QVERIFY(settings.rule == Rule::Latent);
        QCOMPARE(settings.change, 0.05);
        parseRouting("minp-kl", settings);
        QVERIFY(settings.rule == Rule::MinpKl);
        QCOMPARE(settings.change, 0.0);
        parseRouting("argmax:7", settings);
        QVERIFY(settings.rule == Rule::Argmax);
        QCOMPARE(settings.change, 7.0);
        parseRouting("exit:0.25", settings);
        QCOMPARE(settings.exit, 0.25);
        QVERIFY(watchesPrediction(Rule::Argmax) && !watchesPrediction(Rule::Cosine));
        QVERIFY(watchesChange(Rule::Cosine) && !watchesChange(Rule::Weighted));
    }

    void wrongRoutingIsUsage_data() {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"",
                                 "best",
                                 "Topk",
                                 "topk ",
                                 "topk:3",
                                 "model:1",
                                 "threshold:",
                                 "threshold:x",
                                 "threshold:1.5",
                                 "threshold:-0.1",
                                 "threshold:nan",
                                 "threshold:inf",
                                 "threshold:0.5x",
                                 "fixed",
                                 "fixed:",
                                 "fixed:0",
                                 "fixed:-1",
                                 "fixed:two",
                                 "fixed:2.5",
                                 "fixed:99999999999",
                                 ":",
                                 "latent:0",
                                 "latent:-1",
                                 "cosine:nan",
                                 "kl:65",
                                 "argmax:0",
                                 "argmax:2.5",
                                 "argmax:64",
                                 "token:1"}) {
            QTest::addRow("\"%s\"", text) << QByteArray(text);
        }
    }

    void wrongRoutingIsUsage() {
        QFETCH(QByteArray, text);
        RoutingSettings settings;
        QCOMPARE(codeOf("routing", [&] { parseRouting(text.toStdString(), settings); }), kUsage);
    }

    void namesComeBack() {
        for (int rule = 0; rule <= static_cast<int>(Rule::Argmax); ++rule) {
            QCOMPARE(static_cast<int>(parseRule(toString(static_cast<Rule>(rule)))), rule);
        }
        for (int policy = 0; policy <= static_cast<int>(KvPolicy::Compress); ++policy) {
            QCOMPARE(static_cast<int>(parseKvPolicy(toString(static_cast<KvPolicy>(policy)))),
                     policy);
        }
        QCOMPARE(codeOf("kv", [] { (void)parseKvPolicy("none"); }), kUsage);
        for (int exits = 0; exits <= static_cast<int>(Exits::Stop); ++exits) {
            QCOMPARE(static_cast<int>(parseExits(toString(static_cast<Exits>(exits)))), exits);
        }
        QCOMPARE(codeOf("exits", [] { (void)parseExits("none"); }), kUsage);
    }

    void policiesWithTheirNumber() {
        RoutingSettings settings;
        parseKv("compress:4", settings);
        QVERIFY(settings.kv == KvPolicy::Compress);
        QCOMPARE(keptRecursions(settings), 4);
        QVERIFY(runsTokenByToken(settings));
        parseKv("last", settings);
        QCOMPARE(keptRecursions(settings), 1);
        parseKv("latest", settings);
        QCOMPARE(keptRecursions(settings), 0);
        QVERIFY(!runsTokenByToken(settings));
        for (const char* text : {"compress", "compress:0", "compress:65", "compress:x", "last:1"}) {
            QCOMPARE(codeOf("kv", [&] { parseKv(text, settings); }), kUsage);
        }
    }

    void fieldsAreDeclaredOnceAndCompletely() {
        std::set<std::string> names;
        const LabSettings lab;
        LabSettings::visit(lab, [&](const FieldInfo& field, const auto&) {
            QVERIFY2(names.insert(field.name).second, field.name);
            QVERIFY2(*field.help != '\0', field.name);
            QVERIFY2(field.minimum <= field.maximum, field.name);
        });
        QCOMPARE(names.size(), std::size_t{31});
        checkRanges(lab);
    }

    void rangesAreChecked_data() {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<double>("value");
        QTest::addColumn<bool>("isFine");
        const auto row = [](const char* field, double value, bool isFine) {
            QTest::addRow("%s %g", field, value) << QByteArray(field) << value << isFine;
        };
        row("tau", 0, true);
        row("tau", 1, true);
        row("tau", 1.0000001, false);
        row("tau", -0.0000001, false);
        row("tau", std::nan(""), false);
        row("tau", std::numeric_limits<double>::infinity(), false);
        row("fixed-depth", 64, true);
        row("fixed-depth", 65, false);
        row("fixed-depth", -1, false);
        row("max-depth", 65, false);
        row("kv-kept", 0, false);
        row("kv-kept", 64, true);
        row("tokens", 0, false);
        row("tokens", 1'000'000, true);
        row("tokens", 1'000'001, false);
        row("temperature", 0, true);
        row("temperature", 101, false);
        row("temperature", std::nan(""), false);
        row("top-k", -1, false);
        row("top-p", 1.5, false);
        row("seed", 1e16, false);
    }

    void rangesAreChecked() {
        QFETCH(QByteArray, field);
        QFETCH(double, value);
        QFETCH(bool, isFine);
        LabSettings lab;
        bool isKnown = false;
        LabSettings::visit(lab, [&](const FieldInfo& info, auto& member) {
            if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(member)>>) {
                if (field == info.name) {
                    member = static_cast<std::remove_cvref_t<decltype(member)>>(value);
                    isKnown = true;
                }
            }
        });
        QVERIFY(isKnown);
        QCOMPARE(codeOf(field.toStdString(), [&] { checkRanges(lab); }), isFine ? -1 : kBadInput);
    }

    void capacityIsPartOfTheRanges() {
        LabSettings lab;
        lab.routing.capacity = {{1, 3}, {2, 3}};
        QCOMPARE(codeOf("capacity", [&] { checkRanges(lab); }), kBadInput);
        lab.routing.capacity = {{3, 2}};
        QCOMPARE(codeOf("capacity", [&] { checkRanges(lab); }), kBadInput);
    }

    void capacitiesMoveAlong_data() {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("last");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](int first, int last, const char* value, const char* expected) {
            QTest::addRow("%d to %d: %s", first, last, value)
                << first << last << QByteArray(value) << QByteArray(expected);
        };
        row(1, 1, "1/2", "1,1/2,1/3");
        row(1, 1, "1/4", "1,1/4,1/4"); // the later one falls
        row(2, 2, "3/4", "1,3/4,3/4"); // the earlier one rises
        row(0, 0, "1/2", "1/2,1/2,1/3");
        row(1, 2, "1/5", "1,1/5,1/5");
        row(0, 2, "1", "1,1,1");
    }

    void capacitiesMoveAlong() {
        QFETCH(int, first);
        QFETCH(int, last);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, expected);
        const std::vector<Fraction> moved = withCapacity(
            parseCapacity("1,2/3,1/3"), static_cast<std::size_t>(first),
            static_cast<std::size_t>(last), parseCapacity(value.toStdString()).front());
        QCOMPARE(toString(moved), expected.toStdString());
        checkCapacity(moved);
    }

    void rulesSayWhatTheyNeed() {
        for (const std::string_view name : namesOf(Rule())) {
            const Rule rule = parseRule(name);
            QCOMPARE(ranksTokens(rule), name == "topk" || name == "random");
            QCOMPARE(comparesWithTau(rule), name == "threshold" || name == "aux");
        }
    }

    void equalityLooksAtEveryField() {
        const LabSettings plain;
        LabSettings changed;
        QVERIFY(plain == changed);
        changed.generation.stopAtEos = true;
        QVERIFY(!(plain == changed));
        changed = {};
        changed.routing.capacity = {{1, 1}};
        QVERIFY(!(plain == changed));
    }
};

QTEST_APPLESS_MAIN(TestRoutingSettings)
#include "tst_routing_settings.moc"
