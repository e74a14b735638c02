// SPDX-License-Identifier: MIT
// The experiment `looped`: matched controls, what is asked of finished models, drawn exits and
// losses at a mean depth by hand, and the page.
#include "engine/train/looped_experiment.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;

namespace {

std::int64_t parametersOf(const train::System& system) {
    models::Weights weights = models::randomWeights(system.model, 1);
    std::int64_t count = 0;
    for (const spec::ParameterPart& part : models::countParameters(system.model, weights)) {
        count += part.count;
    }
    return count;
}

train::RuleScore scoreOf(const std::string& rule, double depth, double nats) {
    train::RuleScore score;
    score.rule = rule;
    score.meanDepth = depth;
    score.nats = nats;
    score.flopsPerToken = 1e6 * depth;
    return score;
}

/// Fixed depths cost 4, 3, 2.5 and 2.4 nats; half the exits at 0.5 are after recursion 1 and half
/// after 3.
train::CellResult resultOf(const train::Cell& cell, double better) {
    train::CellResult result;
    result.cell = cell;
    result.parameters = 5;
    for (int i = 1; i <= 2; ++i) {
        train::Evaluation point;
        point.step = i;
        point.metrics = {{"val_loss", 4.0 - i - better, "nats/token"}};
        point.tokens = 1'000'000 * i;
        point.flops = 1e12 * i;
        point.seconds = 120 * i;
        result.curve.push_back(point);
    }
    const double nats[] = {4, 3, 2.5, 2.4};
    for (int depth = 1; depth <= 4; ++depth) {
        result.scores.push_back(scoreOf("fixed:" + std::to_string(depth), depth, nats[depth - 1]));
    }
    result.scores.push_back(scoreOf("trained", 4, 2.4 - better));
    result.scores.push_back(scoreOf("random", 2.5, 2.8));
    train::RuleScore exits = scoreOf("exit:0.5", 2, 3.1 - better);
    exits.depthShares = {0, 0.5, 0, 0.5, 0};
    exits.classAuc = {{"noise", 0.25}};
    result.scores.push_back(exits);
    result.classDepth = {{"noise", 2.5}};
    result.machine = "test";
    return result;
}

} // namespace

class TestLoopedExperiment : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void systems() {
        const train::Experiment experiment = train::looped({});
        QCOMPARE(experiment.cells.size(), std::size_t{6 * 3});
        QCOMPARE(experiment.trainSeconds, 240.0);
        for (const train::System& system : experiment.systems) {
            spec::checkSpec(system.model, system.name, system.name);
            QVERIFY(!system.rules.empty());
            for (const train::AskedRule& rule : system.rules) { // all can be asked for
                static_cast<void>(
                    spec::resolveRouting(system.model, rule.routing, spec::RoutingUse::Pass));
            }
        }
        // The same two layers, but for norms, gate and routers.
        const std::int64_t vanilla = parametersOf(experiment.system("vanilla-parameters"));
        const std::int64_t looped = parametersOf(experiment.system("looped-gate"));
        QCOMPARE(looped - vanilla, std::int64_t{2 * 2 * 96 + 97});
        QCOMPARE(parametersOf(experiment.system("looped-fixed")), looped);
        QCOMPARE(parametersOf(experiment.system("mor-learned")) - vanilla, std::int64_t{4 * 96});
        QCOMPARE(experiment.system("vanilla-flops").model.layers,
                 experiment.system("looped-gate").model.layers);
        QVERIFY(experiment.system("mor-random").model.mor.randomRouter);
        QVERIFY(experiment.presetOf(experiment.cells[2]).gateShare > 0);
        QCOMPARE(experiment.presetOf(experiment.cells[3]).gateShare, 0.0);
    }

    void choices() {
        const train::Experiment some =
            train::looped({.systems = {"mor-random"}, .seeds = 2, .minutes = 1, .steps = 7});
        QCOMPARE(some.cells.size(), std::size_t{2});
        QCOMPARE(some.budget(), std::string("7 steps"));
        QCOMPARE(some.presetOf(some.cells.front()).steps, std::int64_t{7});
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(train::looped({.systems = {"x"}})));
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(train::looped({.seeds = 65})));
    }

    void byHand() {
        const train::CellResult result = resultOf({"looped-gate", "graded", 1}, 0);
        QCOMPARE(train::drawnExits(result, "exit:0.5"), 0.5 * 4 + 0.5 * 2.5);
        QVERIFY(std::isnan(train::drawnExits(result, "exit:0.9")));
        QCOMPARE(train::natsAtDepth(result, train::fixedRules(), 2.5), 2.75);
        QCOMPARE(train::natsAtDepth(result, train::fixedRules(), 4), 2.4);
        QVERIFY(std::isnan(train::natsAtDepth(result, train::fixedRules(), 0.5)));
    }

    void page() {
        const train::Experiment experiment = train::looped({});
        std::vector<std::optional<train::CellResult>> results(experiment.cells.size());
        QString page = QString::fromStdString(train::loopedResultsPage(experiment, results));
        QVERIFY(page.contains("0 of 18 cells run"));
        QVERIFY(page.contains("not decided, too few seeds are run"));
        for (std::size_t i = 0; i < results.size(); ++i) {
            const train::Cell& cell = experiment.cells[i];
            // MoR with learned depth is better by something else for each seed.
            const double better =
                cell.system == "mor-learned" ? 0.1 + 0.001 * double(cell.seed) : 0.0;
            results[i] = resultOf(cell, better);
        }
        page = QString::fromStdString(train::loopedResultsPage(experiment, results));
        QVERIFY(page.contains("18 of 18 cells run"));
        QVERIFY(page.contains("MoR, trained that way: learned routing is better than random."));
        // 3.1 nats against 3.25 drawn, without a spread.
        QVERIFY(page.contains("The exit gate: learned routing is better than random."));
        QVERIFY(page.contains("| looped-gate | exit:0.5, drawn | 2.0000 ± 0.0000 (3) | 3.2500"));
        QVERIFY(page.contains("| looped-gate, exit:0.5 | 0.2500 ± 0.0000 (3) |"));
        // One depth of 2 for all costs 3.0, less than the gate's 3.1.
        QVERIFY(page.contains("fixed depths, interpolated) | +0.1000 (3) | **contradicted**"));
        QVERIFY(page.contains("not run")); // thresholds that these results lack
        for (const char* line : {"| vanilla-flops | 5 |", "| mor-random | fixed:4 |"}) {
            QVERIFY2(page.contains(line), line);
        }
    }

    /// Equal to random is said.
    void noBetterThanRandom() {
        const train::Experiment experiment = train::looped({});
        std::vector<std::optional<train::CellResult>> results;
        for (const train::Cell& cell : experiment.cells) {
            const bool isUp = cell.seed == 2;
            results.emplace_back(
                resultOf(cell, cell.system == "mor-learned" ? (isUp ? 0.1 : -0.1) : 0.0));
        }
        const QString page = QString::fromStdString(train::loopedResultsPage(experiment, results));
        QVERIFY(page.contains("MoR, trained that way: learned routing does not beat random here."));
    }
};

QTEST_APPLESS_MAIN(TestLoopedExperiment)
#include "tst_looped_experiment.moc"
