// SPDX-License-Identifier: MIT
// The trainer: it learns, a resumed run goes on bit for bit, gradients of shared weights add up,
// schedules.
#include "engine/train/trainer.h"
#include "tests/engine/model_fixture.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace depthscope;

namespace {

data::Corpus cyclicCorpus(std::int32_t vocabulary) {
    data::Corpus corpus;
    for (int i = 0; i < 4000; ++i) {
        corpus.train.ids.push_back(i % 7 * 5 % vocabulary);
    }
    corpus.validation.ids.assign(corpus.train.ids.begin(), corpus.train.ids.begin() + 500);
    corpus.validationBytesPerToken = 1;
    return corpus;
}

train::Preset tinyPreset(const std::string& name) {
    train::Preset preset = train::findPreset(name);
    preset.steps = 60;
    return preset;
}

bool sameWeights(train::Trainer& a, train::Trainer& b) {
    const auto first = models::distinctWeights(a.preset().model, a.model().weights());
    const auto second = models::distinctWeights(b.preset().model, b.model().weights());
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (!at::equal(first[i].tensor, second[i].tensor)) {
            return false;
        }
    }
    return first.size() == second.size();
}

} // namespace

class TestTrainer : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void learns_data() {
        QTest::addColumn<QString>("preset");
        for (const char* preset : {"tiny-vanilla", "tiny-mor-expert", "tiny-mor-token"}) {
            QTest::newRow(preset) << QString(preset);
        }
    }

    void learns() {
        QFETCH(QString, preset);
        const data::Corpus corpus = cyclicCorpus(300);
        train::Trainer trainer(tinyPreset(preset.toStdString()), corpus);
        const double before = trainer.evaluate().valLoss;
        for (int i = 0; i < 60; ++i) {
            trainer.step();
        }
        const double after = trainer.evaluate().valLoss;
        QVERIFY2(before > 5.0 && after < 1.0,
                 qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    }

    void resumesBitForBit() {
        const data::Corpus corpus = cyclicCorpus(300);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("checkpoint.safetensors").toStdString();
        train::Trainer straight(tinyPreset("tiny-mor-expert"), corpus);
        train::Trainer broken(tinyPreset("tiny-mor-expert"), corpus);
        for (int i = 0; i < 4; ++i) {
            straight.step();
            broken.step();
        }
        broken.saveCheckpoint(file, {{"seconds", "1"}});
        train::Trainer resumed(tinyPreset("tiny-mor-expert"), corpus);
        QCOMPARE(resumed.restore(file).at("seconds"), std::string("1"));
        QCOMPARE(resumed.stepsDone(), std::int64_t{4});
        for (int i = 0; i < 4; ++i) {
            straight.step();
            resumed.step();
        }
        QVERIFY(sameWeights(straight, resumed));
        train::Trainer other(tinyPreset("tiny-mor-token"), corpus);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(other.restore(file)), Error);
    }

    /// routing.md 8.29: the gradient of a shared weight is the sum over recursions, against finite
    /// differences.
    void sharedGradient() {
        const auto model = tests::randomModel(tests::smallMor(models::RouterType::Expert), 3, true);
        const at::Tensor ids = tests::idsTensor(tests::someIds(8, model.config().vocabulary));
        settings::RoutingSettings asked;
        asked.rule = settings::Rule::Fixed;
        const auto loss = [&] {
            models::Pass pass;
            pass.ids = ids;
            pass.routing = models::resolveRouting(model.config(), asked, models::RoutingUse::Pass);
            pass.trace = false;
            model.run(pass);
            return pass.logits.square().mean();
        };
        at::Tensor weight = model.weights().block[0][0].down;
        weight.set_requires_grad(true);
        loss().backward();
        const double analytic = weight.grad()[1][2].item<double>();
        weight.set_requires_grad(false);
        constexpr double kStep = 1e-6;
        weight[1][2] += kStep;
        const double up = loss().item<double>();
        weight[1][2] -= 2 * kStep;
        const double down = loss().item<double>();
        QVERIFY(std::abs(analytic - (up - down) / (2 * kStep)) <
                1e-6 * std::max(1.0, std::abs(analytic)));
    }

    void schedule() {
        const train::Schedule plan{1.0, 10, 0.2};
        QCOMPARE(train::rateAt(plan, 0, 100), 0.1);
        QCOMPARE(train::rateAt(plan, 9, 100), 1.0);
        QCOMPARE(train::rateAt(plan, 50, 100), 1.0);
        QVERIFY(std::abs(train::rateAt(plan, 89, 100) - 0.5) < 1e-12);
        QCOMPARE(train::rateAt(plan, 99, 100), 0.0);
    }

    void demoSizes() {
        const auto count = [](const char* name) {
            const train::Preset& preset = train::findPreset(name);
            models::Weights weights = models::randomWeights(preset.model, 1);
            std::int64_t sum = 0;
            for (const trace::ParameterPart& part :
                 models::countParameters(preset.model, weights)) {
                sum += part.count;
            }
            return sum;
        };
        // V·D + L·(2D + 2·D·H·E + 2·D·G·E + 3·D·F) + D, routers R·D (routing.md 2.2).
        constexpr std::int64_t kLayer = 2 * 192 + 2 * 192 * 192 + 2 * 192 * 64 + 3 * 192 * 512;
        QCOMPARE(count("demo-vanilla"), 1024 * 192 + 8 * kLayer + 192);
        QCOMPARE(count("demo-mor-expert"), 1024 * 192 + 4 * kLayer + 192 + 3 * 192);
        QCOMPARE(count("demo-mor-token"), 1024 * 192 + 4 * kLayer + 192 + 3 * 192);
    }
};

QTEST_APPLESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
