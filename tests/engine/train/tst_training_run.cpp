// SPDX-License-Identifier: MIT
// Trainer and run with an objective that is no model at all: what they owe to any objective.
#include "engine/base/error.h"
#include "engine/train/training_run.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace depthscope;

namespace {

/// The mean of a few drawn targets, by least squares: weights [3].
class Quadratic final : public train::Objective {
public:
    explicit Quadratic(std::string name = "quadratic")
        : m_name(std::move(name)) {
        m_slow.set_requires_grad(true);
        m_fast.set_requires_grad(true);
    }

    [[nodiscard]] std::vector<train::Weight> weights() override {
        return {{"fast", m_fast, 10.0}, {"slow", m_slow, 1.0}, {"still", m_still, 0.0}};
    }

    [[nodiscard]] train::Loss loss(const train::MicroBatch& batch) override {
        requested.push_back(batch.index);
        at::Tensor target = at::empty({kRows, 1});
        const auto rows = train::drawRows(train::batchKey(1, batch.index), 64, kRows, batch.share);
        for (std::int64_t row = 0; row < kRows; ++row) {
            target[row][0] = static_cast<double>(rows[static_cast<std::size_t>(row)]) / 64.0;
        }
        if (batch.index == broken) {
            target.fill_(std::nan(""));
        }
        const at::Tensor value = (m_slow - target).square().mean();
        return {(value + m_fast.square().sum()) / static_cast<double>(batch.parts), value, 8.0};
    }

    void stepped(std::int64_t microBatches) override {
        done = microBatches;
        m_still.add_(1.0);
    }

    [[nodiscard]] std::int64_t tokens() const override { return kRows; }

    [[nodiscard]] std::vector<train::Metric> evaluate() override {
        return {{"val_loss", (m_slow - 0.5).square().mean().item<double>(), "square"},
                {"largest", m_slow.abs().max().item<double>(), ""},
                {"part[1]", m_slow[0].item<double>(), ""},
                {"part[2]", m_slow[1].item<double>(), ""}};
    }

    [[nodiscard]] std::vector<train::Trait> traits() const override {
        return {{"preset", m_name}, {"recipe.new", "1", false}};
    }

    [[nodiscard]] std::vector<at::Tensor> values() const {
        return {m_slow.detach().clone(), m_fast.detach().clone(), m_still.clone()};
    }

    std::vector<std::int64_t> requested; ///< indices of the micro-batches
    std::int64_t done = 0;               ///< as `stepped` was told
    std::int64_t broken = -1;            ///< micro-batch whose loss is not finite

private:
    static constexpr std::int64_t kRows = 4;
    std::string m_name;
    at::Tensor m_slow = at::full({3}, 2.0);
    at::Tensor m_fast = at::full({3}, 2.0);
    at::Tensor m_still = at::zeros({1});
};

train::TrainerSettings plan() {
    train::TrainerSettings settings;
    settings.steps = 12;
    settings.accumulate = 2;
    settings.evaluateEvery = 5;
    settings.schedule = {spec::RateShape::Constant, 0.01, 0, 0};
    settings.adam.weightDecay = 0;
    return settings;
}

bool same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const at::Tensor& x, const at::Tensor& y) { return at::equal(x, y); });
}

/// What a job does: to the end, or to a number of micro-batches.
void go(train::TrainingRun& run, int microBatches = 1000) {
    for (int i = 0; i < microBatches && !run.isDone(); ++i) {
        run.advance();
        if (run.isEvaluationDue()) {
            static_cast<void>(run.evaluate());
            run.save();
        }
    }
}

} // namespace

