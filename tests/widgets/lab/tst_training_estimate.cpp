// SPDX-License-Identifier: MIT
// What is kept of trainings to estimate the next one, and the trial that times a few steps.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/training_rates.h"
#include "widgets/lab/training_trial.h"

#include <QSignalSpy>
#include <QTest>

using namespace depthscope;
using lab::TrainingRate;
using lab::TrainingRates;
using test::LabFixture;

namespace {

runtime::TrainRequest requestOf(const char* preset,
                                std::vector<settings::RecipeChange> changes = {}) {
    runtime::TrainRequest request;
    request.preset = preset;
    request.recipe = std::move(changes);
    return request;
}

runtime::EngineStatus engineOf(const char* device, int threads) {
    runtime::EngineStatus status;
    status.device = device;
    status.threads = threads;
    return status;
}

} // namespace

class TestTrainingEstimate : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void ratesAreOfRecipeDeviceAndThreads() {
        const runtime::EngineStatus cpu = engineOf("cpu", 2);
        const auto key = [&](const runtime::TrainRequest& request) {
            return lab::rateKey(request, cpu);
        };
        const QString plain = key(requestOf("demo"));
        QVERIFY(plain != key(requestOf("tiny")));
        QVERIFY(plain != key(requestOf("demo", {{"batch", "4"}})));
        QCOMPARE(plain, key(requestOf("demo", {{"learning_rate", "0.1"}, {"data", "/videos"}})));
        QCOMPARE(key(requestOf("demo", {{"batch", "4"}, {"hidden_size", "64"}})),
                 key(requestOf("demo", {{"hidden_size", "64"}, {"batch", "4"}})));
        QVERIFY(plain != lab::rateKey(requestOf("demo"), engineOf("cuda:0", 2)));
        QVERIFY(plain != lab::rateKey(requestOf("demo"), engineOf("cpu", 1)));
        runtime::TrainRequest other = requestOf("demo"); // what is learned does not count
        other.textFile = "/a.txt";
        other.steps = 7;
        QCOMPARE(plain, key(other));
    }

    void theNewestCounts() {
        TrainingRates rates;
        QVERIFY(!rates.find(QStringLiteral("a")));
        rates.add(QStringLiteral("a"), {2, 100, false});
        rates.add(QStringLiteral("a"), {1.5, 200, false});
        QCOMPARE(rates.find(QStringLiteral("a"))->secondsPerStep, 1.5);
        rates.add(QStringLiteral("a"), {0, 300, false}); // no time, no steps: no rate
        rates.add(QStringLiteral("a"), {std::numeric_limits<double>::quiet_NaN(), 300, false});
        rates.add(QStringLiteral("a"), {1, 0, false});
        QCOMPARE(rates.find(QStringLiteral("a"))->steps, std::int64_t{200});
        for (int i = 0; i < 100; ++i) {
            rates.add(QString::number(i), {1, 1, false});
        }
        QVERIFY(!rates.find(QStringLiteral("a"))); // so many are not kept
        QVERIFY(rates.find(QStringLiteral("99")));
    }

    void wholeTrainingsAreKept() {
        TrainingRates rates;
        rates.add(QStringLiteral("a"), {2, 100, false});
        rates.add(QStringLiteral("b"), {0.25, 900, false});
        rates.add(QStringLiteral("trial"), {3, 4, true});
        QVariantList kept = rates.toVariant();
        QCOMPARE(kept.size(), 2);
        kept << QStringLiteral("nonsense") << QVariant(QVariantList{QStringLiteral("c"), -1, 4});
        const TrainingRates again = TrainingRates::fromVariant(kept);
        QCOMPARE(again.find(QStringLiteral("a"))->secondsPerStep, 2.0);
        QCOMPARE(again.find(QStringLiteral("b"))->steps, std::int64_t{900});
        QVERIFY(!again.find(QStringLiteral("b"))->isTrial);
        QVERIFY(!again.find(QStringLiteral("c")));
        QCOMPARE(again.toVariant(), rates.toVariant());
    }

    void theCurveSaysHowFarATrainingIs_data() {
        QTest::addColumn<QByteArray>("curve");
        QTest::addColumn<int>("steps");
        const char* head = "step,train_loss,val_loss,tokens,training_flops,seconds\n";
        QTest::newRow("none") << QByteArray() << 0;
        QTest::newRow("head alone") << QByteArray(head) << 0;
        QTest::newRow("two evaluations")
            << head + QByteArray("100,3,3.1,1,1,1\n250,2,2.1,2,2,2\n") << 250;
        QTest::newRow("nonsense") << QByteArray("\n\n,,\n-7,\n") << 0;
    }

    void theCurveSaysHowFarATrainingIs() {
        QFETCH(QByteArray, curve);
        QFETCH(int, steps);
        const QTemporaryDir folder;
        if (!curve.isEmpty()) {
            QFile file(folder.filePath(QStringLiteral("metrics.csv")));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(curve);
        }
        QCOMPARE(lab::stepsTrained(folder.path()), std::int64_t{steps});
    }

    /// The engine is asked for a training of the same recipe; it is stopped once enough is known.
    void aTrialTimesSomeSteps() {
        LabFixture fixture;
        lab::TrainingTrial trial(fixture.lab);
        QSignalSpy measured(&trial, &lab::TrainingTrial::measured);
        QSignalSpy failed(&trial, &lab::TrainingTrial::failed);
        trial.start(requestOf("tiny-mor-expert", {{"batch", "4"}, {"evaluate_every", "5"}}));
        QVERIFY(trial.isRunning());
        const auto [job, request] = fixture.fake->requests.back();
        const auto& train = std::get<runtime::TrainRequest>(request);
        QCOMPARE(train.preset, std::string("tiny-mor-expert"));
        QCOMPARE(train.recipe.front(), (settings::RecipeChange{"batch", "4"}));
        QVERIFY(!train.resume);
        QVERIFY(QFile::exists(QString::fromStdString(train.textFile)));
        const auto tell = [&, id = job](int done, double perStep) {
            const double fraction = done / static_cast<double>(train.steps);
            fixture.fake->tell(
                runtime::JobProgress{id, fraction, perStep * (train.steps - done), "step"});
            fixture.settle();
        };
        fixture.fake->tell(runtime::JobProgress{job, 0.5, -1, "reading the training text"});
        tell(0, 0.4);
        tell(2, 1.5); // too few
        tell(4, 0.1); // too short
        QCOMPARE(measured.count(), 0);
        tell(6, 0.4);
        QCOMPARE(measured.count(), 1);
        const auto rate = measured[0][0].value<TrainingRate>();
        QVERIFY(std::abs(rate.secondsPerStep - 0.4) < 1e-6);
        QCOMPARE(rate.steps, std::int64_t{6});
        QVERIFY(rate.isTrial);
        QCOMPARE(fixture.fake->stopped, std::vector<runtime::JobId>{job});
        QCOMPARE(failed.count(), 0); // being stopped is no failure
        QVERIFY(!trial.isRunning());
        QVERIFY(!QFile::exists(QString::fromStdString(train.textFile))); // nothing is left behind
    }

    void aLongStepIsEnough() {
        LabFixture fixture;
        lab::TrainingTrial trial(fixture.lab);
        QSignalSpy measured(&trial, &lab::TrainingTrial::measured);
        trial.start(requestOf("tiny-mor-expert"));
        const auto [job, request] = fixture.fake->requests.back();
        const int steps = std::get<runtime::TrainRequest>(request).steps;
        fixture.fake->tell(runtime::JobProgress{job, 1.0 / steps, 25.0 * (steps - 1), "step"});
        fixture.settle();
        QCOMPARE(measured.count(), 1);
    }

    void aRefusalIsTold() {
        LabFixture fixture;
        lab::TrainingTrial trial(fixture.lab);
        QSignalSpy failed(&trial, &lab::TrainingTrial::failed);
        trial.start(requestOf("demo-more-dit"));
        const auto [job, request] = fixture.fake->requests.back();
        QVERIFY(std::get<runtime::TrainRequest>(request).textFile.empty()); // it learns clips
        fixture.fake->tell(runtime::JobEnded{
            job, false, Error(ErrorCode::OutOfMemory, "needs 90 GiB", "Choose a smaller preset.")});
        fixture.settle();
        QCOMPARE(failed.count(), 1);
        QCOMPARE(failed[0][0].toString(), QStringLiteral("needs 90 GiB. Choose a smaller preset."));
        QVERIFY(!trial.isRunning());
    }
};

QTEST_MAIN(TestTrainingEstimate)
#include "tst_training_estimate.moc"
