// SPDX-License-Identifier: MIT
// What looped models learn: the two losses against plain loops, that the gate learns alone at the
// end, and that it learns whether another recursion helps.
#include "engine/train/looped_loss.h"
#include "tests/engine/language_training.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <map>

using namespace depthscope;

namespace {

/// What comes next is settled by the token before: a cycle of seven.
data::Corpus cyclicCorpus() {
    data::Corpus corpus;
    for (int i = 0; i < 4000; ++i) {
        corpus.train.ids.push_back(i % 7 * 5);
    }
    corpus.validation.ids.assign(corpus.train.ids.begin(), corpus.train.ids.begin() + 500);
    return corpus;
}

spec::Preset tinyPreset(std::int64_t steps) {
    spec::Preset preset = spec::findPreset("tiny-looped");
    preset.steps = steps;
    return preset;
}

std::map<std::string, at::Tensor> weightsOf(tests::LanguageTraining& training) {
    std::map<std::string, at::Tensor> copies;
    for (const models::DistinctWeight& weight :
         models::distinctWeights(training.preset().model, training.model().weights())) {
        copies[weight.key] = weight.tensor.detach().clone();
    }
    return copies;
}

bool isOfGate(const std::string& key) {
    return key.find("early_exit_gate") != std::string::npos;
}

const at::Tensor& someLosses() {
    static const at::Tensor losses =
        at::tensor({3.0, 2.0, 1.9, 1.0, 1.2, 1.2}, at::kDouble).view({2, 3});
    return losses;
}

} // namespace

class TestLoopedObjective : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void expectedLossByLoops() {
        const at::Tensor exits =
            at::tensor({0.2, 0.3, 0.5, 0.7, 0.3, 0.0}, at::kDouble).view({2, 3});
        double sum = 0;
        for (int n = 0; n < 2; ++n) {
            for (int t = 0; t < 3; ++t) {
                const double p = exits[n][t].item<double>();
                const double l = someLosses()[n][t].item<double>();
                sum += p * l + (p > 0 ? 0.1 * p * std::log(p) : 0);
            }
        }
        const double made = train::expectedLoss(someLosses(), exits, 0.1).item<double>();
        QVERIFY(std::abs(made - sum / 2) < 1e-6);
        const at::Tensor depth = train::expectedDepth(exits);
        QVERIFY(std::abs(depth[0].item<double>() - 2.3) < 1e-12);
        QVERIFY(std::abs(depth[1].item<double>() - 1.3) < 1e-12);
    }

    void gateLossByLoops() {
        const at::Tensor gates = at::tensor({-1.0, 0.5, 2.0, 0.0}, at::kDouble).view({2, 2});
        double sum = 0;
        for (int n = 0; n < 2; ++n) {
            for (int t = 0; t < 2; ++t) {
                const double gain = std::max(0.0, someLosses()[n][t].item<double>() -
                                                      someLosses()[n][t + 1].item<double>());
                const double goesOn = 1 / (1 + std::exp(-50 * (gain - 0.005)));
                const double leaves = 1 / (1 + std::exp(-gates[n][t].item<double>()));
                sum -= goesOn * std::log(1 - leaves) + (1 - goesOn) * std::log(leaves);
            }
        }
        const double made = train::gateLoss(someLosses(), gates).item<double>();
        QVERIFY(std::abs(made - sum / 4) < 1e-9);
    }

    /// In the last fifth of the steps the gate moves and nothing else, bit for bit.
    void theGateLearnsAloneAtTheEnd() {
        const data::Corpus corpus = cyclicCorpus();
        tests::LanguageTraining training(tinyPreset(10), corpus);
        for (int i = 0; i < 8; ++i) {
            training.step();
        }
        const auto before = weightsOf(training);
        training.step();
        training.step();
        int moved = 0;
        for (const auto& [key, weight] : weightsOf(training)) {
            const bool isSame = at::equal(weight, before.at(key));
            QVERIFY2(isSame != isOfGate(key), key.c_str());
            moved += isSame ? 0 : 1;
        }
        QCOMPARE(moved, 2); // weight and bias
    }

    /// The cycle is as easy after one recursion as after two, once it is learned: nothing is worth
    /// a second one.
    void learnsWhenAnotherRecursionIsOfNoUse() {
        const data::Corpus corpus = cyclicCorpus();
        tests::LanguageTraining training(tinyPreset(160), corpus);
        const train::Evaluation before = training.evaluate();
        QCOMPARE(before.series("exit_loss").size(), std::size_t{2});
        // Equal but for the order of an fp32 sum.
        QVERIFY(std::abs(before.series("exit_loss").back() - before.metric("val_loss")) < 1e-5);
        QVERIFY(before.metric("val_loss") > 5.0);
        for (int i = 0; i < 160; ++i) {
            training.step();
        }
        const train::Evaluation after = training.evaluate();
        const QString said = QString("val_loss %1, expected_depth %2 -> %3")
                                 .arg(after.metric("val_loss"))
                                 .arg(before.metric("expected_depth"))
                                 .arg(after.metric("expected_depth"));
        QVERIFY2(after.metric("val_loss") < 1.0, qPrintable(said));
        QVERIFY2(after.metric("expected_depth") < before.metric("expected_depth"),
                 qPrintable(said));
    }
};

QTEST_APPLESS_MAIN(TestLoopedObjective)
#include "tst_looped_objective.moc"