class TestTrainingRun : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Adam's first step is the rate in size: ten times as much where the objective says so, and
    /// nothing where it says 0.
    void ratesOfWeights() {
        Quadratic objective;
        train::Trainer trainer(plan(), objective);
        trainer.step();
        const auto values = objective.values();
        QVERIFY(std::abs(values[0][0].item<double>() - 1.99) < 1e-5);
        QVERIFY(std::abs(values[1][0].item<double>() - 1.90) < 1e-5);
        QCOMPARE(values[2][0].item<double>(), 1.0); // its own hook's
        QCOMPARE(objective.requested, (std::vector<std::int64_t>{0, 1}));
        QCOMPARE(objective.done, std::int64_t{2});
    }

    void stepsThatAreNotWholeAreForgotten() {
        Quadratic straight, dropped;
        train::Trainer first(plan(), straight), second(plan(), dropped);
        QVERIFY(!second.advance());
        QVERIFY(!second.isBetweenSteps());
        second.dropStep();
        QVERIFY(second.isBetweenSteps());
        first.step();
        second.step();
        QVERIFY(same(straight.values(), dropped.values()));
        QCOMPARE(second.evaluate().flops, 16.0);
    }

    /// Stopped in the middle of a step, long after the last evaluation.
    void resumesBitForBit() {
        const QTemporaryDir folder;
        const auto fileOf = [&folder](const char* name) {
            train::RunSettings settings;
            settings.checkpoint = folder.filePath(name).toStdString();
            settings.circumstances = {{"threads", name[0] == 'a' ? "1" : "2"}};
            return settings;
        };
        Quadratic whole, begun, rest;
        train::TrainingRun straight(plan(), whole, fileOf("b"));
        go(straight);
        {
            train::TrainingRun stopped(plan(), begun, fileOf("a"));
            go(stopped, 17);
            QCOMPARE(stopped.stepsDone(), std::int64_t{8});
            QVERIFY(stopped.saveRest());
        }
        train::RunSettings settings = fileOf("b");
        settings.checkpoint = folder.filePath("a").toStdString();
        train::TrainingRun resumed(plan(), rest, settings);
        resumed.resume();
        QCOMPARE(resumed.stepsDone(), std::int64_t{8});
        QCOMPARE(resumed.differences(), (std::vector<std::string>{"threads was 1, is 2"}));
        go(resumed);
        QCOMPARE(rest.requested.front(), std::int64_t{16});
        QVERIFY(same(whole.values(), rest.values()));
        QCOMPARE(resumed.curve().size(), std::size_t{3}); // steps 5, 10 and 12
        for (std::size_t i = 0; i < 3; ++i) {
            const train::Evaluation &was = straight.curve()[i], &is = resumed.curve()[i];
            QCOMPARE(is.step, was.step);
            QCOMPARE(is.trainLoss, was.trainLoss);
            QCOMPARE(is.metric("val_loss"), was.metric("val_loss"));
            QCOMPARE(is.metric("largest"), was.metric("largest"));
            QCOMPARE(is.series("part"), was.series("part"));
        }
        QVERIFY(resumed.isBest()); // each step comes nearer
    }

    /// A run that ends by time ends between two steps, and its time goes on when it is resumed.
    void endsByTime() {
        const QTemporaryDir folder;
        train::RunSettings settings;
        settings.checkpoint = folder.filePath("c").toStdString();
        settings.clock = train::RunClock::Processor;
        settings.seconds = 1e-9;
        Quadratic objective, later;
        train::TrainingRun run(plan(), objective, settings);
        go(run);
        QCOMPARE(run.stepsDone(), std::int64_t{1});
        QCOMPARE(run.curve().size(), std::size_t{1});
        train::TrainingRun again(plan(), later, settings);
        again.resume();
        QVERIFY(again.isDone() && again.seconds() > 0);
    }

    /// What is in memory after a step that failed is not worth keeping.
    void failedStepsAreNotSaved() {
        const QTemporaryDir folder;
        train::RunSettings settings;
        settings.checkpoint = folder.filePath("c").toStdString();
        Quadratic objective;
        objective.broken = 5;
        train::TrainingRun run(plan(), objective, settings);
        try {
            go(run);
            QFAIL("went on");
        } catch (const Error& error) {
            QVERIFY2(error.message().find("step 3") != std::string::npos, error.what());
        }
        QVERIFY(run.saveRest());
        QVERIFY(!std::filesystem::exists(settings.checkpoint));
    }

    /// What a checkpoint says of itself must be what the objective says, where it says anything.
    void traitsMustMatch() {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("c").toStdString();
        Quadratic objective, other("other");
        train::Trainer trainer(plan(), objective), stranger(plan(), other);
        trainer.saveCheckpoint(file, {});
        static_cast<void>(trainer.restore(file));
        try {
            static_cast<void>(stranger.restore(file));
            QFAIL("another objective's checkpoint was taken");
        } catch (const Error& error) {
            QVERIFY(error.message().find("preset is \"quadratic\"") != std::string::npos);
        }
    }

    /// Metrics that no table knows are written under their own names.
    void metricsOfAnyObjective() {
        Quadratic objective;
        train::Trainer trainer(plan(), objective);
        trainer.step();
        const train::Evaluation point = trainer.evaluate();
        const std::string csv = train::curveCsv({point});
        QVERIFY2(csv.starts_with("step,train_loss,val_loss,tokens,training_flops,seconds,largest,"
                                 "part\n1,"),
                 csv.c_str());
        QVERIFY(csv.find(",8,16,0,1.99") != std::string::npos);
        QCOMPARE(train::eventTag("part[2]"), std::string("part_2"));
        QCOMPARE(train::eventTag("load[2]"), std::string("routing/load_2"));
        QCOMPARE(train::eventTag("val_loss"), std::string("loss/validation"));
    }
};

QTEST_APPLESS_MAIN(TestTrainingRun)
#include "tst_training_run.moc"
