// SPDX-License-Identifier: MIT
// The table of the experiment: sizes, matched controls, files and the page.
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
};

QTEST_APPLESS_MAIN(TestExperiment)
#include "tst_experiment.moc"
