// SPDX-License-Identifier: MIT
// Looped models: the official code's logits after every pass, its exits and continuations, and what
// is refused.
#include "engine/generate/generator.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;
using nlohmann::json;
using settings::Rule;

namespace {

/// The answers have six decimals; fp32 sums in another order add the rest.
constexpr double kOfficial = 2e-4;

settings::RoutingSettings under(Rule rule, int depth = 0) {
    settings::RoutingSettings routing;
    routing.rule = rule;
    routing.fixedDepth = depth;
    return routing;
}

settings::RoutingSettings leavingAt(double threshold) {
    settings::RoutingSettings routing = under(Rule::Exit);
    routing.exit = threshold;
    return routing;
}

struct Answers {
    explicit Answers(const QString& name)
        : expected(tests::fixtureAnswers(name.toStdString()))
        , loaded(io::loadModel(tests::fixtureFolder(name.toStdString()), {})) {}

    [[nodiscard]] std::vector<std::int64_t> ids(std::size_t row) const {
        return expected["ids"][row].get<std::vector<std::int64_t>>();
    }

    [[nodiscard]] models::Pass pass(std::size_t row,
                                    const settings::RoutingSettings& routing) const {
        const c10::NoGradGuard noGrad;
        models::Pass pass;
        pass.ids = tests::idsTensor(ids(row));
        pass.routing =
            spec::resolveRouting(loaded.model->config(), routing, spec::RoutingUse::Pass);
        loaded.model->run(pass);
        return pass;
    }

    [[nodiscard]] std::size_t rows() const { return expected["ids"].size(); }

    json expected;
    io::LoadedModel loaded;
};

/// Largest difference of [T][V] or [T][passes].
double worst(const at::Tensor& made, const json& expected) {
    std::vector<float> flat;
    for (const json& row : expected) {
        for (const json& value : row) {
            flat.push_back(value.get<float>());
        }
    }
    return (made.reshape({-1}) - at::tensor(flat)).abs().max().item<double>();
}

std::vector<std::int64_t> depthsOf(const models::Pass& pass) {
    const at::Tensor depth = pass.depth[0].contiguous();
    return {depth.const_data_ptr<std::int64_t>(),
            depth.const_data_ptr<std::int64_t>() + depth.numel()};
}

std::vector<std::int32_t> continued(const Answers& answers,
                                    const json& greedy,
                                    const settings::RoutingSettings& routing,
                                    bool cached) {
    const c10::NoGradGuard noGrad;
    generate::Generator generator(
        *answers.loaded.model,
        spec::resolveRouting(answers.loaded.model->config(), routing, spec::RoutingUse::Generation),
        cached);
    static_cast<void>(generator.prefill(greedy["prompt"].get<std::vector<std::int32_t>>()));
    std::vector<std::int32_t> made;
    for (std::size_t i = 0; i < greedy["tokens"].size(); ++i) {
        const std::vector<float> logits = generator.lastLogits();
        made.push_back(
            static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin()));
        static_cast<void>(generator.feed(made.back()));
    }
    return made;
}

} // namespace

class TestOuro : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("whole heads") << "ouro";
        QTest::newRow("grouped heads, tied") << "ouro_gqa_tied";
    }

    void everyPass() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name);
        for (std::size_t row = 0; row < answers.rows(); ++row) {
            const auto standard = answers.pass(row, {});
            QVERIFY(worst(standard.logits, answers.expected["logits"][row]) < kOfficial);
            QVERIFY(worst(at::stack(standard.exits, -1),
                          answers.expected["exit_probability"][row]) < kOfficial);
            QVERIFY(
                std::abs(at::stack(standard.exits, -1).sum(-1).sub(1).abs().max().item<double>()) <
                1e-5);
            const int passes = answers.loaded.info->recursions;
            for (int t = 1; t <= passes; ++t) {
                const auto fixed = answers.pass(row, under(Rule::Fixed, t));
                const json& step = answers.expected["steps"][static_cast<std::size_t>(t - 1)][row];
                QVERIFY2(worst(fixed.logits, step) < kOfficial, qPrintable(QString::number(t)));
                QVERIFY(!fixed.routing.offDistribution);
            }
            const auto weighted = answers.pass(row, under(Rule::Weighted));
            QVERIFY(worst(weighted.logits, answers.expected["weighted"][row]) < kOfficial);
        }
    }

    /// The exits decide exactly.
    void thresholds() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name);
        for (const json& one : answers.expected["thresholds"]) {
            for (std::size_t row = 0; row < answers.rows(); ++row) {
                const auto pass = answers.pass(row, leavingAt(one["threshold"].get<double>()));
                QCOMPARE(depthsOf(pass), one["depth"][row].get<std::vector<std::int64_t>>());
                QVERIFY(worst(pass.logits, one["logits"][row]) < kOfficial);
            }
        }
    }

    void continuations() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name);
        const json& greedy = answers.expected["greedy"];
        const json& early = answers.expected["greedy_threshold"];
        for (const bool cached : {true, false}) {
            QCOMPARE(continued(answers, greedy, {}, cached),
                     greedy["tokens"].get<std::vector<std::int32_t>>());
            QCOMPARE(continued(answers, early, leavingAt(early["threshold"].get<double>()), cached),
                     early["tokens"].get<std::vector<std::int32_t>>());
        }
    }

    /// A cap ends all passes there, and who has not left by then leaves.
    void cappedAndBeyond() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name);
        settings::RoutingSettings capped = leavingAt(1);
        capped.maxDepth = 2;
        const auto two = answers.pass(0, capped);
        QVERIFY(worst(two.logits, answers.expected["steps"][1][0]) < kOfficial);
        QCOMPARE(two.exits.size(), std::size_t{2});
        QVERIFY((two.exits[0] + two.exits[1] - 1).abs().max().item<double>() < 1e-6);
        const int passes = answers.loaded.info->recursions;
        const auto more = answers.pass(0, under(Rule::Fixed, passes + 2));
        QVERIFY(more.routing.offDistribution);
        QCOMPARE(static_cast<int>(more.exits.size()), passes + 2);
        QCOMPARE(depthsOf(more).front(), std::int64_t{passes + 2});
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, under(Rule::Fixed, 65)));
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, under(Rule::TopK)));
    }

    /// Each pass and layer keeps entries of its own.
    void memory() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name);
        const spec::LanguageSpec& spec = answers.loaded.model->config();
        nn::KvCache cache = answers.loaded.model->makeCache();
        const c10::NoGradGuard noGrad;
        models::Pass pass;
        pass.ids = tests::idsTensor(answers.ids(0));
        pass.cache = &cache;
        pass.routing = spec::resolveRouting(spec, {}, spec::RoutingUse::Pass);
        answers.loaded.model->run(pass);
        const std::int64_t perEntry = 2 * spec.kvHeads * spec.headDim * std::int64_t{sizeof(float)};
        QCOMPARE(cache.usedBytes(), pass.ids.size(1) * spec.layers * perEntry);
    }
};

QTEST_APPLESS_MAIN(TestOuro)
#include "tst_ouro.moc"
