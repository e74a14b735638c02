// SPDX-License-Identifier: MIT
// Predictions after each recursion against the official code's logits and against runs that end
// there; moves of the states and exit rules against plain loops.
#include "engine/evaluate/convergence_meter.h"
#include "tests/engine/evaluate/plain_predictions.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <stdexcept>

using namespace depthscope;
using nlohmann::json;
using settings::Rule;
using tests::Row;
using trace::Quantity;

namespace {

/// fp32 against fp64, and answers of six decimals: what a logit's error of 2e-4 makes of sums of
/// p ln p.
constexpr double kSums = 1e-3;

std::vector<std::int32_t> narrow(const std::vector<std::int64_t>& ids) {
    return {ids.begin(), ids.end()};
}

trace::Convergence measured(const models::LanguageModel& model,
                            const std::vector<std::int64_t>& ids,
                            const settings::RoutingSettings& routing = {},
                            std::int64_t mostBytes = trace::kMostStateBytes) {
    evaluate::ConvergenceMeter meter(
        model, narrow(ids), spec::resolveRouting(model.config(), routing, spec::RoutingUse::Pass),
        mostBytes);
    double before = 0;
    while (meter.step()) {
        if (!(meter.fraction() >= before && meter.fraction() < 1)) {
            throw std::logic_error("progress goes backwards");
        }
        before = meter.fraction();
    }
    return meter.take();
}

const std::vector<std::uint8_t>& exitsOf(const trace::Convergence& made, const std::string& rule) {
    for (const trace::ExitPoints& points : made.exits) {
        if (points.rule.starts_with(rule + ":")) {
            return points.recursion;
        }
    }
    throw std::runtime_error("no such rule: " + rule);
}

/// The first recursion at which a value lies below the threshold; nothing where one lies too close
/// to it for fp32 to say.
std::optional<std::uint8_t> firstBelow(const Row& values, double threshold, double slack) {
    std::uint8_t found = 0;
    for (std::size_t r = 0; r < values.size(); ++r) {
        if (std::abs(values[r] - threshold) < slack) {
            return std::nullopt;
        }
        if (found == 0 && values[r] < threshold) {
            found = static_cast<std::uint8_t>(r + 1);
        }
    }
    return found;
}

Row rowOf(const at::Tensor& values) {
    const at::Tensor held = values.to(at::kDouble).contiguous();
    return {held.const_data_ptr<double>(), held.const_data_ptr<double>() + held.numel()};
}

/// The states of one token: what enters the loop, then after each recursion, from a pass that is
/// halted there.
std::vector<Row> statesOf(const models::LanguageModel& model,
                          const std::vector<std::int64_t>& ids,
                          std::int64_t token) {
    const c10::NoGradGuard noGrad;
    models::Pass pass;
    pass.ids = tests::idsTensor(ids);
    pass.routing = spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
    std::vector<Row> rows;
    const int first = 1 + static_cast<int>(model.weights().before.size());
    while (pass.stage < first + pass.routing.depth) {
        model.runStage(pass);
        if (pass.stage >= first) {
            rows.push_back(rowOf(pass.x[0][token]));
        }
    }
    return rows;
}

} // namespace

