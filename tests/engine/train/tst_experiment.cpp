// SPDX-License-Identifier: MIT
// The table of the experiment: sizes, matched controls, files and the page; and routing regret
// against brute force.
#include "engine/evaluate/regret.h"
#include "engine/train/experiment.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QTemporaryDir>
#include <QtTest>
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

train::CellResult resultOf(const train::Cell& cell, double loss) {
    train::CellResult result;
    result.cell = cell;
    result.parameters = 5;
    for (int i = 1; i <= 2; ++i) {
        train::Evaluation point;
        point.step = i;
        point.metrics = {{"val_loss", loss + 2 - i, "nats/token"}};
        point.tokens = 1'000'000 * i;
        point.flops = 1e12 * i;
        point.seconds = 120 * i;
        result.curve.push_back(point);
    }
    result.scores = {{"trained", loss, 2, 1e6, std::nan("")}};
    result.classDepth = {{"noise", 2.5}};
    result.machine = "test";
    return result;
}

} // namespace

class TestExperiment : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void systems() {
        const train::Experiment& experiment = train::findExperiment("mor-small");
        QCOMPARE(experiment.systems.size(), std::size_t{8});
        QCOMPARE(experiment.cells.size(), std::size_t{8 * 3 + 8});
        for (const train::System& system : experiment.systems) {
            spec::checkSpec(system.model, system.name, system.name);
            QVERIFY(parametersOf(system) <= 1'000'000);
        }
        // Controls of MoR-3 have its parameters, up to the routers.
        const std::int64_t mor = parametersOf(experiment.system("mor3-expert"));
        for (const char* control : {"shallow", "recursive3", "fixed2"}) {
            QCOMPARE(mor - parametersOf(experiment.system(control)), 3 * 96);
        }
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(train::findExperiment("nothing")), Error);
    }

    void filesAndPage() {
        const train::Experiment& experiment = train::findExperiment("mor-small");
        const QTemporaryDir temporary;
        const std::filesystem::path folder = temporary.path().toStdString();
        std::vector<std::optional<train::CellResult>> results(experiment.cells.size());
        for (std::size_t i = 0; i < results.size(); ++i) {
            const train::Cell& cell = experiment.cells[i];
            const bool mor = cell.system == "mor3-expert";
            if (cell.data == "graded" && (mor || cell.system == "mor3-random")) {
                const double drift = 0.001 * static_cast<double>(cell.seed);
                train::writeResult(folder, resultOf(cell, mor ? 2.0 + drift : 2.1));
                results[i] = train::readResult(folder, cell);
                QVERIFY(results[i].has_value());
                QCOMPARE(results[i]->curve.size(), std::size_t{2});
                QCOMPARE(results[i]->scores.front().nats, mor ? 2.0 + drift : 2.1);
            } else {
                QVERIFY(!train::readResult(folder, cell).has_value());
            }
        }
        const QString page = QString::fromStdString(train::resultsPage(experiment, results));
        QVERIFY(page.contains("6 of 32 cells run"));
        QVERIFY(page.contains("not run"));
        QVERIFY(page.contains("| -0.0980 (3) | confirmed, standard error 0.0006 |"));
        QVERIFY(page.contains("2.0020 ± 0.0010 (3)"));
    }

    /// One token at a time: the best depth of each is found by trying; never worse than the
    /// router's when a single token is free.
    void regretBruteForce() {
        const auto model = tests::randomModel(tests::smallMor(spec::RouterType::Expert));
        const std::vector<std::int32_t> ids{3, 17, 5, 9, 30, 2};
        const spec::ResolvedRouting routing =
            spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
        evaluate::RegretMeter meter(model, ids, routing, 6);
        QVERIFY(!meter.step());
        const c10::NoGradGuard noGrad;
        const at::Tensor row = tests::idsTensor(std::vector<std::int64_t>(ids.begin(), ids.end()));
        const auto nats = [&](const at::Tensor& depths) {
            models::Pass pass;
            pass.ids = row;
            pass.routing = routing;
            pass.forcedDepth = depths;
            model.run(pass);
            return at::cross_entropy_loss(pass.logits[0].narrow(0, 0, 5), row[0].narrow(0, 1, 5))
                       .item<double>() *
                   5;
        };
        const at::Tensor own = tests::passOver(model, row).depth;
        at::Tensor best = own.clone();
        for (std::int64_t t = 0; t < 6; ++t) {
            double least = 1e9;
            for (std::int64_t d = 1; d <= 3; ++d) {
                at::Tensor tried = own.clone();
                tried[0][t] = d;
                const double value = nats(tried);
                if (value < least - 1e-5) {
                    least = value;
                    best[0][t] = d;
                }
            }
        }
        const evaluate::Regret& regret = meter.regret();
        QVERIFY(std::abs(regret.routedSum - nats(own)) < 1e-4);
        QVERIFY(std::abs(regret.bestSum - nats(best)) < 1e-4);
        QCOMPARE(regret.bestDepthSum, best.sum().item<double>());
        QCOMPARE(regret.routedDepthSum, own.sum().item<double>());
        QCOMPARE(regret.tokens, std::int64_t{5});
    }
};

QTEST_APPLESS_MAIN(TestExperiment)
#include "tst_experiment.moc"
