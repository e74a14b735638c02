// SPDX-License-Identifier: MIT
// The trainer: it learns, a resumed run goes on bit for bit, gradients of shared weights add up,
// schedules.
#include "engine/io/safetensors.h"
#include "tests/engine/language_training.h"
#include "tests/engine/model_fixture.h"

#include <c10/core/GradMode.h>

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
    return corpus;
}

spec::Preset tinyPreset(const std::string& name) {
    spec::Preset preset = spec::findPreset(name);
    preset.steps = 80;
    return preset;
}

bool sameWeights(tests::LanguageTraining& a, tests::LanguageTraining& b) {
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

    void recursionsThatNobodyReachesAreEmpty() {
        const data::Corpus corpus = cyclicCorpus(300);
        tests::LanguageTraining trainer(tinyPreset("tiny-mor-token"), corpus);
        {
            const c10::NoGradGuard noGrad;
            trainer.model().weights().routers[0][0].zero_(); // equal scores: the first depth
        }
        const train::Evaluation none = trainer.evaluate();
        QCOMPARE(none.series("load"), (std::vector<double>{1, 0, 0}));
        QCOMPARE(none.metric("mean_depth"), 1.0);
    }

    void learns_data() {
        QTest::addColumn<QString>("preset");
        for (const char* preset :
             {"tiny-vanilla", "tiny-mor-expert", "tiny-mor-token", "tiny-more"}) {
            QTest::newRow(preset) << QString(preset);
        }
    }

    void learns() {
        QFETCH(QString, preset);
        const data::Corpus corpus = cyclicCorpus(300);
        tests::LanguageTraining trainer(tinyPreset(preset.toStdString()), corpus);
        const double before = trainer.evaluate().metric("val_loss");
        for (int i = 0; i < 80; ++i) {
            trainer.step();
        }
        const double after = trainer.evaluate().metric("val_loss");
        QVERIFY2(before > 5.0 && after < 1.0,
                 qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    }

    void resumesBitForBit() {
        const data::Corpus corpus = cyclicCorpus(300);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("checkpoint.safetensors").toStdString();
        tests::LanguageTraining straight(tinyPreset("tiny-mor-expert"), corpus);
        tests::LanguageTraining broken(tinyPreset("tiny-mor-expert"), corpus);
        for (int i = 0; i < 4; ++i) {
            straight.step();
            broken.step();
        }
        broken.saveCheckpoint(file, {{"seconds", "1"}});
        tests::LanguageTraining resumed(tinyPreset("tiny-mor-expert"), corpus);
        QCOMPARE(resumed.restore(file).at("seconds"), std::string("1"));
        QCOMPARE(resumed.stepsDone(), std::int64_t{4});
        for (int i = 0; i < 4; ++i) {
            straight.step();
            resumed.step();
        }
        QVERIFY(sameWeights(straight, resumed));
        tests::LanguageTraining other(tinyPreset("tiny-mor-token"), corpus);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(other.restore(file)), Error);
    }

    /// docs/routing.md 8: 29: the gradient of a shared weight is the sum over recursions, against
    /// finite differences.
    void sharedGradient() {
        const auto model = tests::randomModel(tests::smallMor(spec::RouterType::Expert), 3, true);
        const at::Tensor ids = tests::idsTensor(tests::someIds(8, model.config().vocabulary));
        settings::RoutingSettings requested;
        requested.rule = settings::Rule::Fixed;
        const auto loss = [&] {
            models::Pass pass;
            pass.ids = ids;
            pass.routing = spec::resolveRouting(model.config(), requested, spec::RoutingUse::Pass);
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
        const spec::Schedule plan{spec::RateShape::Decay, 1.0, 10, 0.2};
        QCOMPARE(spec::rateAt(plan, 0, 100), 0.1);
        QCOMPARE(spec::rateAt(plan, 9, 100), 1.0);
        QCOMPARE(spec::rateAt(plan, 50, 100), 1.0);
        QVERIFY(std::abs(spec::rateAt(plan, 89, 100) - 0.5) < 1e-12);
        QCOMPARE(spec::rateAt(plan, 99, 100), 0.0);
        const spec::Schedule cosine{spec::RateShape::Cosine, 1.0, 10, 0};
        QCOMPARE(spec::rateAt(cosine, 9, 100), 1.0);
        QVERIFY(std::abs(spec::rateAt(cosine, 54, 100) - 0.5) < 1e-12);
        QVERIFY(spec::rateAt(cosine, 99, 100) < 1e-12);
        const spec::Schedule constant{spec::RateShape::Constant, 1.0, 0, 0.2};
        QCOMPARE(spec::rateAt(constant, 0, 100), 1.0);
        QCOMPARE(spec::rateAt(constant, 99, 100), 1.0);
    }

    /// Micro-batches of one sequence add up to the batch of all of them: linear losses alone do, so
    /// this is the vanilla model. Other orders of summation: fp32 rounding.
    void accumulationIsABatch() {
        const data::Corpus corpus = cyclicCorpus(300);
        spec::Preset whole = tinyPreset("tiny-vanilla");
        whole.batch = 1;
        whole.accumulate = 3;
        tests::LanguageTraining trainer(whole, corpus);
        trainer.step();
        QCOMPARE(trainer.tokensPerStep(), 3 * whole.sequence);
        QCOMPARE(trainer.evaluate().tokens, 3 * whole.sequence);
    }

    /// docs/routing.md 8: 23: each bias moves by exactly u against its load, or stays.
    void lossFreeBalancing() {
        const data::Corpus corpus = cyclicCorpus(300);
        spec::Preset preset = tinyPreset("tiny-mor-token");
        preset.model.mor.balancing = spec::Balancing::LossFree;
        tests::LanguageTraining trainer(preset, corpus);
        trainer.step();
        const at::Tensor bias = trainer.model().weights().routerBias.clone();
        for (int r = 0; r < 3; ++r) {
            const double size = std::abs(bias[r].item<double>());
            QVERIFY(size == 0.0 || std::abs(size - 0.001) < 1e-9);
        }
        QVERIFY(bias.abs().max().item<double>() > 0);
        QVERIFY(bias.min().item<double>() < 0); // somebody is above the mean load
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("c.safetensors").toStdString();
        trainer.saveCheckpoint(file, {});
        tests::LanguageTraining resumed(preset, corpus);
        static_cast<void>(resumed.restore(file));
        QVERIFY(at::equal(resumed.model().weights().routerBias, bias));
    }

    /// A single number would fill every element.
    void anAverageOfAnotherShapeIsRefused() {
        const data::Corpus corpus = cyclicCorpus(300);
        spec::Preset preset = tinyPreset("tiny-mor-expert");
        preset.average = 0.9;
        tests::LanguageTraining trainer(preset, corpus);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("c.safetensors").toStdString();
        trainer.saveCheckpoint(file, {});
        io::SafetensorsReader reader(file);
        std::vector<io::NamedTensor> tensors;
        for (const auto& [name, entry] : reader.entries()) {
            tensors.push_back({name, name == "average.0" ? at::zeros({1}) : reader.read(name)});
        }
        io::writeSafetensors(file, tensors, reader.metadata());
        try {
            static_cast<void>(trainer.restore(file));
            QFAIL("restored");
        } catch (const Error& error) {
            QVERIFY(QString::fromStdString(error.message()).contains("average.0"));
        }
    }

    /// During the balance warm-up everyone goes to the last recursion and the bias stays 0.
    void balanceWarmup() {
        const data::Corpus corpus = cyclicCorpus(300);
        spec::Preset preset = tinyPreset("tiny-mor-token");
        preset.model.mor.balancing = spec::Balancing::LossFree;
        preset.model.mor.balanceWarmup = 1;
        tests::LanguageTraining trainer(preset, corpus);
        trainer.step();
        QCOMPARE(trainer.model().weights().routerBias.abs().max().item<double>(), 0.0);
        trainer.step();
        QVERIFY(trainer.model().weights().routerBias.abs().max().item<double>() > 0);
    }

    void variants_data() {
        QTest::addColumn<QString>("what");
        for (const char* what : {"aux router", "capacity warm-up", "random router", "shared KV",
                                 "average", "autocast", "auxiliary unscaled"}) {
            QTest::newRow(what) << QString(what);
        }
    }

    /// Every option trains to a smaller loss and resumes bit for bit.
    void variants() {
        QFETCH(QString, what);
        const data::Corpus corpus = cyclicCorpus(300);
        spec::Preset preset = tinyPreset("tiny-mor-expert");
        spec::MorSpec& mor = preset.model.mor;
        mor.scoreTraining =
            what == "aux router" ? spec::ScoreTraining::AuxRouter : mor.scoreTraining;
        mor.capacityWarmup = what == "capacity warm-up" ? 10 : 0;
        mor.randomRouter = what == "random router";
        preset.model.kv =
            what == "shared KV" ? settings::KvPolicy::Share : settings::KvPolicy::Recursion;
        preset.average = what == "average" ? 0.9 : 0;
        preset.autocast = what == "autocast";
        preset.auxiliaryUnscaled = what == "auxiliary unscaled";
        preset.accumulate = 2;
        preset.batch = 2;
        tests::LanguageTraining trainer(preset, corpus);
        const double before = trainer.evaluate().metric("val_loss");
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("c.safetensors").toStdString();
        for (int i = 0; i < 20; ++i) {
            if (i == 15) {
                trainer.saveCheckpoint(file, {});
            }
            trainer.step();
        }
        tests::LanguageTraining resumed(preset, corpus);
        static_cast<void>(resumed.restore(file));
        for (int i = 15; i < 20; ++i) {
            resumed.step();
        }
        trainer.adoptAverage();
        resumed.adoptAverage();
        QVERIFY(sameWeights(trainer, resumed));
        const train::Evaluation after = trainer.evaluate();
        QVERIFY(after.metric("val_loss") < before - 0.5);
        QCOMPARE(after.flops, resumed.evaluate().flops);
        QVERIFY(after.flops > 0 && after.metric("mean_depth") > 1.0 &&
                after.series("load").size() == 3);
    }

    /// A broken weight stops the training, names a tensor, and leaves the weights as they were.
    void notFiniteIsNamed() {
        const data::Corpus corpus = cyclicCorpus(300);
        tests::LanguageTraining trainer(tinyPreset("tiny-vanilla"), corpus);
        {
            const c10::NoGradGuard noGrad;
            trainer.model().weights().before[1].down[0][0] = std::nanf("");
        }
        const at::Tensor kept = trainer.model().weights().before[0].q.detach().clone();
        try {
            trainer.step();
            QFAIL("went on");
        } catch (const Error& error) {
            QVERIFY2(QString::fromStdString(error.message()).contains("model."), error.what());
            QVERIFY(QString::fromStdString(error.message()).contains("step 1"));
        }
        QVERIFY(at::equal(trainer.model().weights().before[0].q, kept));
    }

    void demoSizes() {
        const auto count = [](const char* name) {
            const spec::Preset& preset = spec::findPreset(name);
            models::Weights weights = models::randomWeights(preset.model, 1);
            std::int64_t sum = 0;
            for (const spec::ParameterPart& part : models::countParameters(preset.model, weights)) {
                sum += part.count;
            }
            return sum;
        };
        // V·D + L·(2D + 2·D·H·E + 2·D·G·E + 3·D·F) + D, routers R·D (docs/routing.md 2.2).
        constexpr std::int64_t kLayer = 2 * 192 + 2 * 192 * 192 + 2 * 192 * 64 + 3 * 192 * 512;
        QCOMPARE(count("demo-vanilla"), 1024 * 192 + 8 * kLayer + 192);
        QCOMPARE(count("demo-mor-expert"), 1024 * 192 + 4 * kLayer + 192 + 3 * 192);
        QCOMPARE(count("demo-mor-token"), 1024 * 192 + 4 * kLayer + 192 + 3 * 192);
    }
};

QTEST_APPLESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