class TestConvergenceMeter : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void official_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("whole heads, untied") << "ouro";
        QTest::newRow("grouped heads, tied") << "ouro_gqa_tied";
    }

    /// Entropy, divergence, rank and the likeliest ids of the official code's logits.
    void official() {
        QFETCH(QString, name);
        const json expected = tests::fixtureAnswers(name.toStdString());
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        const auto ids = expected["ids"][0].get<std::vector<std::int64_t>>();
        const trace::Convergence made = measured(*loaded.model, ids);
        const auto recursions = expected["steps"].size();
        QCOMPARE(made.recursions, static_cast<int>(recursions));
        QCOMPARE(made.tokens(), ids.size());
        for (std::size_t t = 0; t < ids.size(); ++t) {
            const auto last = expected["steps"][recursions - 1][0][t].get<Row>();
            const auto answer =
                static_cast<std::size_t>(std::ranges::max_element(last) - last.begin());
            for (std::size_t r = 0; r < recursions; ++r) {
                const auto logits = expected["steps"][r][0][t].get<Row>();
                compareToken(made, {static_cast<int>(r), t}, logits, last);
                const auto rank =
                    static_cast<int>(made.value(Quantity::Rank, static_cast<int>(r), t));
                QVERIFY(rank >= tests::rankOf(logits, answer, 2 * tests::kFixtureLogits));
                QVERIFY(rank <= tests::rankOf(logits, answer, -2 * tests::kFixtureLogits));
            }
            QCOMPARE(made.value(Quantity::Rank, static_cast<int>(recursions) - 1, t), 1.0F);
            QCOMPARE(made.value(Quantity::Divergence, static_cast<int>(recursions) - 1, t), 0.0F);
        }
    }

    /// All rules that read logits, from the official ones; the exit gate's from its probabilities.
    void exitRules() {
        const json expected = tests::fixtureAnswers("ouro");
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder("ouro"), {});
        const auto ids = expected["ids"][0].get<std::vector<std::int64_t>>();
        settings::RoutingSettings routing;
        routing.rule = Rule::Exit;
        routing.exit = 0.4;
        const trace::Convergence made = measured(*loaded.model, ids, routing);
        int compared = 0;
        const auto check = [&](const char* rule, std::size_t t, const Row& values,
                               double threshold) {
            if (const auto found = firstBelow(values, threshold, 0.1 * threshold)) {
                QCOMPARE(exitsOf(made, rule)[t], *found);
                ++compared;
            }
        };
        for (std::size_t t = 0; t < ids.size(); ++t) {
            Row entropy, kl, minp;
            double older = 100;
            const auto words = expected["steps"][0][0][t].size();
            Row before(words, -std::log(static_cast<double>(words)));
            Row likelyBefore = before;
            for (const json& step : expected["steps"]) {
                const Row logP = tests::logProbabilities(step[0][t].get<Row>());
                const Row likely = tests::likelyOnly(logP);
                entropy.push_back(std::abs(tests::entropyOf(logP) - older));
                kl.push_back(tests::divergenceOf(before, logP));
                minp.push_back(tests::divergenceOf(likelyBefore, likely));
                older = tests::entropyOf(logP);
                before = logP;
                likelyBefore = likely;
            }
            check("entropy", t, entropy, settings::publishedChange(Rule::Entropy));
            check("kl", t, kl, settings::publishedChange(Rule::Kl));
            check("minp-kl", t, minp, settings::publishedChange(Rule::MinpKl));
            QCOMPARE(exitsOf(made, "argmax")[t], std::uint8_t{0}); // needs six recursions
            double sum = 0;
            std::uint8_t leaves = 0;
            const json& probabilities = expected["exit_probability"][0][t];
            while (leaves < 4 && sum < 0.4) {
                sum += probabilities[leaves++].get<double>();
            }
            QCOMPARE(exitsOf(made, "exit")[t], leaves);
        }
        QVERIFY(compared > 2 * static_cast<int>(ids.size()));
    }

    /// The first token sees no other one that could have stopped: a run under the rule lets it
    /// leave where the meter says.
    void firstTokenLeaves() {
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder("huginn"), {});
        settings::RoutingSettings routing;
        routing.zeroState = true;
        bool early = false;
        for (std::int64_t first = 0; first < 8; ++first) {
            const std::vector<std::int64_t> ids{first * 19 + 2, 5, 9};
            routing.rule = Rule::Fixed;
            const trace::Convergence made = measured(*loaded.model, ids, routing);
            for (const Rule rule : {Rule::Latent, Rule::Cosine, Rule::Entropy, Rule::Kl,
                                    Rule::MinpKl, Rule::Argmax}) {
                routing.rule = rule;
                const auto depth =
                    tests::passOver(*loaded.model, tests::idsTensor(ids), routing).depth[0][0];
                const int found = exitsOf(made, std::string(settings::toString(rule)))[0];
                QCOMPARE(found == 0 ? made.recursions : found, depth.item<int>());
                early = early || found > 0;
            }
        }
        QVERIFY(early);
    }

    void moves_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("expert-choice") << 0;
        QTest::newRow("recursive") << 1;
    }

    /// Change and cosine by loops, and who stopped.
    void moves() {
        QFETCH(int, kind);
        const models::LanguageModel model =
            tests::randomModel(kind == 0 ? tests::smallMor(spec::RouterType::Expert)
                                         : tests::smallRecursive(spec::Sharing::MiddleCycle));
        const auto ids = tests::someIds(12, model.config().vocabulary);
        const trace::Convergence made = measured(model, ids);
        const at::Tensor depth = tests::passOver(model, tests::idsTensor(ids)).depth[0];
        for (std::size_t t = 0; t < ids.size(); ++t) {
            const auto token = static_cast<std::int64_t>(t);
            const std::vector<Row> states = statesOf(model, ids, token);
            for (int r = 0; r < made.recursions; ++r) {
                const bool ran = depth[token].item<std::int64_t>() > r;
                QCOMPARE(made.ran(r, t), ran);
                for (const Quantity quantity : trace::kQuantities) {
                    QCOMPARE(std::isnan(made.value(quantity, r, t)), !ran);
                }
                if (!ran) {
                    continue;
                }
                const Row& now = states[static_cast<std::size_t>(r) + 1];
                const Row& old = states[static_cast<std::size_t>(r)];
                Row step;
                for (std::size_t i = 0; i < now.size(); ++i) {
                    step.push_back(now[i] - old[i]);
                }
                const double change = std::sqrt(tests::dot(step, step) / tests::dot(now, now));
                const double cosine =
                    tests::dot(now, old) / std::sqrt(tests::dot(now, now) * tests::dot(old, old));
                QVERIFY(std::abs(made.value(Quantity::Change, r, t) - change) < 1e-5);
                QVERIFY(std::abs(made.value(Quantity::Cosine, r, t) - cosine) < 1e-5);
            }
        }
        QCOMPARE(depth.min().item<std::int64_t>() < 3, kind == 0);
    }

    void endsThere_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("expert-choice, threshold") << 0;
        QTest::newRow("token-choice") << 1;
        QTest::newRow("recursive") << 2;
        QTest::newRow("looped, with a gate") << 3;
        QTest::newRow("looped, with a state of its own") << 4;
    }

    /// What is predicted after recursion r is what a run that goes no deeper answers.
    void endsThere() {
        QFETCH(int, kind);
        std::optional<models::LanguageModel> random;
        io::LoadedModel loaded;
        if (kind >= 3) {
            loaded = io::loadModel(tests::fixtureFolder(kind == 3 ? "ouro" : "huginn"), {});
        } else {
            random.emplace(tests::randomModel(
                kind == 2 ? tests::smallRecursive(spec::Sharing::MiddleCycle)
                          : tests::smallMor(kind == 0 ? spec::RouterType::Expert
                                                      : spec::RouterType::Token)));
        }
        const models::LanguageModel& model = random ? *random : *loaded.model;
        const auto ids = tests::someIds(11, model.config().vocabulary);
        settings::RoutingSettings routing;
        if (kind == 0) {
            routing.rule = Rule::Threshold;
        }
        const trace::Convergence made = measured(model, ids, routing);
        for (int r = 0; r < std::min(made.recursions, 6); ++r) {
            routing.maxDepth = r + 1;
            const models::Pass pass = tests::passOver(model, tests::idsTensor(ids), routing);
            const at::Tensor probability = at::softmax(pass.logits[0], -1);
            const auto best = probability.topk(5, -1);
            for (std::size_t t = 0; t < ids.size(); ++t) {
                const auto token = static_cast<std::int64_t>(t);
                for (std::size_t i = 0; i < 5; ++i) {
                    const std::size_t at = made.at(r, t) * 5 + i;
                    const auto place = static_cast<std::int64_t>(i);
                    QVERIFY(std::abs(made.probability[at] -
                                     std::get<0>(best)[token][place].item<double>()) < 1e-5);
                    QVERIFY(std::abs(probability[token][made.best[at]].item<double>() -
                                     double{made.probability[at]}) < 1e-5);
                }
            }
        }
    }

    void answersSettle() {
        const models::LanguageModel model =
            tests::randomModel(tests::smallRecursive(spec::Sharing::MiddleCycle, 8));
        const auto ids = tests::someIds(20, model.config().vocabulary);
        const trace::Convergence made = measured(model, ids);
        for (std::size_t t = 0; t < ids.size(); ++t) {
            const auto answer = [&](int recursion) { return made.best[made.at(recursion, t) * 5]; };
            const int fixed = made.fixedAt[t];
            for (int r = fixed - 1; r < made.recursions; ++r) {
                QCOMPARE(answer(r), answer(made.recursions - 1));
            }
            QVERIFY(fixed == 1 || answer(fixed - 2) != answer(made.recursions - 1));
        }
    }

    void bounded_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"ouro", "huginn", "mor_token_softmax", "mor_expert_mc3"}) {
            QTest::newRow(name) << name;
        }
    }

    /// Where states of all tokens would take too much, the first ones have what they have in the
    /// whole: where tokens are ranked, the others run along.
    void bounded() {
        QFETCH(QString, name);
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        const models::LanguageModel& model = *loaded.model;
        const auto ids = tests::someIds(17, model.config().vocabulary);
        const trace::Convergence whole = measured(model, ids);
        QCOMPARE(whole.beyond, std::size_t{0});
        const std::int64_t perToken = (2 * whole.recursions + 1) * model.config().width * 4;
        const trace::Convergence part = measured(model, ids, {}, 5 * perToken + perToken / 2);
        QCOMPARE(part.tokens(), std::size_t{5});
        QCOMPARE(part.beyond, std::size_t{12});
        for (const Quantity quantity : trace::kQuantities) {
            for (int r = 0; r < part.recursions; ++r) {
                for (std::size_t t = 0; t < part.tokens(); ++t) {
                    const float a = part.value(quantity, r, t), b = whole.value(quantity, r, t);
                    QVERIFY(std::isnan(a) == std::isnan(b));
                    QVERIFY(std::isnan(a) || std::abs(a - b) < kSums);
                }
            }
        }
        QVERIFY(std::equal(part.fixedAt.begin(), part.fixedAt.end(), whole.fixedAt.begin()));
        for (std::size_t i = 0; i < part.exits.size(); ++i) {
            QVERIFY(std::equal(part.exits[i].recursion.begin(), part.exits[i].recursion.end(),
                               whole.exits[i].recursion.begin()));
        }
    }

    /// More recursions than the training had.
    void beyondTraining() {
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder("ouro"), {});
        settings::RoutingSettings routing;
        routing.rule = Rule::Fixed;
        routing.fixedDepth = 6;
        const trace::Convergence made = measured(*loaded.model, {3, 1, 4, 1, 5}, routing);
        QCOMPARE(made.recursions, 6);
        QCOMPARE(made.trained, 4);
        const trace::Convergence four = measured(*loaded.model, {3, 1, 4, 1, 5});
        QVERIFY(std::equal(four.best.begin(), four.best.end(), made.best.begin()));
    }

    /// Who stopped has no values there, but a path that stands still.
    void stopping() {
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder("ouro"), {});
        settings::RoutingSettings routing;
        routing.rule = Rule::Exit;
        routing.exit = 0.4;
        routing.exits = settings::Exits::Stop;
        const auto ids = tests::someIds(16, 160);
        const trace::Convergence made = measured(*loaded.model, ids, routing);
        const at::Tensor depth =
            tests::passOver(*loaded.model, tests::idsTensor(ids), routing).depth[0];
        bool stopped = false;
        for (std::size_t t = 0; t < ids.size(); ++t) {
            const auto ran = depth[static_cast<std::int64_t>(t)].item<std::int64_t>();
            for (int r = 0; r < made.recursions; ++r) {
                QCOMPARE(made.ran(r, t), r < ran);
            }
            stopped = stopped || ran < made.recursions;
        }
        QVERIFY(stopped);
    }

    void refused_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("plain") << 0;
        QTest::newRow("layer by layer") << 1;
        QTest::newRow("experts") << 2;
    }

    void refused() {
        QFETCH(int, kind);
        const models::LanguageModel model =
            tests::randomModel(kind == 0   ? tests::smallConfig()
                               : kind == 1 ? tests::smallRecursive(spec::Sharing::MiddleSequence)
                                           : tests::smallMore());
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(measured(model, {1, 2, 3})));
    }

private:
    struct Place {
        int recursion;
        std::size_t token;
    };

    static void
    compareToken(const trace::Convergence& made, Place at, const Row& logits, const Row& last) {
        const Row logP = tests::logProbabilities(logits);
        const auto value = [&](Quantity q) {
            return double{made.value(q, at.recursion, at.token)};
        };
        QVERIFY(std::abs(value(Quantity::Entropy) - tests::entropyOf(logP)) < kSums);
        QVERIFY(std::abs(value(Quantity::Divergence) -
                         tests::divergenceOf(tests::logProbabilities(last), logP)) < kSums);
        Row sorted = logP;
        std::ranges::sort(sorted, std::greater<>());
        for (std::size_t i = 0; i < made.predictions; ++i) {
            const std::size_t index = made.at(at.recursion, at.token) * made.predictions + i;
            const auto id = static_cast<std::size_t>(made.best[index]);
            QVERIFY(std::abs(double{made.probability[index]} - std::exp(sorted[i])) < 1e-4);
            QVERIFY(std::abs(logP[id] - sorted[i]) < 2 * tests::kFixtureLogits);
        }
    }
};

QTEST_APPLESS_MAIN(TestConvergenceMeter)
#include "tst_convergence_meter.moc"
